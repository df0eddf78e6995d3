import { ACTIONS, type Reply } from "../contract/reply.ts";

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isTextOrNull: Check = (value) => value === null || isText(value);

/** What each of the ten fields must hold. */
const FIELDS: Readonly<Record<keyof Reply, Check>> = {
  markdown: isText,
  action: (value) => ACTIONS.some((action) => action === value),
  title: isText,
  dueISO: isTextOrNull,
  startISO: isTextOrNull,
  endISO: isTextOrNull,
  location: isTextOrNull,
  url: isTextOrNull,
  notes: isTextOrNull,
  tags: (value) => Array.isArray(value) && value.every(isText),
};

/** The first thing that is wrong with a body as the contract's reply; `undefined` for a sound one. Nothing of the body is repeated. */
export function replyFault(body: string): string | undefined {
  const reply = objectIn(body);
  if (reply === undefined) return "no JSON object";
  return Object.entries(FIELDS).find(([name, isRight]) => !isRight(reply[name]))?.[0];
}

function objectIn(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
