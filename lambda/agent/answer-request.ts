import type { Reply } from "../contract/reply.ts";
import type { AgentRequest } from "../contract/request.ts";
import { refusal, withFacts, type Ending, type Facts } from "./ending.ts";
import { readBody } from "./http/request-body.ts";
import { instantOf } from "./http/instant.ts";
import { askWithin, type AttemptPorts, type AttemptsResult } from "./model/attempts.ts";
import type { ModelAnswer, Question } from "./model/model.ts";
import type { ModelFault } from "./model/model-fault.ts";
import { costUsd } from "./model/price.ts";
import { systemText, userText } from "./model/prompt.ts";
import { readReply } from "./model/reply.ts";
import { thinkingBudget } from "./model/thinking-budget.ts";
import type { Settings } from "./settings.ts";
import type { Report } from "./report.ts";
import type { Span } from "./telemetry/span.ts";

/** What answering needs from outside. */
export interface AnswerPorts extends AttemptPorts {
  readonly report: Report;
}

/** One authorised POST. */
export interface Asked {
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
export async function answerRequest(asked: Asked, settings: Settings, ports: AnswerPorts): Promise<Ending> {
  const reading = readBody(asked.body, { textCharacters: settings.textCharacters });
  if ("error" in reading) return refusal("invalid", reading.reason, { status: 400, error: reading.error });
  const { request } = reading;
  if (reading.isModeTolerated) ports.report.info("mode read from a label", { mode: request.mode });
  const facts: Facts = { mode: request.mode, textLength: request.text.length };
  const { model } = settings;
  if (model === undefined || settings.faults.length > 0) return withFacts(unconfigured(), facts);
  const budgetMs = asked.budgetMs();
  const question = asked.isProbe
    ? { ...PROBE_QUESTION, model, mode: request.mode }
    : withThinking({ model, ...questionOf(request, asked.nowMs, settings) }, budgetMs);
  const result = await asked.span("model", () => askWithin(budgetMs, question, ports));
  const known = { ...facts, ...thinkingFacts(request, question), ...attemptFacts(result) };
  if ("fault" in result.end) return withFacts(failed(result.end, ports.report), known);
  const { answer } = result.end;
  const answered = { ...answeredFacts(answer), costUsd: costUsd(answer.usage, model) };
  if (settings.logsContent) ports.report.debug("content", { text: request.text, reply: answer.text });
  const ending = await asked.span("parse", () =>
    Promise.resolve(asked.isProbe ? probed() : replied(answer, request)),
  );
  return withFacts(ending, { ...known, answered });
}

function questionOf(request: AgentRequest, nowMs: number, settings: Settings): Omit<Question, "model"> {
  const moment = {
    nowMs: (request.now === undefined ? undefined : instantOf(request.now)) ?? nowMs,
    timeZone: request.timeZone ?? settings.timeZone,
  };
  return {
    system: systemText(request.mode, moment),
    user: userText(request),
    mode: request.mode,
    maxTokens: request.maxTokens,
    thinkingTokens: request.thinkingTokens,
    form: "reply",
  };
}

function withThinking(question: Question, budgetMs: number): Question {
  const room = { wanted: question.thinkingTokens, maxTokens: question.maxTokens, budgetMs };
  return { ...question, thinkingTokens: thinkingBudget(question.model.row, room) };
}

/** Nothing to tell of a request that asked for no thinking. */
function thinkingFacts(request: AgentRequest, question: Question): Facts {
  const { thinkingTokens } = request;
  return thinkingTokens === 0
    ? {}
    : { thinkingAsked: thinkingTokens, thinkingGranted: question.thinkingTokens };
}

/** The ending of a request that a mistake in the deployment stops. */
export function unconfigured(): Ending {
  return refusal("config", "settings", { status: 500, error: "Failed to process request" });
}

function failed(end: { readonly fault: ModelFault; readonly cause: unknown }, report: Report): Ending {
  const { outcome, reason, status, error, retryAfterSeconds } = end.fault;
  report.failure(outcome, reason, end.cause);
  return refusal(outcome, reason, {
    status,
    error,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

function attemptFacts(result: AttemptsResult): Facts {
  const { attempts, throttles, modelLatencyMs } = result;
  return { attempts, throttles, modelLatencyMs };
}

function answeredFacts(answer: ModelAnswer): Omit<NonNullable<Facts["answered"]>, "costUsd"> {
  const { usage, stopReason, thinkingCharacters, firstTokenMs } = answer;
  return {
    usage,
    stopReason,
    thinkingCharacters,
    ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
  };
}

function probed(): Ending {
  return { answer: { status: 200, body: PROBE_REPLY }, outcome: "ok", facts: {} };
}

function replied(answer: ModelAnswer, request: AgentRequest): Ending {
  const { reply, repair } = readReply(answer, request);
  const facts: Facts = { replyLength: reply.markdown.length };
  const served = { answer: { status: 200, body: reply }, facts };
  return repair === undefined
    ? { ...served, outcome: "ok" }
    : { ...served, outcome: "degraded", reason: repair };
}
