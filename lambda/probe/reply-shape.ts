import { REPLY_SHAPE } from "../contract/reply.ts";

/** The first thing that is wrong with a body as the contract's reply; `undefined` for a sound one. Nothing of the body is repeated. */
export function replyFault(body: string): string | undefined {
  const reply = objectIn(body);
  if (reply === undefined) return "no JSON object";
  return Object.entries(REPLY_SHAPE).find(([name, isRight]) => !isRight(reply[name]))?.[0];
}

function objectIn(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
