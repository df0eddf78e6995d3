import { zonedIso } from "@wrist-agent/cloudwatch/zoned-time";
import { type DictatedTime, findDictatedTime, offsetOf } from "./dictated-time.ts";

/** What the agent's prompt says in lines of `Name: value`. */
interface PromptLines {
  readonly mode: string;
  /** Epoch milliseconds; undefined when the prompt does not say. */
  readonly nowMs: number | undefined;
  /** IANA zone; undefined when the prompt names none that exists. */
  readonly timeZone: string | undefined;
}

/** Reads the agent's lines from a system prompt; undefined for a prompt of another kind. */
export function readPromptLines(system: string): PromptLines | undefined {
  const mode = promptLine(system, "Mode");
  if (mode === undefined) return undefined;
  const nowMs = Date.parse(promptLine(system, "Now") ?? "");
  const zone = promptLine(system, "Time zone");
  return {
    mode,
    nowMs: Number.isNaN(nowMs) ? undefined : nowMs,
    timeZone: zone !== undefined && isZone(zone) ? zone : undefined,
  };
}

/** The dictated text of a user message. */
export function dictatedText(user: string): string {
  const wrapped = /<dictation>([\s\S]*?)<\/dictation>/.exec(user)?.[1] ?? user;
  return wrapped.trim();
}

function promptLine(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(\\S.*?)\\s*$`, "m").exec(text)?.[1];
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** The ten fields that the agent's prompt asks for, as the stand-in fills them. */
interface WrittenReply {
  readonly markdown: string;
  readonly action: string;
  readonly title: string;
  readonly dueISO: string | null;
  readonly startISO: string | null;
  readonly endISO: string | null;
  readonly location: string | null;
  readonly url: string | null;
  readonly notes: string | null;
  readonly tags: readonly string[];
}

/** Stands under everything that the stand-in writes. */
export const DISCLAIMER = "Written by the stand-in for the model; no model was asked.";
/** Tag of everything that the stand-in writes. */
export const STAND_IN_TAG = "stand-in";

const TITLE_WORDS = 8;
const EVENT_MS = 3_600_000;

interface Draft {
  readonly said: string;
  readonly title: string;
  readonly when: DictatedTime;
  readonly timeZone: string;
}

type Fields = Partial<WrittenReply> & Pick<WrittenReply, "markdown" | "action">;

const MODES: Readonly<Record<string, (draft: Draft) => Fields>> = {
  note: (draft) => ({ action: "note", markdown: `# ${draft.title}\n\n${bullets(draft.said)}` }),
  reminder: ({ title, when, timeZone }) => ({
    action: "reminder",
    markdown: `${title}.`,
    dueISO: zonedIsoOrNull(when.startMs, timeZone),
  }),
  event: eventFields,
  research: ({ title, said }) => ({ action: "note", markdown: outline(title, said, RESEARCH_HEADINGS) }),
  deepthink: ({ title, said }) => ({ action: "note", markdown: outline(title, said, THINKING_HEADINGS) }),
};

const RESEARCH_HEADINGS = ["What is asked", "What matters", "What to look up", "Where to check it"];
const THINKING_HEADINGS = [
  "The question",
  "What speaks for it",
  "What speaks against it",
  "What would decide it",
  "Conclusion",
];

/** Writes the reply that the prompt asks for; it reads times and places, and reasons about nothing. */
export function writtenReply(said: string, lines: PromptLines): WrittenReply {
  const timeZone = lines.timeZone ?? "UTC";
  const when =
    lines.nowMs === undefined ? { rest: said } : findDictatedTime(said, { nowMs: lines.nowMs, timeZone });
  const title = titleOf(isTimed(lines.mode) ? when.rest : said);
  const write = (Object.hasOwn(MODES, lines.mode) ? MODES[lines.mode] : undefined) ?? MODES.note;
  const fields = write?.({ said, title, when, timeZone });
  return {
    title,
    action: "note",
    dueISO: null,
    startISO: null,
    endISO: null,
    location: null,
    url: /https?:\/\/\S+/.exec(said)?.[0] ?? null,
    notes: null,
    tags: [lines.mode, STAND_IN_TAG],
    ...fields,
    markdown: `${fields?.markdown ?? ""}\n\n_${DISCLAIMER}_`,
  };
}

function isTimed(mode: string): boolean {
  return mode === "reminder" || mode === "event";
}

function eventFields({ when, timeZone }: Draft): Fields {
  const { place, rest } = placeOf(when.rest);
  const title = titleOf(rest);
  const endMs = when.endMs ?? (when.startMs === undefined ? undefined : when.startMs + EVENT_MS);
  return {
    action: "event",
    title,
    markdown: `${title}.`,
    startISO: zonedIsoOrNull(when.startMs, timeZone),
    endISO: zonedIsoOrNull(endMs, timeZone),
    location: place,
  };
}

function zonedIsoOrNull(instantMs: number | undefined, timeZone: string): string | null {
  return instantMs === undefined ? null : zonedIso(instantMs, offsetOf(timeZone));
}

function placeOf(said: string): { readonly place: string | null; readonly rest: string } {
  const found = /\s+(?:at|in) (?:the )?([a-z][^,]*)/i.exec(said);
  if (found?.[1] === undefined) return { place: null, rest: said };
  const rest = said.slice(0, found.index) + said.slice(found.index + found[0].length);
  return { place: capitalised(found[1].trim()), rest };
}

/** The first words, without the ones that only say what is wanted. */
function titleOf(said: string): string {
  const subject = said
    .replace(
      /^(please )?(remind me (to|about)|remember to|note that|make a note( that)?|add an? event( for)?)\s+/i,
      "",
    )
    .replace(/\s+/g, " ")
    .trim();
  const words = (subject.split(/[,.;]/)[0] ?? "").split(" ").slice(0, TITLE_WORDS).join(" ");
  return words === "" ? "Wrist Agent" : capitalised(words);
}

function bullets(said: string): string {
  return said
    .split(/[,.;]|\band\b/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => `- ${capitalised(part)}`)
    .join("\n");
}

function outline(title: string, said: string, headings: readonly string[]): string {
  const sections = headings.map(
    (heading) =>
      `## ${heading}\n\nA model would write about "${said}" here, in a paragraph of this length, so that ` +
      "sizes, times and costs on the dashboard look like those of a real answer. The stand-in knows nothing about it.",
  );
  return [`# ${title}`, ...sections].join("\n\n");
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
