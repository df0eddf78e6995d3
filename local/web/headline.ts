import { type ComponentChild, h } from "preact";
import { useEffect } from "preact/hooks";
import type { AlarmRow } from "../server/wire.ts";
import { alarmSeverity, type Incident, openIncidents } from "./format/alarm-urgency.ts";
import { nameWithoutStage, truncateText } from "./format/text.ts";
import { clockTime, timeAgo } from "./format/time.ts";
import type { Live } from "./state/live.ts";
import { routeHash } from "./state/route.ts";

type Level = StateSentence["level"];

/** What the browser's tab shows. */
interface TabState {
  readonly level: Level;
  readonly stage: string;
  /** Unread mails. */
  readonly unread: number;
}

/** `(2) ALARM · Wrist Agent production`: unread mails, the worst, and which system it is. */
export function tabTitle({ level, stage, unread }: TabState): string {
  const count = unread > 0 ? `(${unread}) ` : "";
  return `${count}${level === "alarm" ? "ALARM · " : ""}Wrist Agent ${stage}`.trim();
}

const LEVEL_COLORS: Readonly<Record<Level, string>> = { ok: "2c9c6a", alarm: "d62728", unsure: "d9a02b" };

/** A disc in the colour of the level, as an address that the tab takes for its icon. */
export function tabIcon(level: Level): string {
  const disc = `<circle cx="8" cy="8" r="7" fill="%23${LEVEL_COLORS[level]}"/>`;
  return `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${disc}</svg>`;
}

interface HeadlineProps {
  readonly live: Live;
  readonly nowMs: number;
  readonly unread: number;
}

/** The sentence that says how things are; the tab says it too. */
export function Headline({ live, nowMs, unread }: HeadlineProps): ComponentChild {
  const { level, pieces, sinceMs } = headlineSentence(live, nowMs);
  const { overview } = live;
  const stage = overview?.stage ?? "";
  useEffect(() => {
    document.title = tabTitle({ level, stage, unread });
    document.querySelector("link[rel=icon]")?.setAttribute("href", tabIcon(level));
  }, [level, stage, unread]);
  const where = overview === undefined ? "" : `${stage} · ${overview.region} · on this machine`;
  return h("div", { class: `headline level-${level}` }, [
    h("h1", null, ["Wrist Agent ", h("span", { class: "hint" }, where)]),
    h("p", { class: "sentence" }, [
      h("span", { role: "status", id: "state" }, pieces.map(linkedPiece)),
      sinceMs === undefined ? null : h("span", { class: "since" }, ` (${timeAgo(sinceMs, nowMs)})`),
    ]),
  ]);
}

function linkedPiece({ text, alarmName }: StateSentence["pieces"][number]): ComponentChild {
  if (alarmName === undefined) return text;
  return h("a", { href: routeHash({ section: "alarms", item: alarmName }), title: alarmName }, text);
}

function headlineSentence(live: Live, nowMs: number): StateSentence {
  const sinceMs = live.disconnectedSinceMs;
  if (sinceMs !== undefined) {
    const text = `Disconnected since ${clockTime(sinceMs, nowMs)}: the local runtime does not answer; what is below is old`;
    return { level: "unsure", pieces: [{ text }], sinceMs };
  }
  if (live.overview === undefined)
    return { level: "unsure", pieces: [{ text: "Asking the local runtime…" }] };
  return stateSentence(live.alarms, nowMs, live.overview.stage);
}

/** A stretch of the sentence; with `alarmName` it leads to that alarm. */
interface SentencePiece {
  readonly text: string;
  readonly alarmName?: string;
}

/** What the top of the page says, and how loudly. */
interface StateSentence {
  readonly level: "ok" | "alarm" | "unsure";
  readonly pieces: readonly SentencePiece[];
  /** Since when it is so; `undefined` when there is nothing to date. */
  readonly sinceMs?: number;
}

/** Incidents that the sentence names; the section lists the rest. */
const MAX_INCIDENTS_NAMED = 4;

/** Characters of a name in the sentence; the link shows the whole. */
const MAX_NAME_LENGTH = 48;

/**
 * The one sentence that a half-awake reader needs: what is in alarm, and since when; names lose what the
 * `stage` shares.
 */
export function stateSentence(alarms: readonly AlarmRow[], nowMs: number, stage = ""): StateSentence {
  const raised = alarms.filter((alarm) => alarm.state === "ALARM");
  if (raised.length > 0) return raisedSentence(raised, nowMs, stage);
  return quietSentence(alarms, nowMs);
}

/** Nothing is in ALARM: what can have no data on this machine does not make it doubtful. */
function quietSentence(alarms: readonly AlarmRow[], nowMs: number): StateSentence {
  const hasNoDataHere = ({ state, noDataHere }: AlarmRow): boolean =>
    state === "INSUFFICIENT_DATA" && noDataHere !== undefined;
  const evaluated = alarms.filter((alarm) => !hasNoDataHere(alarm));
  const withoutData = evaluated.filter((alarm) => alarm.state === "INSUFFICIENT_DATA");
  if (withoutData.length > 0)
    return { level: "unsure", pieces: plainText(insufficientDataText(withoutData.length, evaluated.length)) };
  if (evaluated.length === 0) {
    const text = alarms.length === 0 ? "No alarms: the templates define none" : "No alarm has data here";
    return { level: "unsure", pieces: plainText(text) };
  }
  const sinceMs = Math.max(...evaluated.map((alarm) => alarm.sinceMs));
  const unavailable = alarms.length - evaluated.length;
  const subject = evaluated.length === 1 ? "The only alarm is OK" : `All ${evaluated.length} alarms OK`;
  const rest = unavailable === 0 ? "" : `; ${unavailable} can have no data on this machine`;
  return { level: "ok", pieces: plainText(`${subject} since ${clockTime(sinceMs, nowMs)}${rest}`), sinceMs };
}

function raisedSentence(raised: readonly AlarmRow[], nowMs: number, stage: string): StateSentence {
  const all = openIncidents(raised);
  const named = all.slice(0, MAX_INCIDENTS_NAMED);
  const between = named.some(({ causes }) => causes.length > 0) ? "; " : ", ";
  const name = ({ alarmName }: AlarmRow): SentencePiece => ({
    text: truncateText(nameWithoutStage(alarmName, stage), MAX_NAME_LENGTH),
    alarmName,
  });
  const describe = ({ alarm, causes }: Incident): SentencePiece[] => [
    name(alarm),
    { text: `${urgencyText(alarm)} since ${clockTime(alarm.sinceMs, nowMs)}` },
    ...(causes.length === 0 ? [] : [{ text: ", raised by " }, ...joinPieces(causes.map(name))]),
  ];
  const rest = all.length - named.length;
  return {
    level: "alarm",
    pieces: [
      { text: `${raised.length === 1 ? "1 alarm" : `${raised.length} alarms`} in ALARM: ` },
      ...named.flatMap((incident, i) =>
        i === 0 ? describe(incident) : [{ text: between }, ...describe(incident)],
      ),
      ...(rest === 0 ? [] : [{ text: `${between}and ${rest} more` }]),
    ],
    sinceMs: Math.min(...raised.map((alarm) => alarm.sinceMs)),
  };
}

/** ` (page)`, ` (ticket, actions suppressed)`; nothing of an alarm without a topic whose actions run. */
function urgencyText(alarm: AlarmRow): string {
  const severity = alarmSeverity(alarm);
  const words = [
    ...(severity === "none" ? [] : [severity]),
    ...(alarm.suppression === undefined ? [] : [`actions ${alarm.suppression.split(" ", 1)[0] ?? ""}`]),
  ];
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}

/** `a`, `a and b`, `a, b and c`. */
function joinPieces(pieces: readonly SentencePiece[]): SentencePiece[] {
  return pieces.flatMap((piece, i) => {
    if (i === 0) return [piece];
    return [{ text: i === pieces.length - 1 ? " and " : ", " }, piece];
  });
}

function plainText(text: string): readonly SentencePiece[] {
  return [{ text }];
}

function insufficientDataText(withoutData: number, total: number): string {
  const sure = total > withoutData ? `${total - withoutData} OK, ` : "";
  return `Nothing in ALARM: ${sure}${withoutData} without data yet`;
}
