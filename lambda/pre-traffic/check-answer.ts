import { REPLY_SHAPE, type Reply } from "../contract/reply.ts";
import type { VersionAnswer } from "./ask-version.ts";
import type { VerificationQuestion } from "./questions.ts";

const HOUR_MS = 3_600_000;

/** "Tomorrow" of any zone lies within this. */
const TOMORROW_MS = 48 * HOUR_MS;

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

type Field = keyof Reply;

const isFilled = (value: unknown): boolean => typeof value === "string" && value.trim() !== "";
/** The contract's shape, and something in it that can be read. */
const SHAPE = { ...REPLY_SHAPE, markdown: isFilled, title: isFilled };

/** What is wrong with an answer, one sentence each; nothing when it is as the contract says. */
export function complaintsAbout(
  answer: VersionAnswer,
  question: VerificationQuestion,
  nowMs: number,
): readonly string[] {
  if (answer.status !== question.expects.status)
    return [`answered ${answer.status} instead of ${question.expects.status}${inWords(answer)}`];
  if (question.expects.status !== 200) return [];
  const { fields } = answer;
  const misshapen = Object.entries(SHAPE).filter(([name, isRight]) => !isRight(fields[name]));
  if (misshapen.length > 0)
    return misshapen.map(([name]) => `${name} is missing or not what the contract says`);
  const { action, tomorrow } = question.expects;
  return [
    ...(fields.action === action ? [] : [`action is "${String(fields.action)}" instead of "${action}"`]),
    ...(tomorrow === undefined ? [] : dateComplaints(tomorrow, fields[tomorrow], nowMs)),
    ...endComplaints(fields),
  ];
}

/** The agent's own errors are worded for people and quote nothing that was sent. */
function inWords({ fields }: VersionAnswer): string {
  return typeof fields.error === "string" ? `: ${fields.error.slice(0, 200)}` : "";
}

function dateComplaints(name: Field, value: unknown, nowMs: number): readonly string[] {
  const atMs = instantOf(value);
  if (atMs === undefined) return [`${name} is ${JSON.stringify(value)}, which is no date with an offset`];
  if (atMs > nowMs && atMs < nowMs + TOMORROW_MS) return [];
  return [`${name} is ${JSON.stringify(value)}, which is not tomorrow`];
}

function endComplaints({ startISO, endISO }: VersionAnswer["fields"]): readonly string[] {
  if (endISO === null) return [];
  const endMs = instantOf(endISO);
  if (endMs === undefined) return [`endISO is ${JSON.stringify(endISO)}, which is no date with an offset`];
  return endMs < (instantOf(startISO) ?? endMs) ? ["endISO is before startISO"] : [];
}

function instantOf(value: unknown): number | undefined {
  if (typeof value !== "string" || !INSTANT.test(value)) return undefined;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : atMs;
}
