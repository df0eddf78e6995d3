import { closeSync, openSync, writeSync } from "node:fs";
import { mkdir, open, readFile, rename, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { AlarmsSnapshot } from "@wrist-agent/cloudwatch/alarms/alarms";
import { type JournalEntry, parseJournalEntry, type SavedAlarm } from "./journal-entry.ts";

/** How much of the past is kept. */
export interface JournalRetention {
  /** Entries older than this are dropped, states excepted. */
  readonly keepMs: number;
  /** The oldest entries are dropped beyond this size, states excepted. */
  readonly maxBytes: number;
}

/** Two weeks, as far back as CloudWatch takes data in. */
export const JOURNAL_RETENTION: JournalRetention = { keepMs: 14 * 86_400_000, maxBytes: 32 * 1024 * 1024 };

/** Entries after compaction, and whether anything was dropped. */
interface Compacted {
  readonly entries: readonly JournalEntry[];
  readonly isSmaller: boolean;
}

const ALARM_HISTORY_MS = 30 * 86_400_000;

/** Drops what is too old or too much; the last state of alarms, dashboards, subscriptions, schedules, custom resources and fault is always kept. */
function compactEntries(
  entries: readonly JournalEntry[],
  nowMs: number,
  { keepMs, maxBytes: mostBytes }: JournalRetention,
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

/** What opening a journal found. */
export interface OpenedJournal {
  readonly journal: Journal;
  /** Everything of before, oldest first. */
  readonly entries: readonly JournalEntry[];
  /** What could not be read, for the user. */
  readonly notices: readonly string[];
}

/** How to open a journal. */
interface JournalOptions {
  readonly file: string;
  readonly nowMs: number;
  readonly retention: JournalRetention;
  /** Told once when a line cannot be written, a full disk for instance; the system goes on without it. */
  readonly failed: (cause: unknown) => void;
}

/** Opens a journal, however its last writer ended: a torn last line is cut off, what is too old is dropped. */
export async function openJournal(options: JournalOptions): Promise<OpenedJournal> {
  const { file, nowMs, retention } = options;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const { entries, unreadable } = await readWholeLines(file);
  const compacted = compactEntries(entries, nowMs, retention);
  if (compacted.isSmaller) await rewrite(file, compacted.entries);
  return {
    journal: new Journal(file, options.failed),
    entries: compacted.entries,
    notices:
      unreadable === 0 ? [] : [`${file}: ${unreadable} unreadable line(s) are left out of the history`],
  };
}

const NEWLINE = 0x0a;

async function readWholeLines(file: string) {
  const bytes = await readFile(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  });
  const wholeBytes = bytes.lastIndexOf(NEWLINE) + 1;
  if (wholeBytes < bytes.length) await truncate(file, wholeBytes);
  const lines = bytes.subarray(0, wholeBytes).toString("utf8").split("\n").slice(0, -1);
  const entries = lines.map(parseJournalEntry).filter((entry) => entry !== undefined);
  return { entries, unreadable: lines.length - entries.length };
}

/** Through a file beside it, so that a kill leaves either the old journal or the new one. */
async function rewrite(file: string, entries: readonly JournalEntry[]): Promise<void> {
  const text = entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  const written = await open(`${file}.new`);
  try {
    await written.sync();
  } finally {
    await written.close();
  }
  await rename(`${file}.new`, file);
}

/** An append-only file of JSON lines. Each entry is handed to the system before `append` returns. */
class Journal {
  readonly #failed: (cause: unknown) => void;
  #descriptor: number | undefined;
  #hasFailed = false;

  constructor(file: string, failed: (cause: unknown) => void) {
    this.#failed = failed;
    this.#descriptor = openSync(file, "a", 0o600);
  }

  /** Never throws: what cannot be written down must not fail the request that it is about. */
  append(entry: JournalEntry): void {
    if (this.#descriptor === undefined) return;
    try {
      writeWhole(this.#descriptor, Buffer.from(`${JSON.stringify(entry)}\n`));
    } catch (cause) {
      if (!this.#hasFailed) this.#failed(cause);
      this.#hasFailed = true;
    }
  }

  /** Closes the file; what is appended afterwards is lost. Safe to call twice. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}
