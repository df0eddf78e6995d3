import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { canonicalTimeZone } from "../contract/zoned-format.ts";
import { type AgentRequest, DEFAULT_MODE, type Mode, MODES, REQUEST_LIMITS } from "../contract/request.ts";
import { instantIn } from "./moment.ts";

/** Which rule a body broke; the word that the line carries, never the caller's text. */
type BodyReason = "json" | "text" | "text_length" | "mode" | "thinking_tokens" | "max_tokens" | "time_zone";

/** A body that was read, or the first rule that it broke. */
type BodyReading =
  | {
      readonly request: AgentRequest;
      readonly isModeTolerated: boolean;
      /** Whether `now` was no date, or none of today. */
      readonly isNowIgnored: boolean;
    }
  | { readonly reason: BodyReason; readonly error: string };

/** What a body is held against. */
interface BodyLimits {
  readonly textCharacters: number;
  /** When it was received. */
  readonly nowMs: number;
  /** IANA zone of the stage, for a body that names none. */
  readonly timeZone: string;
}

type Fields = ReadonlyMap<string, unknown>;
type BodyError = Extract<BodyReading, { error: string }>;

/** Reads a request body: rules in the contract's order, stopping at the first that is broken. */
export function readRequestBody(body: Uint8Array, limits: BodyLimits): BodyReading {
  const fields = fieldsOf(body);
  if (fields === undefined) return bodyError("json", "Invalid JSON payload");
  const text = readText(fields.get("text"), limits);
  if (typeof text !== "string") return text;
  const mode = parseMode(fields.get("mode"));
  if (mode === undefined) return bodyError("mode", modeError(fields.get("mode")));
  const tokens = readTokens(fields);
  if ("error" in tokens) return tokens;
  const timeZone = readTimeZone(fields.get("timezone"));
  if (typeof timeZone === "object") return timeZone;
  const now = readNow(fields.get("now"), { ...limits, timeZone: timeZone ?? limits.timeZone });
  const optional = {
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(now.atMs === undefined ? {} : { nowMs: now.atMs }),
  };
  return {
    request: { text, mode: mode.mode, ...tokens, ...optional },
    isModeTolerated: mode.isTolerated,
    isNowIgnored: now.isIgnored,
  };
}

function bodyError(reason: BodyReason, error: string): BodyError {
  return { reason, error };
}

/**
 * Names match in any case, as they did in the Go original; `null` reads as an empty object.
 *
 * Blanks around a value mean nothing, and an empty value is none: an unset variable of a Shortcut arrives as
 * one.
 */
function fieldsOf(body: Uint8Array): Fields | undefined {
  const value = parseBody(body);
  if (value === null) return new Map();
  if (!isJsonObject(value)) return undefined;
  return new Map(
    Object.entries(value).map(([name, field]) => [
      name.toLowerCase(),
      name.toLowerCase() === "text" ? field : trimmed(field),
    ]),
  );
}

function trimmed(field: unknown): unknown {
  const value = typeof field === "string" ? field.trim() : field;
  return value === "" || value === null ? undefined : value;
}

function parseBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}

function readText(value: unknown, limits: BodyLimits): string | BodyError {
  if (value !== undefined && value !== null && typeof value !== "string")
    return bodyError("text", `text must be a string, not ${typeInWords(value)}`);
  if (typeof value !== "string" || value.trim() === "") return bodyError("text", "text field is required");
  const characters = value.length > limits.textCharacters ? Array.from(value).length : 0;
  if (characters > limits.textCharacters)
    return bodyError(
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
  const shown = typeof value === "string" ? Array.from(value).slice(0, 40).join("") : typeInWords(value);
  return `invalid mode: ${shown} (valid: ${MODES.join(", ")})`;
}

function typeInWords(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
}

function readTokens(fields: Fields): Pick<AgentRequest, "maxTokens" | "thinkingTokens"> | BodyError {
  const { maxTokensDefault, maxTokensLimit, maxThinkingTokens } = REQUEST_LIMITS;
  const thinkingTokens = parseWholeNumber(fields.get("thinkingtokens")) ?? Number.NaN;
  if (!(thinkingTokens >= 0 && thinkingTokens <= maxThinkingTokens))
    return bodyError("thinking_tokens", `thinkingTokens must be between 0 and ${maxThinkingTokens}`);
  const maxTokens = parseWholeNumber(fields.get("maxtokens"));
  if (maxTokens === undefined) return bodyError("max_tokens", "maxTokens must be a whole number");
  if (maxTokens > maxTokensLimit) return bodyError("max_tokens", `maxTokens cannot exceed ${maxTokensLimit}`);
  return { thinkingTokens, maxTokens: maxTokens <= 0 ? maxTokensDefault : maxTokens };
}

/** Missing is 0; a Shortcut may send a number as text. `undefined` for anything else. */
function parseWholeNumber(value: unknown): number | undefined {
  if (value === undefined) return 0;
  const number = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) ? number : undefined;
}

function readTimeZone(value: unknown): string | undefined | BodyError {
  if (value === undefined) return undefined;
  const isZone = typeof value === "string" && canonicalTimeZone(value) !== undefined;
  return isZone
    ? value
    : bodyError("time_zone", "timeZone must be an IANA zone, such as America/Los_Angeles");
}

/**
 * A watch whose clock or calendar is set otherwise sends another year; no speaker is further from us than
 * this.
 */
const MAX_CLOCK_DIFFERENCE_MS = 2 * 86_400_000;

/** When the user spoke, by their own clock; a time that cannot be true gives way to the time of receipt. */
function readNow(
  value: unknown,
  { nowMs, timeZone }: BodyLimits,
): { readonly atMs?: number; readonly isIgnored: boolean } {
  if (value === undefined) return { isIgnored: false };
  const atMs = typeof value === "string" ? instantIn(value, timeZone) : undefined;
  const isCredible = atMs !== undefined && Math.abs(atMs - nowMs) <= MAX_CLOCK_DIFFERENCE_MS;
  return isCredible ? { atMs, isIgnored: false } : { isIgnored: true };
}

/** A mode as the caller spelled it, or the tolerant reading of it. */
interface ParsedMode {
  readonly mode: Mode;
  /** True when the spelling was not one of {@link MODES}. */
  readonly isTolerated: boolean;
}

/**
 * Reads a mode; hand-built Shortcuts send their menu label, such as `Deep Think` or one with an emoji.
 *
 * Missing is the default mode; `undefined` comes back when nothing fits.
 */
function parseMode(value: unknown): ParsedMode | undefined {
  if (value === undefined) return { mode: DEFAULT_MODE, isTolerated: false };
  if (typeof value !== "string") return undefined;
  const exact = MODES.find((mode) => mode === value);
  if (exact !== undefined) return { mode: exact, isTolerated: false };
  const letters = value.toLowerCase().replace(/[^\p{L}]/gu, "");
  const mode = MODES.find((name) => name === letters);
  return mode === undefined ? undefined : { mode, isTolerated: true };
}
