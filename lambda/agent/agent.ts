import type { Context } from "aws-lambda";
import { type Admission, admitCaller, admittedWithin, spendLimitOutcome } from "./admission.ts";
import { type AnswerPorts, answerRequest, misconfiguredOutcome } from "./answer-request.ts";
import { clientHash, type Duplicates } from "./fingerprint.ts";
import {
  type AgentResult,
  functionUrlResult,
  type HttpRequest,
  type HttpResponse,
  readFunctionUrlEvent,
} from "./function-url.ts";
import { modelTimeBudgetMs } from "./model.ts";
import type { ProbeLimit } from "./probe-form.ts";
import type { Report } from "./report.ts";
import { type RequestLine, requestLineOf } from "./request-line.ts";
import { errorOutcome, type RequestFacts, type RequestOutcome, withFacts } from "./request-outcome.ts";
import { AS_DEPLOYED, type RuntimeParameters, type RuntimeParametersCache } from "./runtime-parameters.ts";
import type { AgentSettings } from "./settings.ts";
import type { TokenCache } from "./token.ts";
import type { Span, Trace } from "./trace.ts";

/** What Lambda passes with an invocation, as far as the agent uses it. */
export type Invocation = Pick<Context, "awsRequestId" | "getRemainingTimeInMillis">;

/** How the agent reports on itself; none of it decides an answer. */
export interface Telemetry {
  readonly report: Report;
  readonly trace: Trace;
  /** Writes the line of a request; it may throw, the request does not notice. */
  readonly record: (line: RequestLine) => void;
}

/** Everything the agent needs from outside. */
export interface AgentPorts extends AnswerPorts, Telemetry {
  readonly settings: AgentSettings;
  readonly tokens: TokenCache;
  readonly runTime: RuntimeParametersCache;
  readonly duplicates: Duplicates;
  readonly probeLimit: ProbeLimit;
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
    ports.report.begin(invocation.awsRequestId);
    const incoming = readFunctionUrlEvent(event);
    const traced = ports.trace();
    const ended = await outcomeOf({ incoming, invocation, span: traced.span }, ports);
    const ending = withFacts(ended, incoming.isVerification ? { isVerification: true } : {});
    recordSafely(ports, () => {
      const line = requestLineOf(ending, {
        requestId: invocation.awsRequestId,
        isColdStart: wasColdStart,
        durationMs: ports.elapsed() - startMs,
        remainingMs: invocation.getRemainingTimeInMillis(),
        client: clientHash(incoming.sourceIp, ports.settings),
        settings: ports.settings,
        ...(traced.traceId === undefined ? {} : { traceId: traced.traceId }),
      });
      ports.record(line);
    });
    await traced.end();
    return functionUrlResult(responseOf(ending), invocation.awsRequestId);
  };
}

/** The probe, whose token was accepted, also learns what the log has: it can then say why it failed. */
function responseOf({ answer, outcome, reason, facts }: RequestOutcome): HttpResponse {
  if (facts.isProbe !== true) return answer;
  const { probeForm, mode } = facts;
  return {
    ...answer,
    outcome: reason === undefined ? outcome : `${outcome} ${reason}`,
    ...(probeForm === "reply" && mode !== undefined ? { probeMode: mode } : {}),
  };
}

/** Runs what only reports on a request; a fault in it is logged as far as possible and goes no further. */
function recordSafely({ report }: AgentPorts, record: () => void): void {
  try {
    record();
  } catch (cause) {
    report.bug(cause);
  }
}

/** One request on its way through the agent. */
interface RequestInProgress {
  readonly incoming: HttpRequest;
  readonly invocation: Invocation;
  readonly span: Span;
}

async function outcomeOf(passing: RequestInProgress, ports: AgentPorts): Promise<RequestOutcome> {
  try {
    return await handleRequest(passing, ports);
  } catch (cause) {
    ports.report.bug(cause);
    return errorOutcome("internal", "bug", { status: 500, error: "Failed to process request" });
  }
}

async function handleRequest(passing: RequestInProgress, ports: AgentPorts): Promise<RequestOutcome> {
  const { incoming, span } = passing;
  if (incoming.method !== "POST" && incoming.method !== "GET")
    return errorOutcome("invalid", "method", {
      status: 405,
      error: "Method not allowed",
      allow: "GET, POST",
    });
  const { timeZone } = ports.settings;
  const budgetMs = (): number => modelTimeBudgetMs(passing.invocation.getRemainingTimeInMillis());
  // Beside the token and not after it: the first request of an environment waits for SSM once.
  const [admission, runTime] = await Promise.all([
    span("token", () => {
      const admitted = admitCaller(incoming.token, ports.tokens, { nowMs: ports.now(), timeZone });
      return admittedWithin(budgetMs(), admitted);
    }),
    incoming.token === undefined ? AS_DEPLOYED : ports.runTime.get(budgetMs()),
  ]);
  if ("ending" in admission) return admission.ending;
  return handleAdmitted(withinProbeLimit(passing, ports), { admission, runTime }, ports);
}

/** A request beyond what a probe needs loses its mark. */
function withinProbeLimit(passing: RequestInProgress, ports: AgentPorts): RequestInProgress {
  const { incoming } = passing;
  if (!incoming.isProbe || ports.probeLimit.take(ports.now())) return passing;
  ports.report.warn("too many requests of the probe: this one counts as a user's");
  return { ...passing, incoming: { ...incoming, isProbe: false } };
}

/** What is known of a caller who may pass. */
interface AdmittedCaller {
  readonly admission: Extract<Admission, { readonly age: unknown }>;
  readonly runTime: RuntimeParameters;
}

async function handleAdmitted(
  passing: RequestInProgress,
  { admission, runTime }: AdmittedCaller,
  ports: AgentPorts,
): Promise<RequestOutcome> {
  const { incoming } = passing;
  const settings = settingsFor(ports.settings, runTime);
  const facts: RequestFacts = {
    ...tokenFacts(admission),
    ...runTimeFacts(settings, runTime),
    isProbe: incoming.isProbe,
  };
  if (incoming.method === "GET") return withFacts(healthOutcome(incoming.path, settings), facts);
  const budgetMs = (): number => modelTimeBudgetMs(passing.invocation.getRemainingTimeInMillis());
  const asked =
    (await spendLimitOutcome({ ...incoming, budgetMs }, runTime, ports)) ??
    (await askAgent(passing, { settings, runTime }, ports));
  return withFacts(asked, { ...facts, route: "ask" });
}

function tokenFacts({ age, currentAgeDays }: Extract<Admission, { readonly age: unknown }>): RequestFacts {
  return { tokenAge: age, ...(currentAgeDays === undefined ? {} : { currentTokenDays: currentAgeDays }) };
}

function runTimeFacts({ model }: AgentSettings, { refusals }: RuntimeParameters): RequestFacts {
  return { parametersRejected: refusals.length, ...(model && { modelId: model.profileId }) };
}

/** What holds for one request. */
interface RequestSettings {
  /** With the model that is chosen at run time. */
  readonly settings: AgentSettings;
  readonly runTime: RuntimeParameters;
}

function settingsFor(settings: AgentSettings, { model }: RuntimeParameters): AgentSettings {
  return model === undefined ? settings : { ...settings, model };
}

async function askAgent(
  { incoming, invocation, span }: RequestInProgress,
  { settings, runTime }: RequestSettings,
  ports: AgentPorts,
): Promise<RequestOutcome> {
  const nowMs = ports.now();
  const isDuplicate = ports.duplicates.isRepeated(incoming.token ?? "", incoming.body, nowMs);
  const asked = {
    body: incoming.body,
    isProbe: incoming.isProbe,
    ...(incoming.probeMode === undefined ? {} : { probeMode: incoming.probeMode }),
    nowMs,
    budgetMs: () => modelTimeBudgetMs(invocation.getRemainingTimeInMillis(), runTime.timeoutMs),
    span,
  };
  return withFacts(await answerRequest(asked, settings, ports), { isDuplicate });
}

function healthOutcome(path: string, settings: AgentSettings): RequestOutcome {
  if (path !== "/")
    return errorOutcome("invalid", "path", {
      status: 404,
      error: "Not found; GET / is the agent's health, POST asks it",
    });
  const facts: RequestFacts = { route: "health" };
  if (settings.model === undefined || settings.faults.length > 0)
    return withFacts(misconfiguredOutcome(), facts);
  const { stage, version, model } = settings;
  const body = { status: "ok", stage, version, model: model.profileId };
  return { answer: { status: 200, body }, outcome: "ok", facts };
}
