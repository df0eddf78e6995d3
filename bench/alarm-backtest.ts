import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAlarms } from "cw-alarm-test/api";
import { metricCalls, replayableAlarms, type Stretch } from "cw-alarm-test/backtest/metric-requests";
import {
  METRICS_FORMAT,
  type RecordedMetrics,
  type RecordedSeries,
} from "cw-alarm-test/backtest/recorded-metrics";
import { replayMetrics } from "cw-alarm-test/backtest/replay-metrics";
import type { TemplateAlarm, TemplateAlarms } from "cw-alarm-test/template-alarms";
import type { Bench } from "./bench.ts";

const ALARMS = 500;
const MINUTES = 15 * 24 * 60;
const START_MS = Date.UTC(2026, 0, 5);
const END_MS = START_MS + MINUTES * 60_000;
const MINUTELY: Stretch = { startMs: START_MS, endMs: END_MS, stepSeconds: 60 };

/** The alarms of this project's own assembly, again for one function after the other. */
export const bench: Bench = {
  description: `backtest of ${ALARMS} alarms of a real assembly over 15 days of one-minute data`,
  run: async () => {
    const own = await manyAlarms();
    const { alarms } = own;
    const recorded = recordedMetrics(alarms);
    const start = process.cpuUsage();
    const result = replayMetrics({
      templates: own,
      recorded,
      replayable: replayableAlarms(alarms, { stretches: [MINUTELY], fromMs: START_MS }),
      incidents: [],
    });
    const { user, system } = process.cpuUsage(start);
    const times = result.alarms.reduce((sum, { spans }) => sum + spans.length, 0);
    return [
      { name: "alarms replayed", value: result.alarms.length, unit: "alarms" },
      { name: "series read", value: recorded.series.length, unit: "series" },
      { name: "replay, CPU time (at most 10)", value: (user + system) / 1e6, unit: "s" },
      {
        name: "memory of the process at its most (at most 500)",
        value: process.resourceUsage().maxRSS / 1024,
        unit: "MB",
      },
      { name: "times in ALARM", value: times, unit: "times" },
    ];
  },
};

/** The alarms of the production stage with every alarm there is, repeated for functions of other names. */
async function manyAlarms(): Promise<TemplateAlarms> {
  const own = await ownAlarms();
  const copies = Math.ceil(ALARMS / own.alarms.length);
  const alarms = Array.from({ length: copies }, (_, copy) =>
    own.alarms.map((alarm) => renamed(alarm, `service${copy}`)),
  );
  return { ...own, alarms: alarms.flat().slice(0, ALARMS) };
}

/** Synthesised by a process of its own: the CDK's memory is not the backtest's. */
async function ownAlarms(): Promise<TemplateAlarms> {
  const assembly = mkdtempSync(join(tmpdir(), "bench-backtest-"));
  try {
    const context = { stage: "production", monitoringProfile: "full", "aws:cdk:bundling-stacks": [] };
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--conditions=source", "--import", "tsx", "bin/app.ts"],
      {
        cwd: join(import.meta.dirname, ".."),
        encoding: "utf8",
        env: { ...process.env, CDK_OUTDIR: assembly, CDK_CONTEXT_JSON: JSON.stringify(context) },
      },
    );
    if (status !== 0) throw new Error(`the synthesis failed: ${stderr}`);
    return (await loadAlarms(assembly)).templates;
  } finally {
    rmSync(assembly, { recursive: true });
  }
}

/** The same alarm of another function: every name that begins with the project's begins with another. */
function renamed(alarm: TemplateAlarm, name: string): TemplateAlarm {
  return JSON.parse(JSON.stringify(alarm).replaceAll("wrist-agent", name)) as TemplateAlarm;
}

/**
 * What GetMetricData would have answered: a burst of five bad minutes every 500, shifted from series to
 * series.
 */
function recordedMetrics(alarms: readonly TemplateAlarm[]): RecordedMetrics {
  const queries = metricCalls(alarms, [MINUTELY]).flatMap((call) =>
    call.queries.map((query) => ({ ...query, region: call.region })),
  );
  const distinct = new Map(queries.map((query) => [JSON.stringify(query), query]));
  const series = [...distinct.values()].map(
    ({ metric, region, statistic, unit, periodSeconds }, index): RecordedSeries => ({
      ...metric,
      region,
      statistic,
      ...(unit === undefined ? {} : { unit }),
      periodSeconds,
      stepSeconds: 60,
      startMs: START_MS,
      values: Array.from({ length: MINUTES }, (_value, minute) => ((minute + index * 17) % 500 < 5 ? 7 : 0)),
    }),
  );
  return { format: METRICS_FORMAT, fromMs: START_MS, toMs: END_MS, series, history: [] };
}
