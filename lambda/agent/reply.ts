import { isJsonObject, type JsonObject } from "@wrist-agent/cloudwatch/json";
import { type Action, ACTIONS, type Mode, type Reply } from "../contract/request.ts";
import { parseInstant, parseWallClock } from "../contract/zoned-format.ts";
import { instantIn, spokenAt } from "./moment.ts";

/** What had to be done to the model's text; the reason of a degraded outcome. */
type Repair =
  | "fence"
  | "brace_span"
  | "truncated"
  | "schema"
  | "times"
  | "no_start"
  | "not_json"
  | "empty"
  | "refused"
  | "content_filtered";

/** What is known when the model has finished. */
interface ModelText {
  /** The text blocks joined; thinking is not among them. */
  readonly text: string;
  readonly stopReason: string;
}

/** The spoken request behind the text: its mode, and its words for when the model brought none. */
interface DictatedRequest {
  readonly mode: Mode;
  readonly text: string;
  /** IANA zone that a time without an offset is meant in. */
  readonly timeZone: string;
}

/** A reply that keeps the contract, and what it took; no repair when the model did as asked. */
interface ReplyReading {
  readonly reply: Reply;
  readonly repair?: Repair;
}

/** What searching a text takes, so that a test can count the characters that are looked at. */
export type SearchableText = Pick<string, "indexOf" | "lastIndexOf" | "slice" | "length">;

/**
 * Where the object may stand, most faithful first; the word is the repair that it means.
 *
 * Each is found by looking at every character once or twice: a model that writes thousands of newlines or
 * braces costs no more than one that writes prose.
 */
export const OBJECT_PLACES: readonly (readonly [Repair | undefined, (text: SearchableText) => string])[] = [
  [undefined, (text) => text.slice(0)],
  ["fence", fencedText],
  ["brace_span", (text) => betweenBraces(text, text.lastIndexOf("}") + 1)],
  ["truncated", (text) => betweenBraces(text, text.length)],
];

/**
 * What stands between the first code fence's line and the next fence; all of the rest where there is none.
 */
function fencedText(text: SearchableText): string {
  const fence = text.indexOf("```");
  const lineEnd = fence < 0 ? -1 : text.indexOf("\n", fence);
  if (lineEnd < 0) return "";
  const end = text.indexOf("```", lineEnd);
  return text.slice(lineEnd + 1, end < 0 ? text.length : end);
}

function betweenBraces(text: SearchableText, end: number): string {
  const begin = text.indexOf("{");
  return begin < 0 || end <= begin ? "" : text.slice(begin, end);
}

/** Stop reasons that speak of what was said or written, and not of its length. */
const STOPPED_BY_POLICY: Readonly<Record<string, Repair>> = {
  refusal: "refused",
  content_filtered: "content_filtered",
  guardrail_intervened: "content_filtered",
};

/** Stop reasons that cut a text in the middle. */
const LENGTH_STOPS: ReadonlySet<string> = new Set(["max_tokens", "model_context_window_exceeded"]);

const NULLABLE = ["dueISO", "startISO", "endISO", "location", "url", "notes"] as const;

/** Reads the model's text as a reply, repairing what can be repaired and never failing. */
export function readReply(written: ModelText, spoken: DictatedRequest): ReplyReading {
  const byPolicy = STOPPED_BY_POLICY[written.stopReason];
  for (const [repair, place] of OBJECT_PLACES) {
    const found = place(written.text);
    const value = repair === "truncated" ? parsePartialJson(found) : parseComplete(found);
    if (!isJsonObject(value)) continue;
    const reading = replyFromFields(value, spoken);
    return withRepair(reading.reply, byPolicy ?? repair ?? reading.repair);
  }
  return withRepair(fallbackReply(written.text, spoken), byPolicy ?? fallbackRepair(written));
}

function withRepair(reply: Reply, repair: Repair | undefined): ReplyReading {
  return repair === undefined ? { reply } : { reply, repair };
}

function fallbackRepair({ text, stopReason }: ModelText): Repair {
  if (text.trim() === "") return "empty";
  return LENGTH_STOPS.has(stopReason) ? "truncated" : "not_json";
}

/** Keeps every field of the right type; what is not of it is `null` or made from the spoken words. */
function replyFromFields(fields: JsonObject, spoken: DictatedRequest): ReplyReading {
  const { times, isTrusted } = readTimes(fields, spoken.timeZone);
  const markdown = isFilled(fields.markdown) ? fields.markdown : spoken.text;
  const action = ACTIONS.find((each) => each === fields.action);
  const reply: Reply = {
    markdown,
    action: action ?? actionOf(spoken.mode),
    title: isFilled(fields.title) ? fields.title : replyTitle(markdown, spoken.mode),
    ...times,
    location: filledOrNull(fields.location),
    url: filledOrNull(fields.url),
    notes: filledOrNull(fields.notes),
    tags: Array.isArray(fields.tags) ? fields.tags.filter(isFilled) : [],
  };
  if (!isWellFormed(fields)) return { reply, repair: "schema" };
  if (!isTrusted) return { reply, repair: "times" };
  // A Shortcut can make no event of it; times are null when unknown, so it goes out as it is.
  return withRepair(reply, reply.action === "event" && reply.startISO === null ? "no_start" : undefined);
}

type Times = Pick<Reply, "dueISO" | "startISO" | "endISO">;

/** The times that a Shortcut can use; a wrong time is worse than none, so what is not one becomes `null`. */
function readTimes(
  fields: JsonObject,
  timeZone: string,
): { readonly times: Times; readonly isTrusted: boolean } {
  const dueISO = usableTime(fields.dueISO, timeZone);
  const startISO = usableTime(fields.startISO, timeZone);
  const endISO = endAfter(startISO, usableTime(fields.endISO, timeZone));
  const times = { dueISO, startISO, endISO };
  const isTrusted = (["dueISO", "startISO", "endISO"] as const).every(
    (name) => times[name] === (fields[name] ?? null),
  );
  return { times, isTrusted };
}

/**
 * An instant with its offset as it is, a local time with the offset of the zone, `null` for anything else.
 */
function usableTime(value: unknown, timeZone: string): string | null {
  const text = typeof value === "string" ? value.trim() : "";
  if (parseInstant(text) !== undefined) return text;
  const nowMs = parseWallClock(text) === undefined ? undefined : instantIn(text, timeZone);
  return nowMs === undefined ? null : spokenAt({ nowMs, timeZone });
}

/** An event that ends before it begins, or that has no beginning, has no known end. */
function endAfter(start: string | null, end: string | null): string | null {
  const isAfter = start !== null && end !== null && (parseInstant(end) ?? 0) >= (parseInstant(start) ?? 0);
  return isAfter ? end : null;
}

function isWellFormed(fields: JsonObject): boolean {
  return (
    isFilled(fields.markdown) &&
    isFilled(fields.title) &&
    ACTIONS.some((action) => action === fields.action) &&
    NULLABLE.every((name) => isStringOrMissing(fields[name]) && !isSpelledNull(fields[name])) &&
    areTags(fields.tags ?? [])
  );
}

function isFilled(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "";
}

function isStringOrMissing(value: unknown): boolean {
  return value === undefined || value === null || typeof value === "string";
}

function areTags(value: unknown): boolean {
  return Array.isArray(value) && value.every((tag) => typeof tag === "string");
}

/** Models write the word where they mean nothing. */
function isSpelledNull(value: unknown): boolean {
  return typeof value === "string" && /^\s*(null|undefined|none|n\/a)\s*$/i.test(value);
}

function filledOrNull(value: unknown): string | null {
  return isFilled(value) && !isSpelledNull(value) ? value : null;
}

function actionOf(mode: Mode): Action {
  return ACTIONS.find((action) => action === mode) ?? "note";
}

/** Prose is kept as the note; half an object is not, then the speaker's own words are. */
function fallbackReply(text: string, spoken: DictatedRequest): Reply {
  const prose = text.trim();
  const markdown = prose === "" || /^(```\w*\s*)?[{[]/.test(prose) ? spoken.text : prose;
  return {
    markdown,
    action: actionOf(spoken.mode),
    title: replyTitle(markdown, spoken.mode),
    dueISO: null,
    startISO: null,
    endISO: null,
    location: null,
    url: null,
    notes: null,
    tags: [spoken.mode],
  };
}

interface JsonScan {
  /** Closers of what is open, innermost last. */
  readonly open: readonly string[];
  readonly isInString: boolean;
  /** Index of the backslash of an unfinished escape; -1 when there is none. */
  readonly escapeAt: number;
  /** Indexes of the commas outside strings, where the text can be cut. */
  readonly commas: readonly number[];
}

const CLOSER: Readonly<Record<string, string>> = { "{": "}", "[": "]" };

/** Commas tried from the end; a cut further back keeps too little to be worth it. */
const MAX_CUTS = 12;

/** Parses JSON that was cut off somewhere: what is open is closed, what is half written is dropped. */
function parsePartialJson(text: string): unknown {
  const whole = scanJson(text);
  const cuts = whole.commas.slice(-MAX_CUTS).reverse();
  for (const candidate of [closeJson(text, whole), ...cuts.map((at) => closeJsonAt(text, at))]) {
    const value = parseComplete(candidate);
    if (value !== undefined) return value;
  }
  return undefined;
}

function closeJsonAt(text: string, at: number): string {
  const head = text.slice(0, at);
  return closeJson(head, scanJson(head));
}

function closeJson(text: string, state: JsonScan): string {
  const head = state.escapeAt >= 0 ? text.slice(0, state.escapeAt) : text;
  return head + (state.isInString ? '"' : "") + [...state.open].reverse().join("");
}

function scanJson(text: string): JsonScan {
  const open: string[] = [];
  const commas: number[] = [];
  let isInString = false;
  let escapeAt = -1;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (escapeAt >= 0) {
      if (at - escapeAt >= (text.charAt(escapeAt + 1) === "u" ? 5 : 1)) escapeAt = -1;
    } else if (isInString) {
      if (character === "\\") escapeAt = at;
      else if (character === '"') isInString = false;
    } else if (character === '"') isInString = true;
    else if (character in CLOSER) open.push(CLOSER[character] ?? "");
    else if (character === "}" || character === "]") open.pop();
    else if (character === ",") commas.push(at);
  }
  return { open, isInString, escapeAt, commas };
}

function parseComplete(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const TITLE_CHARACTERS = 50;
const ELLIPSIS = "...";

/** A title for text that brought none: its first line that is no JSON, or the mode's name. */
function replyTitle(text: string, mode: Mode): string {
  const line = text
    .split("\n")
    .map((each) => each.trim())
    .find((each) => each !== "" && !/^[{[`]/.test(each));
  const title = (line ?? "").replace(/^##? /, "").trim();
  return title === "" ? `Wrist Agent ${mode.charAt(0).toUpperCase()}${mode.slice(1)}` : cutTitle(title);
}

/** Cuts by code points, so that no character is halved. */
function cutTitle(title: string): string {
  const characters = Array.from(title);
  if (characters.length <= TITLE_CHARACTERS) return title;
  return characters.slice(0, TITLE_CHARACTERS - ELLIPSIS.length).join("") + ELLIPSIS;
}
