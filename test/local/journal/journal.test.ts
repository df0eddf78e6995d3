import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JournalEntry } from "../../../local/journal/journal-entry.ts";
import { JOURNAL_RETENTION, type JournalRetention, openJournal } from "../../../local/journal/journal.ts";

const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;

let directory: string;
let file: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "journal-"));
  file = join(directory, "journal.jsonl");
});
afterEach(() => rm(directory, { recursive: true }));

function logEntry(message: string, atMs = NOW): JournalEntry {
  const event = { logGroupName: "g", logStreamName: "s", timestampMs: atMs, message };
  return { kind: "log", atMs, event };
}

function alarmsEntry(states: Readonly<Record<string, string>>, atMs: number): JournalEntry {
  const alarms = Object.entries(states).map(([alarmName, state]) => ({
    definition: { alarmName },
    status: { state },
  }));
  const entry = { kind: "alarms", atMs, region: "us-east-1", alarms, history: [{ timestampMs: atMs }] };
  return entry as unknown as JournalEntry;
}

async function open(retention: JournalRetention = JOURNAL_RETENTION) {
  const failures: unknown[] = [];
  const failed = (cause: unknown): void => void failures.push(cause);
  return { ...(await openJournal({ file, nowMs: NOW, retention, failed })), failures };
}

async function write(entries: readonly JournalEntry[]): Promise<void> {
  const { journal } = await open();
  for (const entry of entries) journal.append(entry);
  journal.close();
}

describe("a journal", () => {
  test("gives back what was appended before, in order", async () => {
    const entries = [logEntry("one"), logEntry("zwei ü\n"), logEntry("three")];
    await write(entries);
    const { entries: read, notices, journal } = await open();
    journal.close();
    expect(read).toEqual(entries);
    expect(notices).toEqual([]);
  });

  test("cut at any byte keeps every whole line, and goes on after the cut", async () => {
    await write([logEntry("a ü"), alarmsEntry({ x: "OK" }, NOW), logEntry("c")]);
    const bytes = await readFile(file);
    for (let length = 0; length <= bytes.length; length++) {
      await writeFile(file, bytes.subarray(0, length));
      const whole = bytes.subarray(0, length).toString("latin1").split("\n").length - 1;
      const opened = await open();
      expect(opened.entries).toHaveLength(whole);
      opened.journal.append(logEntry("after"));
      opened.journal.close();
      const again = await open();
      again.journal.close();
      expect(again.entries.slice(whole)).toEqual([logEntry("after")]);
      expect(again.notices).toEqual([]);
    }
  });

  test("skips lines that it cannot read and says how many", async () => {
    const good = JSON.stringify(logEntry("good"));
    await writeFile(file, `${good}\n{"kind":"lo\n{"kind":"unknown","atMs":1}\nnull\n${good}\n`);
    const { entries, notices, journal } = await open();
    journal.close();
    expect(entries).toEqual([logEntry("good"), logEntry("good")]);
    expect(notices).toEqual([`${file}: 3 unreadable line(s) are left out of the history`]);
  });

  test("drops what is older than two weeks, but no alarm's last state, fault or confirmation", async () => {
    const old = NOW - 20 * DAY;
    const fault: JournalEntry = { kind: "fault", atMs: old, fault: { kind: "slow", rate: 1 } };
    const confirmed: JournalEntry = { kind: "confirmed", atMs: old, subscription: "arn" };
    await write([
      alarmsEntry({ a: "ALARM", b: "OK" }, NOW - 40 * DAY),
      logEntry("old", old),
      fault,
      confirmed,
      alarmsEntry({ a: "OK" }, old),
      logEntry("new"),
    ]);
    const { entries, journal } = await open();
    journal.close();
    const alarms = alarmsEntry({ a: "OK", b: "OK" }, old);
    expect(entries).toHaveLength(4);
    expect(entries).toEqual(expect.arrayContaining([alarms, fault, confirmed]));
    expect(entries.at(-1)).toEqual(logEntry("new"));
    expect(await readFile(file, "utf8")).toBe(entries.map((e) => `${JSON.stringify(e)}\n`).join(""));
    expect(await readdir(directory)).toEqual(["journal.jsonl"]);
  });

  test("drops the oldest events beyond its size", async () => {
    const entries = ["a", "b", "c"].map((text) => logEntry(text));
    await write(entries);
    const mostBytes = 2 * (JSON.stringify(entries[0]).length + 1);
    const { entries: kept, journal } = await open({ ...JOURNAL_RETENTION, maxBytes: mostBytes });
    journal.close();
    expect(kept).toEqual(entries.slice(1));
  });

  test("a line that cannot be written is told once, and stops nobody", async () => {
    const { journal, failures } = await open();
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const broken = { ...logEntry("x"), circular } as unknown as JournalEntry;
    journal.append(broken);
    journal.append(broken);
    expect(failures).toHaveLength(1);
    journal.append(logEntry("next"));
    journal.close();
    journal.close();
    journal.append(logEntry("after the end"));
    const again = await open();
    again.journal.close();
    expect(again.entries).toEqual([logEntry("next")]);
  });
});
