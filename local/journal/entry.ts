import type { AlarmHistoryItem } from "../cloudwatch/alarm/alarm-history.ts";
import type { AlarmsSnapshot } from "../cloudwatch/alarm/alarms.ts";
import type { InvocationRecord, LogEvent, UrlRecord } from "../function/record.ts";
import type { Fault, Mail } from "../server/wire.ts";

/** One line of the journal: something that happened and must still be known after `kill -9`. */
export type JournalEntry =
  | { readonly kind: "log"; readonly atMs: number; readonly event: LogEvent }
  | { readonly kind: "invocation"; readonly atMs: number; readonly record: InvocationRecord }
  | { readonly kind: "url"; readonly atMs: number; readonly record: UrlRecord }
  | { readonly kind: "mail"; readonly atMs: number; readonly mail: Mail }
  | { readonly kind: "fault"; readonly atMs: number; readonly fault: Fault }
  | { readonly kind: "confirmed"; readonly atMs: number; readonly subscription: string }
  /** What is new of the alarms of a Region: their saved states and the history since the entry before. */
  | {
      readonly kind: "alarms";
      readonly atMs: number;
      readonly region: string;
      readonly alarms: readonly SavedAlarm[];
      readonly history: readonly AlarmHistoryItem[];
    };

/** A saved alarm as the engine hands it out and takes it back. */
export type SavedAlarm = AlarmsSnapshot["alarms"][number];

const KINDS: Readonly<Record<JournalEntry["kind"], true>> = {
  log: true,
  invocation: true,
  url: true,
  mail: true,
  fault: true,
  confirmed: true,
  alarms: true,
};

/** Reads one line; `undefined` when it is not an entry. */
export function entryOf(line: string): JournalEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== "object" || value === null) return false;
  const { kind, atMs } = value as Readonly<Record<string, unknown>>;
  return typeof kind === "string" && Object.hasOwn(KINDS, kind) && typeof atMs === "number";
}
