import { type Action, ACTIONS, type Reply } from "../contract/reply.ts";
import type { Mode } from "../contract/request.ts";

/** What had to be done to the model's text; the reason of a degraded outcome. */
type Repair = "fence" | "brace_span" | "truncated" | "schema" | "not_json" | "empty" | "refused";

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
}

/** A reply that keeps the contract, and what it took; no repair when the model did as asked. */
interface ReplyReading {
  readonly reply: Reply;
  readonly repair?: Repair;
}

type Fields = Readonly<Record<string, unknown>>;

/** How to find the object, most faithful first; the word is the repair that it means. */
const READINGS: readonly (readonly [Repair | undefined, (text: string) => unknown])[] = [
  [undefined, parseJson],
  ["fence", (text) => parseJson(/^\s*```\w*\s*\n([\s\S]*?)\n?\s*```\s*$/.exec(text)?.[1])],
  ["brace_span", (text) => parseJson(/\{[\s\S]*\}/.exec(text)?.[0])],
  ["truncated", (text) => parsePartialJson(/\{[\s\S]*$/.exec(text)?.[0] ?? "")],
];

const REFUSALS: ReadonlySet<string> = new Set(["refusal", "content_filtered", "guardrail_intervened"]);

const NULLABLE = ["dueISO", "startISO", "endISO", "location", "url", "notes"] as const;

/** Reads the model's text as a reply, repairing what can be repaired and never failing. */
export function readReply(written: ModelText, spoken: DictatedRequest): ReplyReading {
  for (const [repair, read] of READINGS) {
    const fields = objectOf(read(written.text));
    if (fields === undefined) continue;
    return withRepair(replyFromFields(fields, spoken), repair);
  }
  return { reply: fallbackReply(written.text, spoken), repair: fallbackRepair(written) };
}

function withRepair(reading: ReplyReading, repair: Repair | undefined): ReplyReading {
  return repair === undefined ? reading : { reply: reading.reply, repair };
}

function fallbackRepair({ text, stopReason }: ModelText): Repair {
  if (REFUSALS.has(stopReason)) return "refused";
  if (text.trim() === "") return "empty";
  return stopReason === "max_tokens" ? "truncated" : "not_json";
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/** Keeps every field of the right type; what is not of it is `null` or made from the spoken words. */
function replyFromFields(fields: Fields, spoken: DictatedRequest): ReplyReading {
  const markdown = isFilled(fields.markdown) ? fields.markdown : spoken.text;
  const action = ACTIONS.find((each) => each === fields.action);
  const reply: Reply = {
    markdown,
    action: action ?? actionOf(spoken.mode),
    title: isFilled(fields.title) ? fields.title : replyTitle(markdown, spoken.mode),
    dueISO: filledOrNull(fields.dueISO),
    startISO: filledOrNull(fields.startISO),
    endISO: filledOrNull(fields.endISO),
    location: filledOrNull(fields.location),
    url: filledOrNull(fields.url),
    notes: filledOrNull(fields.notes),
    tags: Array.isArray(fields.tags) ? fields.tags.filter(isFilled) : [],
  };
  return isWellFormed(fields) ? { reply } : { reply, repair: "schema" };
}

function isWellFormed(fields: Fields): boolean {
  return (
    isFilled(fields.markdown) &&
    isFilled(fields.title) &&
    ACTIONS.some((action) => action === fields.action) &&
    NULLABLE.every((name) => isStringOrMissing(fields[name])) &&
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

function filledOrNull(value: unknown): string | null {
  return isFilled(value) ? value : null;
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
