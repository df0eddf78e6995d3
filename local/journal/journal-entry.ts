import type { AlarmHistoryItem } from "@wrist-agent/cloudwatch/alarms/alarm-history";
import type { AlarmsSnapshot } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { Datum } from "@wrist-agent/cloudwatch/metric";
import type { InvocationRecord, LogEvent, UrlRecord } from "../function/function-records.ts";
import type { Fault, Mail } from "../server/wire.ts";

/** One line of the journal: something that happened and must still be known after `kill -9`. */
export type JournalEntry =
  | { readonly kind: "log"; readonly atMs: number; readonly event: LogEvent }
  | { readonly kind: "invocation"; readonly atMs: number; readonly record: InvocationRecord }
  | { readonly kind: "url"; readonly atMs: number; readonly record: UrlRecord }
  | { readonly kind: "mail"; readonly atMs: number; readonly mail: Mail }
  | { readonly kind: "fault"; readonly atMs: number; readonly fault: Fault }
  | { readonly kind: "confirmed"; readonly atMs: number; readonly subscription: string }
  /** Data that came by PutMetricData. */
  | {
      readonly kind: "metrics";
      readonly atMs: number;
      readonly region: string;
      readonly data: readonly Datum[];
    }
  /** A dashboard made through the API; without a body it was deleted. */
  | { readonly kind: "dashboard"; readonly atMs: number; readonly name: string; readonly body?: string }
  /** The alarms that the templates put at a start: the next start deletes those that have left them. */
  | {
      readonly kind: "stack-alarms";
      readonly atMs: number;
      readonly region: string;
      readonly alarmNames: readonly string[];
    }
  /** A schedule of the templates ran. */
  | { readonly kind: "schedule-run"; readonly atMs: number; readonly scheduleArn: string }
  /** A custom resource that its function made. */
  | {
      readonly kind: "custom-resource";
      readonly atMs: number;
      readonly stackName: string;
      readonly logicalId: string;
      readonly properties: Readonly<Record<string, unknown>>;
      readonly physicalId: string;
    }
  /** What is new of the alarms of a Region: their saved states and the history since the entry before. */
  | {
      readonly kind: "alarms";
      readonly atMs: number;
      readonly region: string;
      readonly alarms: readonly SavedAlarm[];
      /** Names of alarms that are gone; none when missing. */
      readonly deleted?: readonly string[];
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
  metrics: true,
  dashboard: true,
  "stack-alarms": true,
  "schedule-run": true,
  "custom-resource": true,
  alarms: true,
};

/** Reads one line; `undefined` when it is not an entry. */
export function parseJournalEntry(line: string): JournalEntry | undefined {
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
