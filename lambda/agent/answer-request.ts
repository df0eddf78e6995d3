import type { AgentRequest, Mode, Reply } from "../contract/request.ts";
import { timeInWords } from "../contract/zoned-format.ts";
import { askWithRetries, type AttemptPorts, type AttemptsResult } from "./model-attempts.ts";
import type { ModelFault } from "./model-fault.ts";
import { costUsd, type ModelAnswer, type ModelChoice, type Question, thinkingTokenBudget } from "./model.ts";
import type { ProbeForm } from "./probe-form.ts";
import type { Moment } from "./moment.ts";
import { systemPrompt, userPrompt } from "./prompt.ts";
import { readReply } from "./reply.ts";
import type { Report } from "./report.ts";
import { readRequestBody } from "./request-body.ts";
import { errorOutcome, type RequestFacts, type RequestOutcome, withFacts } from "./request-outcome.ts";
import type { AgentSettings } from "./settings.ts";
import type { Span } from "./trace.ts";

/** What answering needs from outside. */
export interface AnswerPorts extends AttemptPorts {
  readonly report: Report;
  readonly probeForm: ProbeForm;
}

/** One authorised POST. */
export interface AuthorisedRequest {
  readonly body: Uint8Array;
  readonly isProbe: boolean;
  /** The mode that the probe wants asked in full; the agent decides where it names none. */
  readonly probeMode?: Mode;
  readonly nowMs: number;
  /** Time for the model, in milliseconds. */
  readonly budgetMs: () => number;
  readonly span: Span;
}

/** What the probe gets for any answer of the model: it asks whether there is one. */
const PROBE_REPLY: Reply = {
  markdown: "The model answered.",
  action: "none",
  title: "Probe",
  dueISO: null,
  startISO: null,
  endISO: null,
  location: null,
  url: null,
  notes: null,
  tags: [],
};

/** Reads the body, asks the model, reads its text as a reply. */
export async function answerRequest(
  asked: AuthorisedRequest,
  settings: AgentSettings,
  ports: AnswerPorts,
): Promise<RequestOutcome> {
  const { textCharacters, timeZone, model } = settings;
  const reading = readRequestBody(asked.body, { textCharacters, timeZone, nowMs: asked.nowMs });
  if ("error" in reading)
    return errorOutcome("invalid", reading.reason, { status: 400, error: reading.error });
  const { request, isModeTolerated, isNowIgnored } = reading;
  if (isModeTolerated) ports.report.info("mode read from a label", { mode: request.mode });
  const facts: RequestFacts = { mode: request.mode, textLength: request.text.length, isNowIgnored };
  if (model === undefined || settings.faults.length > 0) return withFacts(misconfiguredOutcome(), facts);
  const moment = { nowMs: request.nowMs ?? asked.nowMs, timeZone: request.timeZone ?? timeZone };
  const question = { request, moment, model };
  const ending = asked.isProbe
    ? await answerProbe(question, asked, ports)
    : await answerUser(question, asked, ports);
  return withFacts(ending, facts);
}

/** What is asked, once the body was read. */
interface ReadQuestion {
  readonly request: AgentRequest;
  readonly moment: Moment;
  readonly model: ModelChoice;
}

async function answerUser(
  read: ReadQuestion,
  asked: AuthorisedRequest,
  ports: AnswerPorts,
): Promise<RequestOutcome> {
  const { request } = read;
  const budgetMs = asked.budgetMs();
  const question = withThinking(questionOf(read), budgetMs);
  const result = await asked.span("model", () => askWithRetries(budgetMs, question, ports));
  const facts = { ...thinkingFacts(request, question), ...factsOfAttempts(result, read.model) };
  reportFormRefusal(result, request, ports.report);
  if ("fault" in result.end) return withFacts(failureOutcome(result.end, read, ports.report), facts);
  const { answer, isPlain } = result.end;
  if (!isPlain) ports.probeForm.answeredInFull(request.mode, asked.nowMs);
  const ending = await asked.span("parse", () => Promise.resolve(replyOutcome(answer, read, { isPlain })));
  return withFacts(ending, { ...facts, answered: factsOfAnswer(answer) });
}

/**
 * The probe asks whether the model answers: now and then as users do, mostly with the cheapest question that
 * there is.
 */
async function answerProbe(
  read: ReadQuestion,
  asked: AuthorisedRequest,
  ports: AnswerPorts,
): Promise<RequestOutcome> {
  const mode = ports.probeForm.takeFull(asked.nowMs, asked.probeMode);
  const question = mode === undefined ? shortProbeQuestion(read) : fullProbeQuestion(read, mode);
  const result = await asked.span("model", () => askWithRetries(asked.budgetMs(), question, ports));
  const { form: probeForm } = question;
  const facts: RequestFacts = { ...factsOfAttempts(result, read.model), probeForm, mode: question.mode };
  reportFormRefusal(result, read.request, ports.report);
  if ("fault" in result.end) return withFacts(failureOutcome(result.end, read, ports.report), facts);
  if (mode !== undefined) ports.probeForm.answeredInFull(mode, asked.nowMs);
  const degraded =
    mode !== undefined && result.end.isPlain
      ? ({ outcome: "degraded", reason: "form_refused" } as const)
      : ({ outcome: "ok" } as const);
  const ending: RequestOutcome = { answer: { status: 200, body: PROBE_REPLY }, ...degraded, facts: {} };
  return withFacts(ending, { ...facts, answered: factsOfAnswer(result.end.answer) });
}

/** What users of the mode ask, with the least text and room for one token. */
function fullProbeQuestion(read: ReadQuestion, mode: Mode): Question {
  const request: AgentRequest = { text: "ok", mode, maxTokens: 1, thinkingTokens: 0 };
  return questionOf({ ...read, request });
}

/** The cheapest question: no rules, two letters in, one token out. */
function shortProbeQuestion({ model, request }: ReadQuestion): Question {
  return { model, user: "ok", mode: request.mode, maxTokens: 1, thinkingTokens: 0, form: "plain" };
}

function questionOf({ request, moment, model }: ReadQuestion): Question {
  return {
    model,
    system: systemPrompt(request.mode, moment),
    user: userPrompt(request),
    mode: request.mode,
    maxTokens: request.maxTokens,
    thinkingTokens: request.thinkingTokens,
    form: "reply",
  };
}

function withThinking(question: Question, budgetMs: number): Question {
  const room = { wanted: question.thinkingTokens, maxTokens: question.maxTokens, budgetMs };
  return { ...question, thinkingTokens: thinkingTokenBudget(question.model.row, room) };
}

/** Nothing to record of a request that asked for no thinking. */
function thinkingFacts(request: AgentRequest, question: Question): RequestFacts {
  const { thinkingTokens } = request;
  return thinkingTokens === 0
    ? {}
    : { thinkingAsked: thinkingTokens, thinkingGranted: question.thinkingTokens };
}

/** The ending of a request that a mistake in the deployment stops. */
export function misconfiguredOutcome(): RequestOutcome {
  return errorOutcome("config", "settings", { status: 500, error: "Failed to process request" });
}

function failureOutcome(
  end: { readonly fault: ModelFault; readonly cause: unknown },
  { request, moment }: ReadQuestion,
  report: Report,
): RequestOutcome {
  const { outcome, reason, status, error, retryAfter } = end.fault;
  report.failure({ outcome, reason }, end.cause, request.text);
  if (retryAfter === undefined) return errorOutcome(outcome, reason, { status, error });
  const retryAfterSeconds = typeof retryAfter === "number" ? retryAfter : secondsToMidnight(moment.nowMs);
  const when = timeInWords(moment.nowMs + retryAfterSeconds * 1_000, moment.timeZone);
  return errorOutcome(outcome, reason, { status, error: error.replace("{when}", when), retryAfterSeconds });
}

const DAY_SECONDS = 86_400;

/** Bedrock counts tokens per day of UTC. */
function secondsToMidnight(nowMs: number): number {
  return DAY_SECONDS - (Math.floor(nowMs / 1_000) % DAY_SECONDS);
}

function reportFormRefusal({ formRefusal }: AttemptsResult, { text }: AgentRequest, report: Report): void {
  if (formRefusal !== undefined)
    report.failure({ outcome: "degraded", reason: "form_refused" }, formRefusal, text);
}

function factsOfAttempts(result: AttemptsResult, model: ModelChoice): RequestFacts {
  const { attempts, throttles, modelLatencyMs, spent } = result;
  const { inputTokens, outputTokens } = spent.usage;
  const known = { attempts, throttles, modelLatencyMs };
  if (inputTokens + outputTokens === 0) return known;
  const estimatedUsd = costUsd(spent.estimated, model);
  return {
    ...known,
    spent: {
      usage: spent.usage,
      costUsd: costUsd(spent.usage, model),
      ...(estimatedUsd === 0 ? {} : { estimatedUsd }),
    },
  };
}

function factsOfAnswer(answer: ModelAnswer): NonNullable<RequestFacts["answered"]> {
  const { stopReason, thinkingCharacters, firstTokenMs } = answer;
  return { stopReason, thinkingCharacters, ...(firstTokenMs === undefined ? {} : { firstTokenMs }) };
}

function replyOutcome(
  answer: ModelAnswer,
  { request, moment }: ReadQuestion,
  { isPlain }: { readonly isPlain: boolean },
): RequestOutcome {
  const { reply, repair } = readReply(answer, { ...request, timeZone: moment.timeZone });
  const facts: RequestFacts = { replyLength: reply.markdown.length };
  const served = { answer: { status: 200, body: reply }, facts };
  const reason = isPlain ? "form_refused" : repair;
  return reason === undefined ? { ...served, outcome: "ok" } : { ...served, outcome: "degraded", reason };
}
