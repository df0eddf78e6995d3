import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import type { Bench, Figure } from "./bench.ts";

const ALARMS = 20;
const MINUTES = 30 * 24 * 60;
const START_MS = Date.UTC(2026, 0, 5);

/**
 * Twenty alarms, "3 of the last 5 minutes are 5 or more", over 30 days of one-minute data; CPU time of both,
 * whatever else runs.
 */
export const bench: Bench = {
  description: "20 alarms over 30 days of one-minute data, beside promtool test rules with 20 equal rules",
  run: async () => {
    const ours = replay();
    const warm = [replay(), replay()].map(totalSeconds);
    const figures: Figure[] = [
      { name: "this engine, filling the store", value: ours.fillSeconds, unit: "s" },
      { name: "this engine, 43,200 evaluations of 20 alarms", value: ours.replaySeconds, unit: "s" },
      { name: "this engine, changes of state", value: ours.changes, unit: "changes" },
    ];
    const theirs = await promtool();
    if (theirs === undefined)
      return [...figures, { name: "promtool is not installed: skipped", value: 0, unit: "s" }];
    return [
      ...figures,
      { name: "promtool test rules", value: theirs, unit: "s" },
      {
        name: "times faster in CPU time, filling included",
        value: theirs / totalSeconds(ours),
        unit: "x",
      },
      {
        name: "the same of a second month in the same process",
        value: theirs / Math.min(...warm),
        unit: "x",
      },
    ];
  },
};

/** A burst of five bad minutes every 500, shifted from alarm to alarm. */
function valueAt(minute: number, alarm: number): number {
  return (minute + alarm * 17) % 500 < 5 ? 7 : 0;
}

function seconds(work: () => void): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

interface Replayed {
  readonly fillSeconds: number;
  readonly replaySeconds: number;
  readonly changes: number;
}

function totalSeconds({ fillSeconds, replaySeconds }: Replayed): number {
  return fillSeconds + replaySeconds;
}

function replay(): Replayed {
  const store = new MetricStore();
  const readSeries = readSeriesFrom(store);
  const alarms = new Alarms({
    accountId: "123456789012",
    region: "us-east-1",
    readSeries,
    revision: () => 0,
  });
  let changes = 0;
  const series = Array.from({ length: ALARMS }, (_, index) => valuesOf(index));
  const fillSeconds = seconds(() => fill(store, series));
  for (let index = 0; index < ALARMS; index += 1) alarms.put(definition(index), START_MS);
  const replaySeconds = seconds(() => {
    for (let minute = 1; minute <= MINUTES; minute += 1)
      changes += alarms.evaluate(START_MS + minute * 60_000).length;
  });
  return { fillSeconds, replaySeconds, changes };
}

function valuesOf(alarm: number): readonly number[] {
  return Array.from({ length: MINUTES }, (_, minute) => valueAt(minute, alarm));
}

function fill(store: MetricStore, series: readonly (readonly number[])[]): void {
  for (const [index, values] of series.entries())
    store.putSeries({
      namespace: "Bench",
      metricName: `errors${index}`,
      dimensions: {},
      startMs: START_MS,
      intervalMs: 60_000,
      values,
    });
}

function definition(index: number): MetricAlarmDefinition {
  return {
    alarmName: `alarm${index}`,
    namespace: "Bench",
    metricName: `errors${index}`,
    dimensions: {},
    statistic: "Sum",
    periodSeconds: 60,
    evaluationPeriods: 5,
    datapointsToAlarm: 3,
    threshold: 5,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
  };
}

/** Seconds of CPU that promtool takes for the same; `undefined` when it is not installed. */
async function promtool(): Promise<number | undefined> {
  if (spawnSync("promtool", ["--version"]).error !== undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "bench-promtool-"));
  try {
    await writeFile(
      join(folder, "rules.yml"),
      JSON.stringify({ groups: [{ name: "bench", rules: rules() }] }),
    );
    await writeFile(join(folder, "test.yml"), JSON.stringify(rulesTest()));
    const command = "promtool test rules test.yml >promtool.txt && times";
    const { status, stdout } = spawnSync("sh", ["-c", command], { cwd: folder, encoding: "utf8" });
    if (status !== 0) throw new Error(`promtool failed with ${String(status)}`);
    return childSeconds(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What the shell's `times` says of its children, in its second line: `1m2.345s 0m0.120s`. */
function childSeconds(times: string): number {
  const [, children = ""] = times.split("\n");
  const parts = [...children.matchAll(/(\d+)m([\d.]+)s/g)];
  return parts.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
}

function rules(): readonly object[] {
  return Array.from({ length: ALARMS }, (_, index) => ({
    alert: `alarm${index}`,
    expr: `sum_over_time((errors${index} >= bool 5)[5m:1m]) >= 3`,
  }));
}

function rulesTest(): object {
  const inputs = Array.from({ length: ALARMS }, (_, index) => ({
    series: `errors${index}`,
    values: valuesOf(index).join(" "),
  }));
  const end = { eval_time: `${MINUTES}m`, alertname: "alarm0", exp_alerts: [] };
  const tests = [{ interval: "1m", input_series: inputs, alert_rule_test: [end] }];
  return { rule_files: ["rules.yml"], evaluation_interval: "1m", tests };
}
