import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { Command } from "commander";
import { parseDuration } from "../alarm-test.ts";
import { backtestPage } from "../backtest/backtest-page.ts";
import { backtestText, comparedAlarms } from "../backtest/backtest-report.ts";
import { BACKTEST_POLICY, cloudWatchSource } from "../backtest/cloudwatch-source.ts";
import {
  AnswerFile,
  fetchMetrics,
  type HistoryRequest,
  type MetricSource,
  missingCalls,
  saveMetrics,
} from "../backtest/fetch-metrics.ts";
import {
  callsCostUsd,
  type MetricCall,
  metricCalls,
  recordedStretches,
  replayableAlarms,
  stretchesOf,
} from "../backtest/metric-requests.ts";
import { parseRecordedMetrics, type RecordedMetrics } from "../backtest/recorded-metrics.ts";
import { type Incident, parseIncidents, replayMetrics } from "../backtest/replay-metrics.ts";
import type { TemplateAlarm, TemplateAlarms } from "../template-alarms.ts";
import { loadTemplateAlarms } from "../template-sources.ts";
import {
  deploymentOf,
  type DeploymentOptions,
  Failure,
  type Output,
  UsageError,
  withDeploymentOptions,
} from "./output.ts";

/** The options of a backtest. */
export interface BacktestOptions extends DeploymentOptions {
  readonly from: string;
  readonly to?: string;
  readonly compare?: string;
  readonly incidents?: string;
  readonly save?: string;
  readonly metrics?: string;
  readonly html?: string;
  readonly json?: true;
  readonly yes?: true;
  readonly policy?: true;
}

/** Metrics that lie on this machine, and the time that they cover, epoch milliseconds. */
export interface LocalMetrics {
  readonly source: MetricSource;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What a backtest runs with. */
export interface BacktestDoor {
  readonly output: Output;
  /** CloudWatch with the environment's credentials when missing. */
  readonly source?: () => Promise<MetricSource>;
  /** Metrics that lie on this machine and are asked for in place of CloudWatch; they cost nothing. */
  readonly local?: (alarms: readonly TemplateAlarm[]) => Promise<LocalMetrics | undefined>;
  /** The system's clock when missing. */
  readonly nowMs?: () => number;
  /** Asks the person whether to go on; the terminal when missing, no where nobody sits at one. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** Reads the alarms; the templates that were named when missing. */
  readonly load?: (paths: readonly string[], options: BacktestOptions) => Promise<TemplateAlarms>;
}

const KEPT_METRICS = "backtest-metrics.json";

/** Makes a command backtest alarms. */
export function withBacktest(command: Command, door: BacktestDoor): Command {
  return withDeploymentOptions(command)
    .option(
      "--from <time>",
      "start: a time ago such as 30d, or an instant such as 2026-01-05T00:00:00Z",
      "14d",
    )
    .option("--to <time>", "end, in the same ways; now when missing")
    .option(
      "--compare <template>",
      "also replay the alarms of this template, and show what the change alters",
    )
    .option(
      "--incidents <file>",
      "YAML list of { name, from, to }: which alarms find each, and which alarms are false",
    )
    .option(
      "--save <file>",
      `where fetched metrics are kept, ${KEPT_METRICS} when missing; an interrupted run continues from there`,
    )
    .option("--metrics <file>", "replay over metrics that --save kept, and ask AWS nothing")
    .option("--html <file>", "write a page with a timeline of each alarm")
    .option("--json", "print one JSON line instead of text")
    .option("--yes", "do not ask before calls that cost more than a cent")
    .option("--policy", "print the IAM policy that is needed, and stop")
    .action((paths: readonly string[], options: BacktestOptions) => runBacktest(paths, options, door));
}

/** `backtest TEMPLATE… --from 30d`: what the alarms would have done over your own metrics. */
export function backtestCommand(output: Output): Command {
  const command = new Command("backtest")
    .description("what alarms would have done over the metrics of your account, or over saved ones")
    .argument("[templates...]", "templates (YAML or JSON) and cloud assemblies (cdk.out)");
  return withBacktest(command, { output });
}

async function runBacktest(
  paths: readonly string[],
  options: BacktestOptions,
  door: BacktestDoor,
): Promise<void> {
  const { output } = door;
  if (options.policy === true) {
    output.out(JSON.stringify(BACKTEST_POLICY, undefined, 2));
    return;
  }
  const load = door.load ?? ((files) => loadTemplateAlarms(files, deploymentOf(options)));
  if (paths.length === 0 && door.load === undefined)
    throw new UsageError("name a template or a cloud assembly such as cdk.out");
  const templates = await load(paths, options);
  const old =
    options.compare === undefined
      ? undefined
      : await loadTemplateAlarms([options.compare], deploymentOf(options));
  const all = [...templates.alarms, ...(old?.alarms ?? [])];
  if (all.length === 0)
    throw new UsageError(`${paths.join(", ")} holds no alarm that can run: see "cw-alarm-test list"`);
  const incidents = await readIncidents(options.incidents);
  const recorded = await recordedMetrics(all, options, door);
  await report({ templates, old, incidents, recorded, all }, options, door);
}

interface Loaded {
  readonly templates: TemplateAlarms;
  readonly old: TemplateAlarms | undefined;
  readonly incidents: readonly Incident[];
  readonly recorded: RecordedMetrics;
  readonly all: readonly TemplateAlarm[];
}

async function report(
  { templates, old, incidents, recorded, all }: Loaded,
  options: BacktestOptions,
  { output }: BacktestDoor,
): Promise<void> {
  const stretches = recordedStretches(recorded);
  const replayed = (each: TemplateAlarms) =>
    replayMetrics({
      templates: each,
      replayable: replayableAlarms(each.alarms, { stretches, fromMs: recorded.fromMs }),
      recorded,
      incidents,
    });
  const result = replayed(templates);
  const before = old === undefined ? undefined : replayed(old);
  const compared = before === undefined ? [] : comparedAlarms(before, result);
  if (options.html !== undefined) {
    await writeFile(options.html, backtestPage({ result, compared, recorded, alarms: all }));
    output.err(`wrote ${options.html}`);
  }
  output.out(
    options.json === true ? JSON.stringify({ ...result, compared }) : backtestText(result, compared),
  );
}

async function readIncidents(file: string | undefined): Promise<readonly Incident[]> {
  return file === undefined ? [] : parseIncidents(await readText(file), file);
}

async function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new UsageError(`cannot read ${file}: give the path of a readable file`, { cause });
  });
}

async function recordedMetrics(
  alarms: readonly TemplateAlarm[],
  options: BacktestOptions,
  door: BacktestDoor,
): Promise<RecordedMetrics> {
  if (options.metrics !== undefined)
    return parseRecordedMetrics(await readText(options.metrics), options.metrics);
  const local = await door.local?.(alarms);
  if (local !== undefined) return localMetrics(alarms, options, { local, output: door.output });
  const { output } = door;
  const { save = KEPT_METRICS } = options;
  const nowMs = (door.nowMs ?? Date.now)();
  const asked = `${options.from} ${options.to ?? ""}`;
  const answers = await AnswerFile.open(save, asked);
  const endMs = answers.toMs ?? Math.floor(timeOf(options.to ?? "0m", nowMs) / 60_000) * 60_000;
  const fromMs = Math.floor(timeOf(options.from, options.to === undefined ? endMs : nowMs) / 60_000) * 60_000;
  if (fromMs >= endMs) throw new UsageError("--from must lie before --to");
  const calls = metricCalls(alarms, stretchesOf({ fromMs, toMs: endMs, nowMs }));
  const missing = missingCalls(calls, answers);
  await agree(missing, options, door);
  const source = await (door.source ?? cloudWatchSource)();
  await answers.begin(asked, endMs);
  const request = { calls, histories: historiesOf(alarms, fromMs, endMs), fromMs, toMs: endMs };
  try {
    const metrics = await fetchMetrics(request, { source, cache: answers, onProgress: progressTo(output) });
    await answers.finish(save, metrics);
    output.err(`kept the metrics in ${save}: use them again with --metrics ${save}`);
    return metrics;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Failure(
      `CloudWatch could not be read: ${message}. The same command goes on where this one stopped; --policy shows what it may need`,
      { cause: error },
    );
  }
}

/** Nobody is asked and nothing is cached; before the first datum nothing can be said of an alarm. */
async function localMetrics(
  alarms: readonly TemplateAlarm[],
  options: BacktestOptions,
  { local, output }: { readonly local: LocalMetrics; readonly output: Output },
): Promise<RecordedMetrics> {
  const nowMs = Math.ceil(local.toMs / 60_000) * 60_000;
  const toMs = Math.min(nowMs, Math.floor(timeOf(options.to ?? "0m", nowMs) / 60_000) * 60_000);
  const fromMs = Math.floor(Math.max(local.fromMs, timeOf(options.from, nowMs)) / 60_000) * 60_000;
  if (fromMs >= toMs) throw new UsageError("--from and --to lie beside what was recorded");
  const request = {
    calls: metricCalls(alarms, stretchesOf({ fromMs, toMs, nowMs })),
    histories: historiesOf(alarms, fromMs, toMs),
    fromMs,
    toMs,
  };
  const cache = { get: () => undefined, add: () => Promise.resolve() };
  const metrics = await fetchMetrics(request, { source: local.source, cache, onProgress: () => undefined });
  if (options.save !== undefined) {
    await saveMetrics(options.save, metrics);
    output.err(`kept the metrics in ${options.save}: use them again with --metrics ${options.save}`);
  }
  return metrics;
}

/** An instant, or a time before `nowMs`. */
function timeOf(text: string, nowMs: number): number {
  const ago = parseDuration(text);
  const ms = ago === undefined ? Date.parse(text) : nowMs - ago;
  if (Number.isNaN(ms)) throw new UsageError(`"${text}" is no time: write 30d, 12h or 2026-01-05T00:00:00Z`);
  return ms;
}

function historiesOf(
  alarms: readonly TemplateAlarm[],
  fromMs: number,
  toMs: number,
): readonly HistoryRequest[] {
  const regions = [...new Set(alarms.map(({ region }) => region))];
  return regions.map((region) => {
    const own = alarms.filter((alarm) => alarm.region === region);
    return {
      region,
      alarmNames: [...new Set(own.map(({ definition }) => definition.alarmName))],
      fromMs,
      toMs,
    };
  });
}

/** Says what the calls cost, and asks above a cent. */
async function agree(
  calls: readonly MetricCall[],
  options: BacktestOptions,
  { output, confirm }: BacktestDoor,
): Promise<void> {
  const costUsd = callsCostUsd(calls);
  output.err(`${calls.length} calls of GetMetricData, about $${costUsd.toFixed(costUsd < 0.01 ? 4 : 2)}`);
  if (costUsd <= 0.01 || options.yes === true) return;
  if (await (confirm ?? askAtTerminal)("Go on? [y/N] ")) return;
  throw new Failure("nothing was asked of AWS: answer y, or give --yes");
}

async function askAtTerminal(question: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(question)).trim());
  } finally {
    lines.close();
  }
}

/** A line every tenth of the way. */
function progressTo({ err }: Output): (done: number, all: number) => void {
  let said = 0;
  return (done, all) => {
    const tenths = Math.floor((done / all) * 10);
    if (tenths > said && all > 1) err(`fetched ${done} of ${all} calls`);
    said = Math.max(said, tenths);
  };
}
