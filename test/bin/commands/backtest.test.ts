import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AlarmHistoryItem } from "@wrist-agent/cloudwatch/alarms/alarm-history";
import { METRICS_FORMAT, type RecordedMetrics } from "cw-alarm-test/backtest/recorded-metrics";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { backtestCommand } from "../../../bin/commands/backtest.ts";
import { exitCodeOf } from "../../../bin/cli/failure.ts";
import type { JournalEntry } from "../../../local/journal/journal-entry.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

const START_MS = Date.parse("2026-03-01T10:00:00Z");
const MINUTE_MS = 60_000;
const REGION = "eu-west-1";

function alarm(AlarmName: string, more: object): object {
  return {
    Type: "AWS::CloudWatch::Alarm",
    Properties: {
      AlarmName,
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
      ...more,
    },
  };
}

const FUNCTION = { Namespace: "AWS/Lambda", Dimensions: [{ Name: "FunctionName", Value: "agent" }] };

/**
 * An alarm without fresh data looks back over its evaluation range: "logged" and "put" stay in ALARM for a
 * while.
 */
const TEMPLATE = {
  Resources: {
    Errors: alarm("errors", { ...FUNCTION, MetricName: "Errors", Statistic: "Sum" }),
    Slow: alarm("slow", {
      ...FUNCTION,
      MetricName: "Duration",
      ExtendedStatistic: "p90",
      Period: 300,
      Threshold: 900,
    }),
    Logged: alarm("logged", { Namespace: "Shop", MetricName: "Lost", Statistic: "Maximum" }),
    Put: alarm("put", { Namespace: "Shop", MetricName: "Put", Statistic: "Sum" }),
  },
};

function invocation(minute: number, status: "success" | "error"): JournalEntry {
  const startMs = START_MS + minute * MINUTE_MS;
  const record = {
    functionName: "agent",
    qualifier: "$LATEST",
    executedVersion: "$LATEST",
    requestId: `r${minute}`,
    startMs,
    status,
    durationMs: status === "error" ? 1000 : 100,
    billedDurationMs: 1000,
    maxMemoryUsedMb: 100,
    concurrentExecutions: 1,
  };
  return { kind: "invocation", atMs: startMs + 1000, record };
}

function emfLine(minute: number): JournalEntry {
  const timestampMs = START_MS + minute * MINUTE_MS;
  const message = JSON.stringify({
    _aws: {
      Timestamp: timestampMs,
      CloudWatchMetrics: [{ Namespace: "Shop", Dimensions: [[]], Metrics: [{ Name: "Lost" }] }],
    },
    Lost: 3,
  });
  return {
    kind: "log",
    atMs: timestampMs,
    event: { logGroupName: "g", logStreamName: "s", timestampMs, message },
  };
}

function put(minute: number, region: string): JournalEntry {
  const timestampMs = START_MS + minute * MINUTE_MS;
  const datum = { namespace: "Shop", metricName: "Put", dimensions: {}, timestampMs, values: [5] };
  return { kind: "metrics", atMs: timestampMs, region, data: [datum] };
}

function history(minute: number, historyItemType: AlarmHistoryItem["historyItemType"]): AlarmHistoryItem {
  return {
    alarmName: "errors",
    alarmType: "MetricAlarm",
    timestampMs: START_MS + minute * MINUTE_MS,
    historyItemType,
    historySummary: "",
    historyData: JSON.stringify({ newState: { stateValue: "ALARM" } }),
  };
}

const ENTRIES: readonly JournalEntry[] = [
  ...Array.from({ length: 30 }, (_, minute) => invocation(minute, minute === 12 ? "error" : "success")),
  emfLine(20),
  put(25, REGION),
  put(27, "us-east-1"),
  {
    kind: "alarms",
    atMs: START_MS,
    region: REGION,
    alarms: [],
    history: [history(13, "StateUpdate"), history(14, "Action")],
  },
];

describe("backtest --journal", () => {
  let folder = "";
  let terminal = memoryTerminal();
  const file = (name: string): string => join(folder, name);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "backtest-journal-"));
    await mkdir(file("production"));
    await writeFile(file("t.json"), JSON.stringify(TEMPLATE));
    const lines = ENTRIES.map((entry) => `${JSON.stringify(entry)}\n`);
    // A process that still runs may be in the middle of a line.
    await writeFile(file("production/journal.jsonl"), `${lines.join("")}not an entry\n{"kind":"lo`);
    terminal = memoryTerminal();
  });

  afterEach(() => rm(folder, { recursive: true }));

  async function backtest(...options: readonly string[]): Promise<number> {
    try {
      const words = [file("t.json"), "--region", REGION, ...options];
      await backtestCommand(terminal).exitOverride().parseAsync(words, { from: "user" });
      return 0;
    } catch (error) {
      return exitCodeOf(error, terminal);
    }
  }

  function found(): Record<string, readonly string[]> {
    const { alarms } = JSON.parse(terminal.written.out.join("\n")) as {
      readonly alarms: readonly {
        readonly alarmName: string;
        readonly spans: readonly { readonly fromMs: number; readonly toMs: number }[];
      }[];
    };
    const minutes = (ms: number): number => (ms - START_MS) / MINUTE_MS;
    return Object.fromEntries(
      alarms.map(({ alarmName, spans }) => [
        alarmName,
        spans.map(({ fromMs, toMs }) => `${minutes(fromMs)}-${minutes(toMs)}`),
      ]),
    );
  }

  test("replays the metrics of what npm start wrote down, in its Regions, and changes nothing", async () => {
    const before = await readFile(file("production/journal.jsonl"), "utf8");
    expect(await backtest("--journal", folder, "--json")).toBe(0);
    expect(found()).toEqual({ errors: ["13-14"], slow: ["13-18"], logged: ["21-27"], put: ["26-30"] });
    expect(await readFile(file("production/journal.jsonl"), "utf8")).toBe(before);
    // Nobody was asked, so there is no price.
    expect(terminal.written.err).toEqual([]);
  });

  test("takes the file itself, a part of its time, and keeps the metrics with the history", async () => {
    const journal = file("production/journal.jsonl");
    expect(await backtest("--journal", journal, "--from", "10m", "--save", file("m.json"), "--json")).toBe(0);
    expect(found()).toEqual({ errors: [], slow: [], logged: ["21-27"], put: ["26-30"] });
    expect(await backtest("--journal", journal, "--save", file("m.json"))).toBe(0);
    const saved = JSON.parse(await readFile(file("m.json"), "utf8")) as RecordedMetrics;
    expect(saved.format).toBe(METRICS_FORMAT);
    expect(saved.fromMs).toBe(START_MS);
    expect(saved.toMs).toBe(START_MS + 30 * MINUTE_MS);
    expect(saved.history).toEqual([
      { region: REGION, alarmName: "errors", atMs: START_MS + 13 * MINUTE_MS, state: "ALARM" },
    ]);
    terminal = memoryTerminal();
    expect(await backtest("--metrics", file("m.json"), "--json")).toBe(0);
    expect(found()).toEqual({ errors: ["13-14"], slow: ["13-18"], logged: ["21-27"], put: ["26-30"] });
  });

  test.each<[string, readonly string[], [number, RegExp]]>([
    [
      "a directory without a journal",
      ["--journal", "nowhere"],
      [1, /cannot read nowhere: give the data directory/],
    ],
    ["another stage", ["--stage", "staging"], [1, /cannot read .*staging.journal\.jsonl/]],
    [
      "a time beside it",
      ["--from", "2026-04-01T00:00:00Z"],
      [2, /--from and --to lie beside what was recorded/],
    ],
  ])("refuses %s", async (_what, options, [code, message]) => {
    expect(await backtest("--journal", folder, ...options)).toBe(code);
    expect(terminal.written.err.join("\n")).toMatch(message);
  });

  test("refuses a journal without metrics", async () => {
    await writeFile(file("production/journal.jsonl"), "");
    expect(await backtest("--journal", folder)).toBe(1);
    expect(terminal.written.err.join("\n")).toMatch(/holds no metrics: let npm start run/);
  });

  test("asks for the Region of the function where the alarms lie in several", async () => {
    const stack = (region: string): object => ({
      type: "aws:cloudformation:stack",
      environment: `aws://123456789012/${region}`,
      properties: { templateFile: `${region}.json` },
    });
    const artifacts = { A: stack(REGION), B: stack("us-east-1") };
    await writeFile(file("manifest.json"), JSON.stringify({ version: "36.0.0", artifacts }));
    const { Errors, Put } = TEMPLATE.Resources;
    await writeFile(file(`${REGION}.json`), JSON.stringify({ Resources: { Errors } }));
    await writeFile(file("us-east-1.json"), JSON.stringify({ Resources: { Put } }));
    const run = backtestCommand(terminal).parseAsync([folder, "--journal", folder], { from: "user" });
    await expect(run).rejects.toThrow(
      "the alarms lie in eu-west-1 and us-east-1: give the Region of the function that npm start ran with --region",
    );
    await backtestCommand(terminal).parseAsync([folder, "--journal", folder, "--region", REGION, "--json"], {
      from: "user",
    });
    expect(found()).toEqual({ errors: ["13-14"], put: ["28-30"] });
  });
});
