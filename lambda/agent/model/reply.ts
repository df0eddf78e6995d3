import { ACTIONS, type Action, type Reply } from "../../contract/reply.ts";
import type { Mode } from "../../contract/request.ts";
import { parsePartialJson } from "./partial-json.ts";
import { titleFor } from "./reply-title.ts";

/** What had to be done to the model's text; the reason of a degraded outcome. */
export type Repair = "fence" | "brace_span" | "truncated" | "schema" | "not_json" | "empty" | "refused";

/** What is known when the model has finished. */
export interface Written {
  /** The text blocks joined; thinking is not among them. */
  readonly text: string;
  readonly stopReason: string;
}

/** The spoken request behind the text: its mode, and its words for when the model brought none. */
export interface Spoken {
  readonly mode: Mode;
  readonly text: string;
}

/** A reply that keeps the contract, and what it took; no repair when the model did as asked. */
export interface ReplyReading {
  readonly reply: Reply;
  readonly repair?: Repair;
}

type Fields = Readonly<Record<string, unknown>>;

/** How to find the object, most faithful first; the word is the repair that it means. */
const READINGS: readonly (readonly [Repair | undefined, (text: string) => unknown])[] = [
  [undefined, parsed],
  ["fence", (text) => parsed(/^\s*```\w*\s*\n([\s\S]*?)\n?\s*```\s*$/.exec(text)?.[1])],
  ["brace_span", (text) => parsed(/\{[\s\S]*\}/.exec(text)?.[0])],
  ["truncated", (text) => parsePartialJson(/\{[\s\S]*$/.exec(text)?.[0] ?? "")],
];

const REFUSALS: ReadonlySet<string> = new Set(["refusal", "content_filtered", "guardrail_intervened"]);

const NULLABLE = ["dueISO", "startISO", "endISO", "location", "url", "notes"] as const;

/** Reads the model's text as a reply, repairing what can be repaired and never failing. */
export function readReply(written: Written, spoken: Spoken): ReplyReading {
  for (const [repair, read] of READINGS) {
    const fields = objectIn(read(written.text));
    if (fields === undefined) continue;
    return withRepair(fromFields(fields, spoken), repair);
  }
  return { reply: fallback(written.text, spoken), repair: fallbackRepair(written) };
}

function withRepair(reading: ReplyReading, repair: Repair | undefined): ReplyReading {
  return repair === undefined ? reading : { reply: reading.reply, repair };
}

function fallbackRepair({ text, stopReason }: Written): Repair {
  if (REFUSALS.has(stopReason)) return "refused";
  if (text.trim() === "") return "empty";
  return stopReason === "max_tokens" ? "truncated" : "not_json";
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function objectIn(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

/** Keeps every field of the right type; what is not of it is `null` or made from the spoken words. */
function fromFields(fields: Fields, spoken: Spoken): ReplyReading {
  const markdown = isFilled(fields.markdown) ? fields.markdown : spoken.text;
  const action = ACTIONS.find((each) => each === fields.action);
  const reply: Reply = {
    markdown,
    action: action ?? actionOf(spoken.mode),
    title: isFilled(fields.title) ? fields.title : titleFor(markdown, spoken.mode),
    dueISO: filledOrNull(fields.dueISO),
    startISO: filledOrNull(fields.startISO),
    endISO: filledOrNull(fields.endISO),
    location: filledOrNull(fields.location),
    url: filledOrNull(fields.url),
    notes: filledOrNull(fields.notes),
    tags: Array.isArray(fields.tags) ? fields.tags.filter(isFilled) : [],
  };
  return isSound(fields) ? { reply } : { reply, repair: "schema" };
}

function isSound(fields: Fields): boolean {
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
function fallback(text: string, spoken: Spoken): Reply {
  const prose = text.trim();
  const markdown = prose === "" || /^(```\w*\s*)?[{[]/.test(prose) ? spoken.text : prose;
  return {
    markdown,
    action: actionOf(spoken.mode),
    title: titleFor(markdown, spoken.mode),
    dueISO: null,
    startISO: null,
    endISO: null,
    location: null,
    url: null,
    notes: null,
    tags: [spoken.mode],
  };
}
