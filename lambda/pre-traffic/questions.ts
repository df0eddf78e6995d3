import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { type Action, type Mode, type Reply, REPLY_SHAPE, verificationEvent } from "../contract/request.ts";
import { parseInstant } from "../contract/zoned-format.ts";

/** What the version answered: the status and the body's members, none when the body is no JSON object. */
export interface VersionAnswer {
  readonly status: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Asks the version one question; throws when nothing like an answer came. */
export type AskVersion = (token: string, body: object, signal: AbortSignal) => Promise<VersionAnswer>;

/** Invokes the version itself, which has no URL yet, with the event that its URL would send. */
export function askByInvoke(client: LambdaClient, versionArn: string): AskVersion {
  return async (token, body, signal) => {
    const output = await client.send(
      new InvokeCommand({
        FunctionName: versionArn,
        Payload: JSON.stringify(verificationEvent(token, body)),
      }),
      { abortSignal: signal },
    );
    const payload = parseJsonObject(Buffer.from(output.Payload ?? []).toString()) ?? {};
    if (output.FunctionError !== undefined)
      throw new Error(`the function failed: ${stringOrEmpty(payload.errorType) || output.FunctionError}`);
    if (typeof payload.statusCode !== "number") throw new Error("the function returned no HTTP answer");
    return { status: payload.statusCode, fields: parseJsonObject(stringOrEmpty(payload.body)) ?? {} };
  };
}

function stringOrEmpty(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What a sound version answers. */
type ExpectedAnswer =
  | { readonly status: 401 }
  | {
      readonly status: 200;
      readonly action: Action;
      /** Field whose date must be tomorrow; none when the sentence speaks of no time. */
      readonly tomorrow?: "dueISO" | "startISO";
    };

/** One question to the new version, and what must come back. */
export interface VerificationQuestion {
  /** Names the question in the log. */
  readonly name: string;
  readonly token: "right" | "wrong";
  readonly body: { readonly text: string; readonly mode: Mode; readonly maxTokens: number };
  readonly expects: ExpectedAnswer;
}

/**
 * Longest reply: the most expensive that one question can get.
 *
 * Three replies of 400 tokens and their prompts of about 700 cost under 0.01 USD with Haiku 4.5, asked once
 * each.
 */
const MAX_TOKENS = 400;

/** What is asked before a version gets traffic: one sentence for each kind of reply, and one stranger. */
export const VERIFICATION_QUESTIONS: readonly VerificationQuestion[] = [
  {
    name: "wrong token",
    token: "wrong",
    body: { text: "let me in", mode: "note", maxTokens: MAX_TOKENS },
    expects: { status: 401 },
  },
  {
    name: "note",
    token: "right",
    body: {
      text: "the rear hub is fine but the chain is worn, forty five dollars",
      mode: "note",
      maxTokens: MAX_TOKENS,
    },
    expects: { status: 200, action: "note" },
  },
  {
    name: "reminder",
    token: "right",
    body: {
      text: "water the fern tomorrow at seven in the evening",
      mode: "reminder",
      maxTokens: MAX_TOKENS,
    },
    expects: { status: 200, action: "reminder", tomorrow: "dueISO" },
  },
  {
    name: "event",
    token: "right",
    body: {
      text: "lunch with priya at the noodle place on fifth, tomorrow at twelve thirty for an hour",
      mode: "event",
      maxTokens: MAX_TOKENS,
    },
    expects: { status: 200, action: "event", tomorrow: "startISO" },
  },
];

const HOUR_MS = 3_600_000;

/** "Tomorrow" of any zone lies within this. */
const TOMORROW_MS = 48 * HOUR_MS;

type Field = keyof Reply;

const isFilled = (value: unknown): boolean => typeof value === "string" && value.trim() !== "";
/** The contract's shape, and something in it that can be read. */
const SHAPE = { ...REPLY_SHAPE, markdown: isFilled, title: isFilled };

/** What is wrong with an answer, one sentence each; nothing when it is as the contract says. */
export function answerProblems(
  answer: VersionAnswer,
  question: VerificationQuestion,
  nowMs: number,
): readonly string[] {
  if (answer.status !== question.expects.status)
    return [`answered ${answer.status} instead of ${question.expects.status}${errorInWords(answer)}`];
  if (question.expects.status !== 200) return [];
  const { fields } = answer;
  const misshapen = Object.entries(SHAPE).filter(([name, isRight]) => !isRight(fields[name]));
  if (misshapen.length > 0)
    return misshapen.map(([name]) => `${name} is missing or not what the contract says`);
  const { action, tomorrow } = question.expects;
  return [
    ...(fields.action === action ? [] : [`action is "${String(fields.action)}" instead of "${action}"`]),
    ...(tomorrow === undefined ? [] : dateProblems(tomorrow, fields[tomorrow], nowMs)),
    ...endProblems(fields),
  ];
}

/** The agent's own errors are worded for people and quote nothing that was sent. */
function errorInWords({ fields }: VersionAnswer): string {
  return typeof fields.error === "string" ? `: ${fields.error.slice(0, 200)}` : "";
}

function dateProblems(name: Field, value: unknown, nowMs: number): readonly string[] {
  const atMs = instantOf(value);
  if (atMs === undefined) return [`${name} is ${JSON.stringify(value)}, which is no date with an offset`];
  if (atMs > nowMs && atMs < nowMs + TOMORROW_MS) return [];
  return [`${name} is ${JSON.stringify(value)}, which is not tomorrow`];
}

function endProblems({ startISO, endISO }: VersionAnswer["fields"]): readonly string[] {
  if (endISO === null) return [];
  const endMs = instantOf(endISO);
  if (endMs === undefined) return [`endISO is ${JSON.stringify(endISO)}, which is no date with an offset`];
  return endMs < (instantOf(startISO) ?? endMs) ? ["endISO is before startISO"] : [];
}

function instantOf(value: unknown): number | undefined {
  return typeof value === "string" ? parseInstant(value) : undefined;
}
