import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { AGENT_ENVIRONMENT } from "../contract/environment.ts";
import { MODEL_ROWS, type ModelRow } from "../contract/model-row.ts";
import type { Mode } from "../contract/request.ts";

/** One question to the model. */
export interface Question {
  readonly model: ModelChoice;
  /** Missing for the probe's short question, which needs no rules. */
  readonly system?: string;
  readonly user: string;
  readonly mode: Mode;
  /** Budget of the visible answer. */
  readonly maxTokens: number;
  readonly thinkingTokens: number;
  /**
   * `reply` holds the answer to the reply's JSON schema where the model can; `plain` sends nothing but texts
   * and the token limit.
   */
  readonly form: "reply" | "plain";
}

/** What the model wrote and what it took. */
export interface ModelAnswer {
  readonly text: string;
  readonly stopReason: string;
  readonly spent: Spent;
  /** Characters of thinking that were shown; the count of its tokens is part of the output's. */
  readonly thinkingCharacters: number;
  /** From the call to the first token; missing when the model wrote none. */
  readonly firstTokenMs?: number;
}

/** What calls of the model took, in tokens. */
export interface Spent {
  /** All of it. */
  readonly usage: Usage;
  /** The part of it that Bedrock did not count: estimated from the prompt and from the text that came. */
  readonly estimated: Usage;
}

/** An attempt without an answer that Bedrock may bill all the same. */
export class AttemptError extends Error {
  override readonly name = "AttemptError";
  readonly spent: Spent;

  constructor(cause: unknown, spent: Spent) {
    super("the model was asked and gave no answer", { cause });
    this.spent = spent;
  }
}

/**
 * One attempt: resolves with the whole answer, rejects with what Bedrock or the network said, as an {@link
 * AttemptError} where it may cost.
 */
export type AskModel = (question: Question, attempt: AttemptLimits) => Promise<ModelAnswer>;

/** Bounds of one attempt. */
export interface AttemptLimits {
  /** Aborted when the request's time is used up. */
  readonly signal: AbortSignal;
  /** Longest wait for the next event of the stream. */
  readonly idleTimeoutMs: number;
}

/** The model that answers: its inference profile, what it can do, and what a token of it costs here. */
export interface ModelChoice {
  readonly profileId: string;
  /** ARN of a copy of the profile, which is called instead of it; the same model at the same price. */
  readonly calledAs?: string;
  readonly row: ModelRow;
  /** Factor on the row's prices for this profile's geography. */
  readonly priceFactor: number;
}

/** Prefixes of Bedrock's system-defined inference profiles. */
const GEOGRAPHIES = ["us", "eu", "apac", "jp", "au", "ca", "us-gov", "global"];

const PROFILE_ID = new RegExp(`^(${GEOGRAPHIES.join("|")})\\.(.+)$`);

/**
 * Finds the model's row; throws with what to do when the id is no profile, or unknown and without a row of
 * its own.
 */
export function chooseModel(profileId: string, suppliedRows: string): ModelChoice {
  const supplied = suppliedRowsIn(suppliedRows);
  const [, geography, modelId] = PROFILE_ID.exec(profileId) ?? [];
  const row = supplied[profileId] ?? supplied[modelId ?? ""] ?? MODEL_ROWS[modelId ?? ""];
  if (modelId === undefined && !isProfileArn(profileId))
    throw new Error(
      `model "${profileId}" is not an inference profile; set ${AGENT_ENVIRONMENT.modelId} to one, such as us.${Object.keys(MODEL_ROWS)[0] ?? ""}`,
    );
  if (row === undefined)
    throw new Error(
      `model "${profileId}" is unknown; known are ${Object.keys(MODEL_ROWS).join(", ")}; give its row in ${AGENT_ENVIRONMENT.modelRows}`,
    );
  return { profileId, row, priceFactor: geography === "global" ? 1 : row.geographicFactor };
}

/** An application inference profile is known by ARN only; its price factor is that of a geography. */
function isProfileArn(profileId: string): boolean {
  return /^arn:[^:]+:bedrock:[^:]+:\d+:(application-)?inference-profile\/.+/.test(profileId);
}

function suppliedRowsIn(json: string): Readonly<Record<string, ModelRow>> {
  if (json === "") return {};
  const rows = parseRows(json);
  for (const [modelId, row] of Object.entries(rows)) {
    const wrong = invalidMember(row);
    if (wrong !== undefined)
      throw new Error(`${AGENT_ENVIRONMENT.modelRows}: row "${modelId}" needs ${wrong}`);
  }
  return rows as Readonly<Record<string, ModelRow>>;
}

function parseRows(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    if (isJsonObject(value)) return value;
  } catch {
    // The message below says what was expected.
  }
  throw new Error(`${AGENT_ENVIRONMENT.modelRows} must be a JSON object from model id to row`);
}

type Check = (value: unknown) => boolean;

const isCount: Check = (value) => typeof value === "number" && value >= 0;
const isFlag: Check = (value) => typeof value === "boolean";

const MEMBERS: readonly (readonly [string, Check, string])[] = [
  ["thinking", (value) => ["budget", "adaptive", "none"].includes(String(value)), "budget, adaptive or none"],
  ["acceptsTemperature", isFlag, "true or false"],
  ["structuredOutput", isFlag, "true or false"],
  ["maxOutputTokens", isCount, "a number"],
  ["geographicFactor", isCount, "a number"],
  ["usdPerMillion", isPrices, "numbers input, output, cacheRead and cacheWrite"],
];

function isPrices(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    ["input", "output", "cacheRead", "cacheWrite"].every((name) => isCount(value[name]))
  );
}

function invalidMember(row: unknown): string | undefined {
  const members = isJsonObject(row) ? row : {};
  const wrong = MEMBERS.find(([name, isRight]) => !isRight(members[name]));
  return wrong === undefined ? undefined : `${wrong[0]}: ${wrong[2]}`;
}

/** Tokens of one model call, as Converse counts them; input tokens exclude those of the cache. */
export interface Usage {
  readonly inputTokens: number;
  /** Thinking included. */
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

/** Nothing was read or written. */
export const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** Tokens of two calls together. */
export function addUsage(one: Usage, other: Usage): Usage {
  return {
    inputTokens: one.inputTokens + other.inputTokens,
    outputTokens: one.outputTokens + other.outputTokens,
    cacheReadTokens: one.cacheReadTokens + other.cacheReadTokens,
    cacheWriteTokens: one.cacheWriteTokens + other.cacheWriteTokens,
  };
}

/**
 * Bytes of UTF-8 that make a token: English has about four, other scripts fewer, and a limit on spending
 * should err upwards.
 */
const BYTES_PER_TOKEN = 3.5;

/** Tokens that a text is estimated to be. */
export function estimatedTokens(...texts: readonly string[]): number {
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** List price of a call in US dollars. */
export function costUsd(usage: Usage, model: ModelChoice): number {
  const { input, output, cacheRead, cacheWrite } = model.row.usdPerMillion;
  const perMillion =
    usage.inputTokens * input +
    usage.outputTokens * output +
    usage.cacheReadTokens * cacheRead +
    usage.cacheWriteTokens * cacheWrite;
  return (perMillion * model.priceFactor) / 1_000_000;
}

/** Kept back from Lambda's timeout to answer 504 and to write the line: a killed function reports nothing. */
const RESERVE_MS = 1_000;

/**
 * Time that the model may take, of what Lambda leaves: short timeouts give up a fifth instead of a whole
 * second. `mostMs` bounds it further.
 */
export function modelTimeBudgetMs(remainingMs: number, mostMs = Number.POSITIVE_INFINITY): number {
  const remaining = Number.isFinite(remainingMs) ? Math.max(0, remainingMs) : 0;
  return Math.min(mostMs, Math.round(remaining - Math.min(RESERVE_MS, remaining / 5)));
}

/**
 * What the work resolves with, or `late()` when it takes longer than the time that is left: nothing waits
 * beyond the deadline.
 */
export async function withinBudget<T>(budgetMs: number, work: Promise<T>, late: () => T): Promise<T> {
  const timeUp = new AbortController();
  const tooLate = new Promise<T>((resolve) => {
    const timer = setTimeout(() => resolve(late()), Math.max(0, Math.round(budgetMs)));
    timeUp.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  });
  return Promise.race([work, tooLate]).finally(() => timeUp.abort());
}

/**
 * Anthropic's least thinking budget:
 * https://docs.aws.amazon.com/bedrock/latest/userguide/claude-messages-extended-thinking.html
 */
const MIN_THINKING_TOKENS = 1_024;

/**
 * How fast Haiku writes on a bad day. Published measurements of Haiku 4.5 say 53 (Anthropic's API) to 88
 * (Vertex AI) tokens a second with thinking on, by Artificial Analysis as quoted on
 * https://shadabchow.com/blogs/ai-models/claude-4-5-haiku-reasoning, read 2026-11-23; on a faster day the
 * time that is left over is simply not used.
 */
const TOKENS_PER_SECOND = 80;

/** A slow first token, which comes before any of the others. */
const FIRST_TOKEN_MS = 1_600;

/** What thinking has to fit in. */
interface ThinkingRoom {
  readonly wanted: number;
  /** Budget of the visible answer, which thinking must leave alone. */
  readonly maxTokens: number;
  /** Time for the model. */
  readonly budgetMs: number;
}

/**
 * Tokens that thinking gets of a model with this row: as wanted, cut to what model and time leave, or 0 when
 * that is too little.
 */
export function thinkingTokenBudget(row: ModelRow, { wanted, maxTokens, budgetMs }: ThinkingRoom): number {
  if (row.thinking === "none") return 0;
  if (row.thinking === "adaptive") return wanted;
  const writable = Math.floor(((budgetMs - FIRST_TOKEN_MS) / 1_000) * TOKENS_PER_SECOND);
  const most = Math.min(row.maxOutputTokens, writable) - maxTokens;
  return wanted === 0 || most < MIN_THINKING_TOKENS
    ? 0
    : Math.min(Math.max(wanted, MIN_THINKING_TOKENS), most);
}
