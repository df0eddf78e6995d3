import type { AlarmsSnapshot } from "../cloudwatch/alarm/alarms.ts";
import type { JournalEntry, SavedAlarm } from "./entry.ts";

/** How much of the past is kept. */
export interface Retention {
  /** Entries older than this are dropped, states excepted. */
  readonly keepMs: number;
  /** The oldest entries are dropped beyond this size, states excepted. */
  readonly mostBytes: number;
}

/** Two weeks, as far back as CloudWatch takes data in. */
export const RETENTION: Retention = { keepMs: 14 * 86_400_000, mostBytes: 32 * 1024 * 1024 };

/** Entries after compaction, and whether anything was dropped. */
export interface Compacted {
  readonly entries: readonly JournalEntry[];
  readonly isSmaller: boolean;
}

const ALARM_HISTORY_MS = 30 * 86_400_000;

/** Drops what is too old or too much; the last state of alarms, dashboards, subscriptions, schedules, custom resources and fault is always kept. */
export function compact(
  entries: readonly JournalEntry[],
  nowMs: number,
  { keepMs, mostBytes }: Retention,
): Compacted {
  const recent = entries.filter(({ kind, atMs }) => STATES.has(kind) || atMs >= nowMs - keepMs);
  const kept = withinBytes(recent, mostBytes);
  if (kept.length === entries.length) return { entries, isSmaller: false };
  const events = kept.filter(({ kind }) => !STATES.has(kind));
  return { entries: [...statesOf(kept, nowMs), ...events], isSmaller: true };
}

const STATES: ReadonlySet<JournalEntry["kind"]> = new Set([
  "alarms",
  "stack-alarms",
  "dashboard",
  "confirmed",
  "fault",
  "schedule-run",
  "custom-resource",
]);

/** Every state by itself, folded into as few entries as there are things with a state. */
function statesOf(entries: readonly JournalEntry[], nowMs: number): readonly JournalEntry[] {
  const latest = new Map<string, JournalEntry>();
  for (const entry of entries) {
    if (entry.kind === "fault") latest.set("fault", entry);
    if (entry.kind === "confirmed") latest.set(`confirmed ${entry.subscription}`, entry);
    if (entry.kind === "schedule-run") latest.set(`schedule-run ${entry.scheduleArn}`, entry);
    if (entry.kind === "custom-resource")
      latest.set(`custom-resource ${entry.stackName} ${entry.logicalId}`, entry);
    if (entry.kind === "stack-alarms") latest.set(`stack-alarms ${entry.region}`, entry);
    if (entry.kind === "dashboard") foldDashboard(latest, entry);
    if (entry.kind === "alarms") latest.set(`alarms ${entry.region}`, foldAlarms(latest, entry, nowMs));
  }
  return [...latest.values()];
}

/** A dashboard that was deleted leaves nothing behind. */
function foldDashboard(
  latest: Map<string, JournalEntry>,
  entry: Extract<JournalEntry, { kind: "dashboard" }>,
): void {
  if (entry.body === undefined) latest.delete(`dashboard ${entry.name}`);
  else latest.set(`dashboard ${entry.name}`, entry);
}

type AlarmsEntry = Extract<JournalEntry, { kind: "alarms" }>;

function foldAlarms(
  latest: ReadonlyMap<string, JournalEntry>,
  entry: AlarmsEntry,
  nowMs: number,
): AlarmsEntry {
  const before = latest.get(`alarms ${entry.region}`);
  if (before?.kind !== "alarms") return entry;
  const folded = foldAlarmStates([before, entry]);
  const history = folded.history.filter(({ timestampMs }) => timestampMs >= nowMs - ALARM_HISTORY_MS);
  const { kind, atMs, region } = entry;
  return { kind, atMs, region, alarms: folded.alarms, history };
}

/** The last saved state of each alarm that is still there, in the order of first appearance, and all history in order. */
export function foldAlarmStates(
  entries: readonly Pick<AlarmsEntry, "alarms" | "deleted" | "history">[],
): AlarmsSnapshot {
  const byName = new Map<string, SavedAlarm>();
  for (const { alarms, deleted = [] } of entries) {
    for (const name of deleted) byName.delete(name);
    for (const alarm of alarms) byName.set(alarm.definition.alarmName, alarm);
  }
  return { alarms: [...byName.values()], history: entries.flatMap(({ history }) => history) };
}

/** The newest entries that fit into `mostBytes`; states do not count. */
function withinBytes(entries: readonly JournalEntry[], mostBytes: number): readonly JournalEntry[] {
  let bytes = 0;
  const kept: JournalEntry[] = [];
  for (const entry of entries.toReversed()) {
    if (!STATES.has(entry.kind)) bytes += JSON.stringify(entry).length + 1;
    if (STATES.has(entry.kind) || bytes <= mostBytes) kept.push(entry);
  }
  return kept.reverse();
}
