import { closeSync, openSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AlarmState, initialStatus } from "@wrist-agent/cloudwatch/alarm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JournalEntry } from "../../../local/journal/journal-entry.ts";
import { parseJournalEntry } from "../../../local/journal/read-journal-entry.ts";
import { EventBlocks, type JournalRetention } from "../../../local/journal/past-entries.ts";
import { JournalStates } from "../../../local/journal/journal-states.ts";
import { Journal, JOURNAL_RETENTION, openJournal } from "../../../local/journal/journal.ts";

const NOW = Date.UTC(2026, 10, 23);
const DAY = 86_400_000;
const HOUR = 3_600_000;

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

function alarmsEntry(states: Readonly<Record<string, AlarmState>>, atMs: number): AlarmsEntry {
  const alarms = Object.entries(states).map(([alarmName, state]) => ({
    definition: {
      alarmName,
      namespace: "N",
      metricName: "M",
      dimensions: {},
      statistic: "Sum",
      periodSeconds: 60,
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: "GreaterThanThreshold" as const,
    },
    status: { ...initialStatus(alarmName, atMs), state },
    createdMs: atMs,
  }));
  const history = Object.entries(states).map(([alarmName, state]) => ({
    alarmName,
    alarmType: "MetricAlarm" as const,
    timestampMs: atMs,
    historyItemType: "StateUpdate" as const,
    historySummary: `to ${state}`,
    historyData: "{}",
  }));
  return { kind: "alarms", atMs, region: "us-east-1", alarms, history };
}

type AlarmsEntry = Extract<JournalEntry, { kind: "alarms" }>;

interface Opened {
  readonly retention?: JournalRetention;
  readonly nowMs?: number;
  readonly apply?: (entry: JournalEntry) => void;
}

function open({ retention = JOURNAL_RETENTION, nowMs = NOW, apply }: Opened = {}) {
  const failures: unknown[] = [];
  const entries: JournalEntry[] = [];
  const opened = openJournal({
    file,
    nowMs,
    retention,
    apply: (entry) => {
      apply?.(entry);
      entries.push(entry);
    },
    failed: (cause) => void failures.push(cause),
  });
  closeSync(opened.past.descriptor);
  return { ...opened, entries, failures };
}

/** What an opened journal gives, with the journal closed again. */
function read(options?: Opened) {
  const opened = open(options);
  opened.journal.close();
  return opened;
}

function write(entries: readonly JournalEntry[]): void {
  const { journal } = open();
  for (const entry of entries) journal.append(entry);
  journal.close();
}

const lines = (entries: readonly unknown[]): string =>
  entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");

describe("a journal", () => {
  test("gives back what was appended before, in order", () => {
    const entries = [logEntry("one"), logEntry("zwei ü\n"), logEntry("three")];
    write(entries);
    expect(read()).toMatchObject({ entries, notices: [] });
  });

  test("cut at any byte keeps every whole line, and goes on after the cut", async () => {
    write([logEntry("a ü"), { kind: "confirmed", atMs: NOW, subscription: "arn" }, logEntry("c")]);
    const bytes = await readFile(file);
    for (let length = 0; length <= bytes.length; length++) {
      await writeFile(file, bytes.subarray(0, length));
      const whole = bytes.subarray(0, length).toString("latin1").split("\n").length - 1;
      const opened = open();
      expect(opened.entries).toHaveLength(whole);
      opened.journal.append(logEntry("after"));
      opened.journal.close();
      const again = read();
      expect(again.entries.slice(whole)).toEqual([logEntry("after")]);
      expect(again.notices).toEqual([]);
    }
  });

  test("reads lines longer than what it reads at once", () => {
    const long = logEntry("ü".repeat(3_000_000));
    write([logEntry("before"), long, logEntry("after")]);
    expect(read().entries).toEqual([logEntry("before"), long, logEntry("after")]);
  });

  test("drops what is older than two weeks, but no alarm's last state, fault or confirmation", async () => {
    const old = NOW - 20 * DAY;
    const fault: JournalEntry = { kind: "fault", atMs: old, fault: { kind: "slow", rate: 1 } };
    const confirmed: JournalEntry = { kind: "confirmed", atMs: old, subscription: "arn" };
    const before = alarmsEntry({ a: "ALARM", b: "OK" }, NOW - 40 * DAY);
    const after = alarmsEntry({ a: "OK" }, old);
    await writeFile(file, lines([before, logEntry("old", old), fault, confirmed, after, logEntry("new")]));
    const { states } = read();
    expect(states.alarms("us-east-1").alarms).toEqual([...after.alarms, before.alarms[1]]);
    const folded = { ...after, alarms: [...after.alarms, before.alarms[1]] };
    expect(await readFile(file, "utf8")).toBe(lines([fault, confirmed, folded, logEntry("new")]));
    expect(await readdir(directory)).toEqual(["journal.jsonl"]);
    expect(read().entries).toEqual([fault, confirmed, folded, logEntry("new")]);
  });

  test("drops the oldest events beyond its size", async () => {
    const entries = ["a", "b", "c"].map((text) => logEntry(text));
    await writeFile(file, lines(entries));
    const maxBytes = 2 * (JSON.stringify(entries[0]).length + 1);
    const kept = read({ retention: { ...JOURNAL_RETENTION, maxBytes } });
    expect(kept.entries).toEqual(entries.slice(1));
    expect(await readFile(file, "utf8")).toBe(lines(entries.slice(1)));
  });

  test("a line that cannot be written is told once, and stops nobody", () => {
    const { journal, failures } = open();
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const broken = { ...logEntry("x"), circular } as unknown as JournalEntry;
    expect([journal.append(broken), journal.append(broken)]).toEqual([false, false]);
    expect(failures).toHaveLength(1);
    expect(journal.failure).toBeInstanceOf(TypeError);
    expect(journal.append(logEntry("next"))).toBe(true);
    expect(journal.failure).toBeUndefined();
    journal.append(broken);
    expect(failures).toHaveLength(2);
    journal.close();
    journal.close();
    expect(journal.append(logEntry("after the end"))).toBe(false);
    expect(read().entries).toEqual([logEntry("next")]);
  });

  test.runIf(process.platform === "linux")("says that the disk is full", () => {
    const descriptor = openSync("/dev/full", "w");
    const failures: unknown[] = [];
    const journal = new Journal({
      file,
      descriptor,
      size: 0,
      retention: JOURNAL_RETENTION,
      states: new JournalStates(),
      blocks: new EventBlocks(JOURNAL_RETENTION),
      failed: (cause) => void failures.push(cause),
    });
    expect(journal.append(logEntry("x"))).toBe(false);
    expect(journal.size).toBe(0);
    expect(failures).toEqual([expect.objectContaining({ code: "ENOSPC" })]);
    journal.close();
  });

  test("does not follow a link in place of its file or of the file beside it", async () => {
    const target = join(directory, "elsewhere");
    await writeFile(target, "mine\n");
    await symlink(target, `${file}.new`);
    await writeFile(file, lines([logEntry("old", NOW - 20 * DAY)]));
    read();
    await rm(file);
    await symlink(target, file);
    expect(() => open()).toThrow(/ELOOP/);
    expect(await readFile(target, "utf8")).toBe("mine\n");
  });
});

describe("a journal while the system runs", () => {
  const RETENTION: JournalRetention = { keepMs: 14 * DAY, maxBytes: 64 * 1024 };

  test("stays within its size, and a start finds the newest events", async () => {
    const { journal } = open({ retention: RETENTION });
    let most = 0;
    for (let second = 0; second < 5000; second += 1) {
      journal.append(logEntry(`line ${second}`, NOW + second * 1000));
      most = Math.max(most, (await stat(file)).size);
      expect(journal.size).toBeLessThanOrEqual(RETENTION.maxBytes + 200);
    }
    journal.close();
    expect(most).toBeLessThanOrEqual(RETENTION.maxBytes + 200);
    const { entries } = read({ retention: RETENTION, nowMs: NOW + 5_000_000 });
    const first = 5000 - entries.length;
    expect(entries).toEqual(
      Array.from({ length: entries.length }, (_, at) =>
        logEntry(`line ${first + at}`, NOW + (first + at) * 1000),
      ),
    );
    expect(entries.length).toBeGreaterThan(300);
  });

  test("forgets events an hour after two weeks, at the latest", () => {
    const { journal } = open();
    for (let hour = 0; hour < 20 * 24; hour += 1) journal.append(logEntry(`hour ${hour}`, NOW + hour * HOUR));
    journal.close();
    const { entries } = read({ retention: { ...JOURNAL_RETENTION, keepMs: 1000 * DAY } });
    expect(entries[0]?.atMs).toBeGreaterThanOrEqual(NOW + (20 * 24 - 1) * HOUR - 14 * DAY - 2 * HOUR);
    expect(entries.at(-1)).toEqual(logEntry(`hour ${20 * 24 - 1}`, NOW + (20 * 24 - 1) * HOUR));
  });

  test("keeps a custom resource of each Region: a stack has the same name in another", () => {
    const made = { kind: "custom-resource", stackName: "Watch", logicalId: "Token", properties: {} } as const;
    const entries: readonly JournalEntry[] = ["us-west-2", "eu-west-1"].map((region, at) => ({
      ...made,
      atMs: NOW + at,
      region,
      physicalId: region,
    }));
    const states = new JournalStates();
    for (const entry of entries) if (entry.kind === "custom-resource") states.add(entry);
    expect([...states.entries(NOW)]).toEqual(entries);
  });

  test("keeps a mute rule as it was put last, and nothing of one that was deleted", () => {
    const rule = { name: "nights", expression: "cron(0 2 * * *)", duration: "PT1H", alarmNames: ["errors"] };
    const put: JournalEntry = { kind: "mute-rule", atMs: NOW + 1, region: "us-west-2", name: "nights", rule };
    const states = new JournalStates();
    states.add({ ...put, rule: { ...rule, duration: "PT2H" } });
    states.add({ ...put, name: "gone" });
    states.add({ ...put, region: "us-east-1" });
    states.add(put);
    states.add({ kind: "mute-rule", atMs: NOW + 2, region: "us-west-2", name: "gone" });
    expect([...states.entries(NOW)]).toEqual([put, { ...put, region: "us-east-1" }]);
    expect(parseJournalEntry(JSON.stringify(put))).toEqual(put);
  });

  test("keeps the last state of everything, however much is written after it", () => {
    const { journal } = open({ retention: RETENTION });
    const fault: JournalEntry = { kind: "fault", atMs: NOW, fault: { kind: "slow", rate: 1 } };
    journal.append(fault);
    journal.append(alarmsEntry({ a: "ALARM" }, NOW));
    for (let second = 0; second < 3000; second += 1) {
      journal.append(logEntry(`line ${second}`, NOW + second * 1000));
      journal.append(alarmsEntry({ b: second % 2 === 0 ? "OK" : "ALARM" }, NOW + second * 1000));
    }
    expect(journal.size).toBeLessThan(30 * RETENTION.maxBytes);
    journal.close();
    const { entries, states } = read({ retention: RETENTION, nowMs: NOW + 3_000_000 });
    expect(entries).toContainEqual(fault);
    const { alarms, history } = states.alarms("us-east-1");
    expect(alarms.map(({ status }) => [status.alarmName, status.state])).toEqual([
      ["a", "ALARM"],
      ["b", "ALARM"],
    ]);
    expect(history).toHaveLength(3001);
    expect(history.map(({ timestampMs }) => timestampMs)).toEqual(
      history.map(({ timestampMs }) => timestampMs).toSorted((a, b) => a - b),
    );
  });

  test("writes many alarms and a long history in lines of bounded length", async () => {
    const names = Array.from({ length: 1200 }, (_, at) => `alarm ${at}`);
    const states = Object.fromEntries(names.map((name): [string, AlarmState] => [name, "OK"]));
    await writeFile(file, lines([alarmsEntry(states, NOW), logEntry("old", NOW - 20 * DAY)]));
    expect(read().states.alarms("us-east-1").alarms).toHaveLength(1200);
    const text = await readFile(file, "utf8");
    expect(text.trimEnd().split("\n")).toHaveLength(3);
    const { alarms, history } = read().states.alarms("us-east-1");
    expect(alarms.map(({ status }) => status.alarmName)).toEqual(names);
    expect(history.map(({ alarmName }) => alarmName)).toEqual(names);
  });
});

describe("a line that is no entry", () => {
  const DATUM = { namespace: "N", metricName: "M", dimensions: {}, timestampMs: NOW, values: [1] };
  const MAIL = {
    id: "1",
    timeMs: NOW,
    from: "a",
    to: "b",
    subject: "s",
    body: "t",
    topicArn: "arn:aws:sns:us-west-2:1:t",
  };
  const BAD: readonly (readonly [string, unknown])[] = [
    ["metrics without data", { kind: "metrics", atMs: NOW, region: "us-west-2" }],
    ["metrics of a time that no date has", metrics({ ...DATUM, timestampMs: 1e300 })],
    ["metrics whose value is a text", metrics({ ...DATUM, values: ["1"] })],
    ["metrics without dimensions", metrics({ ...DATUM, dimensions: undefined })],
    ["a mail without a subject", { kind: "mail", atMs: NOW, mail: { ...MAIL, subject: undefined } }],
    ["a fault that nobody knows", { kind: "fault", atMs: NOW, fault: { kind: "earthquake", rate: 1 } }],
    ["a fault above 1", { kind: "fault", atMs: NOW, fault: { kind: "slow", rate: 2 } }],
    ["an invocation without a status", { kind: "invocation", atMs: NOW, record: {} }],
    ["a request that is a list", { kind: "url", atMs: NOW, record: [] }],
    ["a log event without a message", { kind: "log", atMs: NOW, event: { logGroupName: "g" } }],
    ["alarms without a state", { kind: "alarms", atMs: NOW, region: "r", alarms: [{}], history: [] }],
    ["alarms without a history", { kind: "alarms", atMs: NOW, region: "r", alarms: [] }],
    ["a mute rule without a schedule", { kind: "mute-rule", atMs: NOW, region: "r", name: "n", rule: {} }],
    ["a dashboard whose body is a number", { kind: "dashboard", atMs: NOW, name: "d", body: 1 }],
    ["a schedule's run without its schedule", { kind: "schedule-run", atMs: NOW }],
    ["a custom resource without properties", { kind: "custom-resource", atMs: NOW, stackName: "s" }],
    ["a subscription without a name", { kind: "confirmed", atMs: NOW }],
    ["stack alarms that are no list", { kind: "stack-alarms", atMs: NOW, region: "r", alarmNames: "a" }],
    ["a kind from nowhere", { kind: "toString", atMs: NOW }],
    ["no time", { kind: "confirmed", subscription: "arn" }],
    ["a list", []],
    ["null", null],
  ];

  function metrics(datum: unknown): unknown {
    return { kind: "metrics", atMs: NOW, region: "us-west-2", data: [datum] };
  }

  test.each(BAD)("%s is set aside, named and counted; nothing else is lost", async (_name, bad) => {
    const good = logEntry("good");
    await writeFile(file, lines([good, bad, metrics(DATUM)]));
    const { entries, notices } = read();
    expect(entries).toEqual([good, metrics(DATUM)]);
    expect(notices).toEqual([
      `${file}: 1 line(s) could not be read and stand in ${file}.unreadable now; nothing else is lost`,
    ]);
    expect(await readFile(`${file}.unreadable`, "utf8")).toBe(lines([bad]));
    expect(await readFile(file, "utf8")).toBe(lines([good, metrics(DATUM)]));
    expect(read()).toMatchObject({ entries: [good, metrics(DATUM)], notices: [] });
  });

  test("is also one at which the system throws", async () => {
    await writeFile(file, lines([logEntry("bad"), logEntry("good")]));
    const apply = (entry: JournalEntry): void => {
      if (entry.kind === "log" && entry.event.message === "bad") throw new TypeError("not iterable");
    };
    expect(read({ apply })).toMatchObject({ entries: [logEntry("good")] });
    expect(await readFile(`${file}.unreadable`, "utf8")).toBe(lines([logEntry("bad")]));
  });

  test("may come of any flipped bit, and the other lines are there", async () => {
    const entries = [logEntry("before"), metrics(DATUM), { kind: "mail", atMs: NOW, mail: MAIL }];
    const text = Buffer.from(lines([...entries, logEntry("after")]));
    const first = JSON.stringify(entries[0]).length + 1;
    const last = text.length - JSON.stringify(logEntry("after")).length - 1;
    for (let bit = first * 8; bit < last * 8; bit += 29) {
      // A newline that goes makes one line of two, and both are set aside.
      if (text[bit >> 3] === 0x0a) continue;
      const flipped = Buffer.from(text);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await writeFile(file, flipped);
      const found = read().entries;
      expect([bit, found[0], found.at(-1)]).toEqual([bit, logEntry("before"), logEntry("after")]);
    }
  });
});
