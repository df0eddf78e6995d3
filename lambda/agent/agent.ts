import type { Context } from "aws-lambda";
import { answerRequest, unconfigured, type AnswerPorts } from "./answer-request.ts";
import type { Duplicates } from "./duplicates.ts";
import { refusal, withFacts, type Ending, type Facts } from "./ending.ts";
import { resultOf, type AgentResult, type Answer } from "./http/answer.ts";
import { incomingOf, type Incoming } from "./http/incoming.ts";
import { heldBack } from "./held.ts";
import { modelBudgetMs } from "./model/deadline.ts";
import { AS_DEPLOYED, type RunTime } from "./parameters/run-time.ts";
import type { RunTimeCache } from "./parameters/run-time-cache.ts";
import type { Report } from "./report.ts";
import type { Settings } from "./settings.ts";
import { clientOf } from "./telemetry/client.ts";
import { lineOf, type Line } from "./telemetry/line.ts";
import type { Span, Trace } from "./telemetry/span.ts";
import { admit, type Admission } from "./token/admission.ts";
import type { TokenCache } from "./token/token-cache.ts";

/** What Lambda tells with an invocation, as far as the agent uses it. */
export type Invocation = Pick<Context, "awsRequestId" | "getRemainingTimeInMillis">;

/** How the agent tells of itself; none of it decides an answer. */
export interface Telemetry {
  readonly report: Report;
  readonly trace: Trace;
  /** Writes the line of a request; it may throw, the request does not notice. */
  readonly record: (line: Line) => void;
}

/** Everything the agent needs from outside. */
export interface AgentPorts extends AnswerPorts, Telemetry {
  readonly settings: Settings;
  readonly tokens: TokenCache;
  readonly runTime: RunTimeCache;
  readonly duplicates: Duplicates;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** The Lambda handler over its ports: whatever happens, one answer of the contract and one line. */
export function createAgent(
  ports: AgentPorts,
): (event: unknown, invocation: Invocation) => Promise<AgentResult> {
  let isColdStart = true;
  return async (event, invocation) => {
    const startMs = ports.elapsed();
    const wasColdStart = isColdStart;
    isColdStart = false;
    const incoming = incomingOf(event);
    const traced = ports.trace();
    const ended = await endingOf({ incoming, invocation, span: traced.span }, ports);
    const ending = withFacts(ended, incoming.isVerification ? { isVerification: true } : {});
    telling(ports, () => {
      const line = lineOf(ending, {
        requestId: invocation.awsRequestId,
        isColdStart: wasColdStart,
        latencyMs: ports.elapsed() - startMs,
        remainingMs: invocation.getRemainingTimeInMillis(),
        client: clientOf(incoming.sourceIp, ports.settings),
        settings: ports.settings,
        ...(traced.traceId === undefined ? {} : { traceId: traced.traceId }),
      });
      ports.record(line);
    });
    await traced.end();
    return resultOf(answerOf(ending), invocation.awsRequestId);
  };
}

/** The probe, whose token was accepted, also learns what the log has: it can then say why it failed. */
function answerOf({ answer, outcome, reason, facts }: Ending): Answer {
  if (facts.isProbe !== true) return answer;
  return { ...answer, outcome: reason === undefined ? outcome : `${outcome} ${reason}` };
}

/** Runs what only tells of a request; a fault in it is told as far as possible and goes no further. */
function telling({ report }: AgentPorts, tell: () => void): void {
  try {
    tell();
  } catch (cause) {
    report.bug(cause);
  }
}

/** One request on its way through the agent. */
interface Passing {
  readonly incoming: Incoming;
  readonly invocation: Invocation;
  readonly span: Span;
}

async function endingOf(passing: Passing, ports: AgentPorts): Promise<Ending> {
  try {
    return await respond(passing, ports);
  } catch (cause) {
    ports.report.bug(cause);
    return refusal("internal", "bug", { status: 500, error: "Failed to process request" });
  }
}

async function respond(passing: Passing, ports: AgentPorts): Promise<Ending> {
  const { incoming, span } = passing;
  if (incoming.method !== "POST" && incoming.method !== "GET")
    return refusal("invalid", "method", {
      status: 405,
      error: "Method not allowed",
      allow: "GET, POST",
    });
  const { timeZone } = ports.settings;
  // Beside the token and not after it: the first request of an environment waits for SSM once.
  const [admission, runTime] = await Promise.all([
    span("token", () => admit(incoming.token, ports.tokens, { nowMs: ports.now(), timeZone })),
    incoming.token === undefined ? AS_DEPLOYED : ports.runTime.get(),
  ]);
  if ("ending" in admission) return admission.ending;
  const settings = inForce(ports.settings, runTime);
  const facts: Facts = {
    ...tokenFacts(admission),
    ...runTimeFacts(settings, runTime),
    isProbe: incoming.isProbe,
  };
  if (incoming.method === "GET") return withFacts(health(incoming.path, settings), facts);
  const asked =
    (await heldBack(incoming, runTime, ports)) ?? (await ask(passing, { settings, runTime }, ports));
  return withFacts(asked, { ...facts, route: "ask" });
}

function tokenFacts({ age, currentAgeDays }: Extract<Admission, { readonly age: unknown }>): Facts {
  return { tokenAge: age, ...(currentAgeDays === undefined ? {} : { currentTokenDays: currentAgeDays }) };
}

function runTimeFacts({ model }: Settings, { refusals }: RunTime): Facts {
  return { parametersRejected: refusals.length, ...(model && { modelId: model.profileId }) };
}

/** What holds for one request. */
interface InForce {
  /** With the model that is chosen at run time. */
  readonly settings: Settings;
  readonly runTime: RunTime;
}

function inForce(settings: Settings, { model }: RunTime): Settings {
  return model === undefined ? settings : { ...settings, model };
}

async function ask(
  { incoming, invocation, span }: Passing,
  { settings, runTime }: InForce,
  ports: AgentPorts,
): Promise<Ending> {
  const nowMs = ports.now();
  const isDuplicate = ports.duplicates.isRepeated(incoming.token ?? "", incoming.body, nowMs);
  const asked = {
    body: incoming.body,
    isProbe: incoming.isProbe,
    nowMs,
    budgetMs: () => modelBudgetMs(invocation.getRemainingTimeInMillis(), runTime.timeoutMs),
    span,
  };
  return withFacts(await answerRequest(asked, settings, ports), { isDuplicate });
}

function health(path: string, settings: Settings): Ending {
  if (path !== "/")
    return refusal("invalid", "path", {
      status: 404,
      error: "Not found; GET / tells the agent's health, POST asks it",
    });
  const facts: Facts = { route: "health" };
  if (settings.model === undefined || settings.faults.length > 0) return withFacts(unconfigured(), facts);
  const { stage, version, model } = settings;
  const body = { status: "ok", stage, version, model: model.profileId };
  return { answer: { status: 200, body }, outcome: "ok", facts };
}
