import { type AgentRequest, DEFAULT_MODE, type Mode, MODES, REQUEST_LIMITS } from "../contract/request.ts";

/** Which rule a body broke; the word that the line carries, never the caller's text. */
type BodyReason =
  "json" | "text" | "text_length" | "mode" | "thinking_tokens" | "max_tokens" | "now" | "time_zone";

/** A body that was read, or the first rule that it broke. */
type BodyReading =
  | { readonly request: AgentRequest; readonly isModeTolerated: boolean }
  | { readonly reason: BodyReason; readonly error: string };

/** Limits of the stage that a body is held against. */
interface BodyLimits {
  readonly textCharacters: number;
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
  const moment = readMoment(fields);
  if ("error" in moment) return moment;
  return { request: { text, mode: mode.mode, ...tokens, ...moment }, isModeTolerated: mode.isTolerated };
}

function bodyError(reason: BodyReason, error: string): BodyError {
  return { reason, error };
}

/** Names match in any case, as they did in the Go original; `null` reads as an empty object. */
function fieldsOf(body: Uint8Array): Fields | undefined {
  const value = parseBody(body);
  if (value === null) return new Map();
  if (typeof value !== "object" || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field]));
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
  const {
    maxTokensDefault,
    maxTokensLimit: maxTokensMost,
    maxThinkingTokens: thinkingTokensMost,
  } = REQUEST_LIMITS;
  const thinkingTokens = parseWholeNumber(fields.get("thinkingtokens")) ?? Number.NaN;
  if (!(thinkingTokens >= 0 && thinkingTokens <= thinkingTokensMost))
    return bodyError("thinking_tokens", `thinkingTokens must be between 0 and ${thinkingTokensMost}`);
  const maxTokens = parseWholeNumber(fields.get("maxtokens"));
  if (maxTokens === undefined) return bodyError("max_tokens", "maxTokens must be a whole number");
  if (maxTokens > maxTokensMost) return bodyError("max_tokens", `maxTokens cannot exceed ${maxTokensMost}`);
  return { thinkingTokens, maxTokens: maxTokens <= 0 ? maxTokensDefault : maxTokens };
}

/** Missing is 0; a Shortcut may send a number as text. `undefined` for anything else. */
function parseWholeNumber(value: unknown): number | undefined {
  if (value === undefined || value === null || value === "") return 0;
  const number = typeof value === "string" && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) ? number : undefined;
}

function readMoment(fields: Fields): Pick<AgentRequest, "now" | "timeZone"> | BodyError {
  const now = fields.get("now") ?? undefined;
  const timeZone = fields.get("timezone") ?? undefined;
  if (now !== undefined && (typeof now !== "string" || parseInstant(now) === undefined))
    return bodyError("now", "now must be ISO 8601 with an offset, such as 2026-11-23T09:00:00-08:00");
  if (timeZone !== undefined && (typeof timeZone !== "string" || !isTimeZone(timeZone)))
    return bodyError("time_zone", "timeZone must be an IANA zone, such as America/Los_Angeles");
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

/** A mode as the caller spelled it, or the tolerant reading of it. */
interface ParsedMode {
  readonly mode: Mode;
  /** True when the spelling was not one of {@link MODES}. */
  readonly isTolerated: boolean;
}

/**
 * Reads a mode; hand-built Shortcuts send their menu label, such as `Deep Think` or one with an emoji.
 *
 * Missing, `null` or empty is the default mode; `undefined` comes back when nothing fits.
 */
function parseMode(value: unknown): ParsedMode | undefined {
  if (value === undefined || value === null || value === "")
    return { mode: DEFAULT_MODE, isTolerated: false };
  if (typeof value !== "string") return undefined;
  const exact = MODES.find((mode) => mode === value);
  if (exact !== undefined) return { mode: exact, isTolerated: false };
  const letters = value.toLowerCase().replace(/[^\p{L}]/gu, "");
  const mode = MODES.find((name) => name === letters);
  return mode === undefined ? undefined : { mode, isTolerated: true };
}

const ISO_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/;

/** Epoch milliseconds of an ISO 8601 instant that states its offset; `undefined` for anything else. */
export function parseInstant(text: string): number | undefined {
  if (!ISO_INSTANT.test(text)) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
