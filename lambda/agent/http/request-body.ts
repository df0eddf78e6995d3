import { MODES, REQUEST_LIMITS, type AgentRequest } from "../../contract/request.ts";
import { instantOf } from "./instant.ts";
import { modeNamed } from "./mode-name.ts";

/** Which rule a body broke; the word that the line carries, never the caller's text. */
export type BodyReason =
  "json" | "text" | "text_length" | "mode" | "thinking_tokens" | "max_tokens" | "now" | "time_zone";

/** A body that was read, or the first rule that it broke. */
export type BodyReading =
  | { readonly request: AgentRequest; readonly isModeTolerated: boolean }
  | { readonly reason: BodyReason; readonly error: string };

/** Limits of the stage that a body is held against. */
export interface BodyLimits {
  readonly textCharacters: number;
}

type Fields = ReadonlyMap<string, unknown>;
type Refusal = Extract<BodyReading, { error: string }>;

/** Reads a request body: rules in the contract's order, stopping at the first that is broken. */
export function readBody(body: Uint8Array, limits: BodyLimits): BodyReading {
  const fields = fieldsOf(body);
  if (fields === undefined) return refusal("json", "Invalid JSON payload");
  const text = readText(fields.get("text"), limits);
  if (typeof text !== "string") return text;
  const mode = modeNamed(fields.get("mode"));
  if (mode === undefined) return refusal("mode", modeError(fields.get("mode")));
  const tokens = readTokens(fields);
  if ("error" in tokens) return tokens;
  const moment = readMoment(fields);
  if ("error" in moment) return moment;
  return { request: { text, mode: mode.mode, ...tokens, ...moment }, isModeTolerated: mode.isTolerated };
}

function refusal(reason: BodyReason, error: string): Refusal {
  return { reason, error };
}

/** Names match in any case, as they did in the Go original; `null` reads as an empty object. */
function fieldsOf(body: Uint8Array): Fields | undefined {
  const value = parsed(body);
  if (value === null) return new Map();
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field]));
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function readText(value: unknown, limits: BodyLimits): string | Refusal {
  if (value !== undefined && value !== null && typeof value !== "string")
    return refusal("text", `text must be a string, not ${kindOf(value)}`);
  if (typeof value !== "string" || value.trim() === "") return refusal("text", "text field is required");
  const characters = value.length > limits.textCharacters ? Array.from(value).length : 0;
  if (characters > limits.textCharacters)
    return refusal(
      "text_length",
      `text has ${characters} characters; at most ${limits.textCharacters} are accepted, so shorten it`,
    );
  return withoutLoneSurrogates(value);
}

/** Half a surrogate pair is no character: UTF-8 has no bytes for it, and Bedrock refuses it. */
function withoutLoneSurrogates(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\u{FFFD}");
}

function modeError(value: unknown): string {
  const shown = typeof value === "string" ? Array.from(value).slice(0, 40).join("") : kindOf(value);
  return `invalid mode: ${shown} (valid: ${MODES.join(", ")})`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}

function readTokens(fields: Fields): Pick<AgentRequest, "maxTokens" | "thinkingTokens"> | Refusal {
  const { maxTokensDefault, maxTokensMost, thinkingTokensMost } = REQUEST_LIMITS;
  const thinkingTokens = wholeNumber(fields.get("thinkingtokens")) ?? Number.NaN;
  if (!(thinkingTokens >= 0 && thinkingTokens <= thinkingTokensMost))
    return refusal("thinking_tokens", `thinkingTokens must be between 0 and ${thinkingTokensMost}`);
  const maxTokens = wholeNumber(fields.get("maxtokens"));
  if (maxTokens === undefined) return refusal("max_tokens", "maxTokens must be a whole number");
  if (maxTokens > maxTokensMost) return refusal("max_tokens", `maxTokens cannot exceed ${maxTokensMost}`);
  return { thinkingTokens, maxTokens: maxTokens <= 0 ? maxTokensDefault : maxTokens };
}

/** Missing is 0; a Shortcut may send a number as text. `undefined` for anything else. */
function wholeNumber(value: unknown): number | undefined {
  if (value === undefined || value === null || value === "") return 0;
  const number = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) ? number : undefined;
}

function readMoment(fields: Fields): Pick<AgentRequest, "now" | "timeZone"> | Refusal {
  const now = fields.get("now") ?? undefined;
  const timeZone = fields.get("timezone") ?? undefined;
  if (now !== undefined && (typeof now !== "string" || instantOf(now) === undefined))
    return refusal("now", "now must be ISO 8601 with an offset, such as 2026-11-23T09:00:00-08:00");
  if (timeZone !== undefined && (typeof timeZone !== "string" || !isTimeZone(timeZone)))
    return refusal("time_zone", "timeZone must be an IANA zone, such as America/Los_Angeles");
  return {
    ...(typeof now === "string" ? { now } : {}),
    ...(typeof timeZone === "string" ? { timeZone } : {}),
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}
