import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import type { MetricSource } from "cw-alarm-test/backtest/fetch-metrics";
import type { MetricCall } from "cw-alarm-test/backtest/metric-requests";
import type { RecordedChange } from "cw-alarm-test/backtest/recorded-metrics";
import { withBacktest } from "cw-alarm-test/commands/backtest-command";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memoryTerminal } from "../../../support/memory-terminal.ts";

const NOW_MS = Date.parse("2026-03-01T00:00:00Z");
const MINUTE_MS = 60_000;

function template(threshold: number, more: Readonly<Record<string, unknown>> = {}): string {
  const alarm = {
    AlarmName: "errors",
    Namespace: "Shop",
    MetricName: "Errors",
    Dimensions: [{ Name: "service", Value: "till" }],
    Statistic: "Sum",
    Period: 60,
    EvaluationPeriods: 2,
    Threshold: threshold,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "notBreaching",
    AlarmActions: ["arn:aws:sns:us-east-1:123456789012:ops"],
    ...more,
  };
  return JSON.stringify({ Resources: { Errors: { Type: "AWS::CloudWatch::Alarm", Properties: alarm } } });
}

/** Errors from minute 10 to 14 of the last hour: 5 a minute; 100 in the two after. */
function errorsAt(ms: number): number | undefined {
  const minute = (ms - (NOW_MS - 60 * MINUTE_MS)) / MINUTE_MS;
  if (minute >= 10 && minute < 15) return 5;
  return minute >= 15 && minute < 17 ? 100 : undefined;
}

function highest(ms: number, minutes: number): number | undefined {
  const values = Array.from({ length: minutes }, (_, index) => errorsAt(ms + index * MINUTE_MS) ?? -1);
  const found = Math.max(...values);
  return found < 0 ? undefined : found;
}

class FakeCloudWatch implements MetricSource {
  readonly calls: MetricCall[] = [];
  changes: readonly RecordedChange[] = [];
  /** The call with this number throws, once. */
  breaksAt: number | undefined;

  read: MetricSource["read"] = (call) => {
    if (this.breaksAt === this.calls.length) {
      this.breaksAt = undefined;
      return Promise.reject(new Error("Rate exceeded"));
    }
    this.calls.push(call);
    return Promise.resolve(
      call.queries.map(({ statistic, periodSeconds }) => {
        const points: (readonly [number, number])[] = [];
        for (let ms = call.startMs; ms < call.endMs; ms += periodSeconds * 1000) {
          const value = statistic === "p90" ? highest(ms, periodSeconds / 60) : errorsAt(ms);
          if (value !== undefined) points.push([ms, statistic === "SampleCount" ? 1 : value]);
        }
        return { timesMs: points.map(([ms]) => ms), values: points.map(([, value]) => value) };
      }),
    );
  };

  history: MetricSource["history"] = ({ alarmNames }) =>
    Promise.resolve(this.changes.filter(({ alarmName }) => alarmNames.includes(alarmName)));
}

describe("backtest", () => {
  let folder = "";
  let aws = new FakeCloudWatch();
  let terminal = memoryTerminal();
  let questions: string[] = [];
  let answer = true;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "backtest-"));
    aws = new FakeCloudWatch();
    terminal = memoryTerminal();
    questions = [];
    answer = true;
    await writeFile(join(folder, "t.json"), template(5));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const file = (name: string): string => join(folder, name);

  async function backtest(...words: readonly string[]): Promise<string> {
    terminal = memoryTerminal();
    const command = withBacktest(new Command("backtest").argument("[templates...]"), {
      output: terminal,
      source: () => Promise.resolve(aws),
      nowMs: () => NOW_MS,
      confirm: (question) => {
        questions.push(question);
        return Promise.resolve(answer);
      },
    });
    await command.exitOverride().parseAsync([...words, "--save", file("m.json")], { from: "user" });
    return terminal.written.out.join("\n");
  }

  test("says when an alarm would have been in ALARM, how long, and the mails, beside what really happened", async () => {
    const region = "us-east-1";
    aws.changes = [
      { region, alarmName: "errors", atMs: NOW_MS - 40 * MINUTE_MS, state: "ALARM" },
      { region, alarmName: "errors", atMs: NOW_MS - 30 * MINUTE_MS, state: "OK" },
    ];
    expect(await backtest(file("t.json"), "--from", "1h")).toBe(
      [
        "2026-02-28 23:00 to 2026-03-01 00:00 (UTC), minute by minute",
        "errors",
        "  condition: Sum of Errors >= 5 for 2 of 2 periods of 60 s",
        "  in ALARM once, 10m in all, 1 mail",
        "    ALARM 2026-02-28 23:12 for 10m",
        '    mail 2026-02-28 23:12 ALARM: "errors" in US East (N. Virginia)',
        "  really: in ALARM once",
        "    ALARM 2026-02-28 23:20 for 10m",
      ].join("\n"),
    );
    expect(terminal.written.err[0]).toBe("1 calls of GetMetricData, about $0.0000");
    expect(questions).toEqual([]);
  });

  test("an alarm that was raised before the range and ended in it was really in ALARM from its start", async () => {
    const region = "us-east-1";
    aws.changes = [
      { region, alarmName: "errors", atMs: NOW_MS - 50 * MINUTE_MS, state: "OK", from: "ALARM" },
    ];
    expect((await backtest(file("t.json"), "--from", "1h")).split("\n").slice(-2)).toEqual([
      "  really: in ALARM once",
      "    ALARM 2026-02-28 23:00 for 10m",
    ]);
  });

  test("--metrics replays what --save kept, and asks nothing of AWS", async () => {
    const first = await backtest(file("t.json"), "--from", "1h");
    aws = new FakeCloudWatch();
    expect(await backtest(file("t.json"), "--metrics", file("m.json"))).toBe(first);
    expect(aws.calls).toEqual([]);
  });

  test("asks for no coarser points than the range needs", async () => {
    await backtest(file("t.json"), "--from", "70m", "--to", "10m");
    expect(aws.calls.map(({ queries: [query], startMs }) => [query?.periodSeconds, startMs])).toEqual([
      [60, NOW_MS - 70 * MINUTE_MS],
    ]);
  });

  test("--compare shows what a threshold would have altered, as a table, as JSON and as a page", async () => {
    await writeFile(file("old.json"), template(50));
    const text = await backtest(
      file("t.json"),
      "--from",
      "1h",
      "--compare",
      file("old.json"),
      "--html",
      file("p.html"),
    );
    expect(text).toContain(
      "  before: Sum of Errors >= 50 for 2 of 2 periods of 60 s\n    in ALARM once, 5m in all, 1 mail",
    );
    expect(text).toContain(
      "  after: Sum of Errors >= 5 for 2 of 2 periods of 60 s\n    in ALARM once, 10m in all, 1 mail",
    );
    const page = await readFile(file("p.html"), "utf8");
    expect(page).toContain(
      '<td>errors</td><td class="n">1 → 1</td><td class="n">5m → 10m</td><td class="n">1 → 1</td>',
    );
    expect(page).toContain("prefers-color-scheme:dark");
    expect(page).toContain('content="width=device-width');
    expect(page).not.toMatch(/(?:src|href)=|@import|url\(|<script/);
    expect(page.match(/fill="var\(--alarm\)"/g)).toHaveLength(2);
    // What is stretched holds no text: it would be unreadable on a phone.
    expect(page).not.toContain("<text");
    expect([...page.matchAll(/<b>(\w+)<\/b>/g)].map(([, label]) => label)).toEqual(["before", "after"]);
    expect(page).toContain(
      '<div class="axis"><span>2026-02-28 23:00</span><span>2026-03-01 00:00</span></div>',
    );
    // Seven one-minute points in an hour of 500 columns: each stands alone, as a dot.
    expect(page.match(/M[\d.]+ [\d.]+h0/g)).toHaveLength(7);
  });

  test("--incidents says which alarms find each, after how long, and which alarms belong to none", async () => {
    await writeFile(
      file("i.yaml"),
      `- { name: outage, from: "2026-02-28T23:10:00Z", to: "2026-02-28T23:17:00Z" }
- { name: unseen, from: "2026-02-28T23:40:00Z", to: "2026-02-28T23:50:00Z" }`,
    );
    const text = await backtest(file("t.json"), "--from", "1h", "--incidents", file("i.yaml"));
    expect(text).toContain("incident outage: errors after 2m\nincident unseen: no alarm found it");
    expect(text).not.toContain("false positive");
    await writeFile(
      file("i.yaml"),
      `- { name: other, from: "2026-02-28T23:40:00Z", to: "2026-02-28T23:50:00Z" }`,
    );
    expect(
      await backtest(file("t.json"), "--metrics", file("m.json"), "--incidents", file("i.yaml")),
    ).toContain("false positive: errors 2026-02-28 23:12 for 10m");
  });

  test("goes on after a break where it stopped", async () => {
    await writeFile(file("t.json"), template(5, { Period: 3600 }));
    const week = ["--from", "200d", "--yes"];
    const all = await backtest(file("t.json"), ...week);
    const calls = aws.calls.length;
    expect(calls).toBeGreaterThan(2);
    aws = new FakeCloudWatch();
    aws.breaksAt = 2;
    await expect(backtest(file("t.json"), ...week)).rejects.toThrow(
      /CloudWatch could not be read: Rate exceeded/,
    );
    expect(await backtest(file("t.json"), ...week)).toBe(all);
    expect(aws.calls).toHaveLength(calls);
  });

  test("an alarm with a shorter period than the points that are left is named, and from when it runs", async () => {
    const text = await backtest(file("t.json"), "--from", "20d");
    expect(text).toContain("  replayed from 2026-02-14 00:00: before, there are no points by 60 s");
    await writeFile(file("t.json"), template(5, { Period: 10 }));
    expect(await backtest(file("t.json"), "--from", "1h")).toContain(
      "  not replayable: it needs points by 10 s, and there are none",
    );
  });

  test("a percentile over five minutes is read for each minute at which its window may begin", async () => {
    await writeFile(
      file("t.json"),
      template(50, { Statistic: undefined, ExtendedStatistic: "p90", Period: 300, EvaluationPeriods: 1 }),
    );
    const text = await backtest(file("t.json"), "--from", "1h");
    expect(aws.calls.map(({ startMs }) => (startMs - (aws.calls[0]?.startMs ?? 0)) / MINUTE_MS)).toEqual([
      0, 1, 2, 3, 4,
    ]);
    expect(text).toContain("in ALARM once, 16m in all");
  });

  test("states the cost and asks above a cent; nothing is asked of AWS when the answer is no", async () => {
    const properties = JSON.parse(template(5)) as { Resources: { Errors: { Properties: object } } };
    const many = Array.from({ length: 600 }, (_, index) => [
      `E${index}`,
      {
        Type: "AWS::CloudWatch::Alarm",
        Properties: {
          ...properties.Resources.Errors.Properties,
          AlarmName: `e${index}`,
          MetricName: `E${index}`,
        },
      },
    ]);
    await writeFile(file("t.json"), JSON.stringify({ Resources: Object.fromEntries(many) as object }));
    answer = false;
    await expect(backtest(file("t.json"), "--from", "1d")).rejects.toThrow(
      "nothing was asked of AWS: answer y, or give --yes",
    );
    expect(questions).toEqual(["Go on? [y/N] "]);
    expect(terminal.written.err[0]).toBe("10 calls of GetMetricData, about $0.04");
    expect(aws.calls).toEqual([]);
  });

  test("--policy prints what it needs and nothing more", async () => {
    const policy = JSON.parse(await backtest("--policy")) as {
      Statement: readonly { Action: readonly string[] }[];
    };
    expect(policy.Statement.map(({ Action }) => Action)).toEqual([
      ["cloudwatch:GetMetricData", "cloudwatch:DescribeAlarmHistory"],
    ]);
  });

  test.each<[string, readonly string[], RegExp]>([
    ["a time that is none", ["--from", "soon"], /"soon" is no time: write 30d, 12h or/],
    ["an end before the start", ["--from", "1h", "--to", "2h"], /--from must lie before --to/],
    ["metrics that are not there", ["--metrics", "nowhere.json"], /cannot read nowhere\.json/],
    ["a page of something else", ["--metrics", "package.json"], /package\.json holds no recorded metrics/],
    ["incidents of another shape", ["--incidents", "package.json"], /must be a list of \{ name, from, to \}/],
  ])("%s is refused", async (_name, words, message) => {
    await expect(backtest(file("t.json"), ...words)).rejects.toThrow(message);
  });
});
