import type { Reply } from "../contract/reply.ts";
import type { AgentRequest } from "../contract/request.ts";
import { askWithRetries, type AttemptPorts, type AttemptsResult, type ModelFault } from "./model-attempts.ts";
import { thinkingTokenBudget } from "./model-budget.ts";
import { costUsd, type ModelAnswer, type Question } from "./model.ts";
import { systemPrompt, userPrompt } from "./prompt.ts";
import { readReply } from "./reply.ts";
import type { Report } from "./report.ts";
import { parseInstant, readRequestBody } from "./request-body.ts";
import { errorOutcome, type RequestFacts, type RequestOutcome, withFacts } from "./request-outcome.ts";
import type { AgentSettings } from "./settings.ts";
import type { Span } from "./trace.ts";

/** What answering needs from outside. */
export interface AnswerPorts extends AttemptPorts {
  readonly report: Report;
}

/** One authorised POST. */
export interface AuthorisedRequest {
  readonly body: Uint8Array;
  readonly isProbe: boolean;
  readonly nowMs: number;
  /** Time for the model, in milliseconds. */
  readonly budgetMs: () => number;
  readonly span: Span;
}

/** The cheapest question: no rules, two letters in, one token out. */
const PROBE_QUESTION = { user: "ok", maxTokens: 1, thinkingTokens: 0, form: "free" } as const;

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
  const reading = readRequestBody(asked.body, { textCharacters: settings.textCharacters });
  if ("error" in reading)
    return errorOutcome("invalid", reading.reason, { status: 400, error: reading.error });
  const { request } = reading;
  if (reading.isModeTolerated) ports.report.info("mode read from a label", { mode: request.mode });
  const facts: RequestFacts = { mode: request.mode, textLength: request.text.length };
  const { model } = settings;
  if (model === undefined || settings.faults.length > 0) return withFacts(misconfiguredOutcome(), facts);
  const budgetMs = asked.budgetMs();
  const question = asked.isProbe
    ? { ...PROBE_QUESTION, model, mode: request.mode }
    : withThinking({ model, ...questionOf(request, asked.nowMs, settings) }, budgetMs);
  const result = await asked.span("model", () => askWithRetries(budgetMs, question, ports));
  const known = { ...facts, ...thinkingFacts(request, question), ...factsOfAttempts(result) };
  if ("fault" in result.end) return withFacts(failureOutcome(result.end, ports.report), known);
  const { answer } = result.end;
  const answered = { ...factsOfAnswer(answer), costUsd: costUsd(answer.usage, model) };
  if (settings.logsContent) ports.report.debug("content", { text: request.text, reply: answer.text });
  const ending = await asked.span("parse", () =>
    Promise.resolve(asked.isProbe ? probeOutcome() : replyOutcome(answer, request)),
  );
  return withFacts(ending, { ...known, answered });
}

function questionOf(request: AgentRequest, nowMs: number, settings: AgentSettings): Omit<Question, "model"> {
  const moment = {
    nowMs: (request.now === undefined ? undefined : parseInstant(request.now)) ?? nowMs,
    timeZone: request.timeZone ?? settings.timeZone,
  };
  return {
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

/** Nothing to tell of a request that asked for no thinking. */
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
  report: Report,
): RequestOutcome {
  const { outcome, reason, status, error, retryAfterSeconds } = end.fault;
  report.failure(outcome, reason, end.cause);
  return errorOutcome(outcome, reason, {
    status,
    error,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

function factsOfAttempts(result: AttemptsResult): RequestFacts {
  const { attempts, throttles, modelLatencyMs } = result;
  return { attempts, throttles, modelLatencyMs };
}

function factsOfAnswer(answer: ModelAnswer): Omit<NonNullable<RequestFacts["answered"]>, "costUsd"> {
  const { usage, stopReason, thinkingCharacters, firstTokenMs } = answer;
  return {
    usage,
    stopReason,
    thinkingCharacters,
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
  };
}

function probeOutcome(): RequestOutcome {
  return { answer: { status: 200, body: PROBE_REPLY }, outcome: "ok", facts: {} };
}

function replyOutcome(answer: ModelAnswer, request: AgentRequest): RequestOutcome {
  const { reply, repair } = readReply(answer, request);
  const facts: RequestFacts = { replyLength: reply.markdown.length };
  const served = { answer: { status: 200, body: reply }, facts };
  return repair === undefined
    ? { ...served, outcome: "ok" }
    : { ...served, outcome: "degraded", reason: repair };
}
