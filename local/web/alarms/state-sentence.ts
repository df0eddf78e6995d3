import type { AlarmRow } from "../../server/wire.ts";
import { nameWithoutStage, truncateText } from "../format/text.ts";
import { clockTime } from "../format/time.ts";
import { alarmSeverity, type Incident, openIncidents } from "./urgency.ts";

/** A stretch of the sentence; with `alarmName` it leads to that alarm. */
export interface SentencePiece {
  readonly text: string;
  readonly alarmName?: string;
}

/** What the top of the page says, and how loudly. */
export interface StateSentence {
  readonly level: "ok" | "alarm" | "unsure";
  readonly pieces: readonly SentencePiece[];
  /** Since when it is so; `undefined` when there is nothing to date. */
  readonly sinceMs?: number;
}

/** Incidents that the sentence names; the section lists the rest. */
const MAX_INCIDENTS_NAMED = 4;

/** Characters of a name in the sentence; the link shows the whole. */
const MAX_NAME_LENGTH = 48;

/** The one sentence that a half-awake reader needs: what is in alarm, and since when; names lose what the `stage` shares. */
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
