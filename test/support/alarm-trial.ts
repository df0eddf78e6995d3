import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROBE_METRIC, SERVICE_DIMENSION } from "../../lambda/contract/metrics.ts";
import { wristAgentApp } from "../../lib/app.ts";
import { emulatedOf } from "../../local/assembly/emulated.ts";
import { loadAssembly } from "../../local/assembly/load-assembly.ts";
import { Alarms } from "../../local/cloudwatch/alarm/alarms.ts";
import { isComposite } from "../../local/cloudwatch/alarm/alarm-status.ts";
import type { AlarmDefinition, AlarmState } from "../../local/cloudwatch/alarm-definition.ts";
import type { MetricIdentity } from "../../local/cloudwatch/metric.ts";
import { MetricStore } from "../../local/cloudwatch/metrics/metric-store.ts";
import { readSeriesFrom } from "../../local/cloudwatch/read-series.ts";
import { PROJECT } from "../lib/synthesise.ts";
import { MONDAY_MS, type DictatedRequest } from "./dictating-days.ts";

/** Alarms of the synthesised templates by the last part of their name, the key in the alarm table. */
export type AlarmsByKey = ReadonlyMap<string, AlarmDefinition>;

/** Synthesises production with every alarm, for so many requests a day, and reads the templates as `npm start` does. */
export async function synthesisedAlarms(
  requestsPerDay: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<AlarmsByKey> {
  const outdir = mkdtempSync(join(tmpdir(), "wrist-agent-alarms-"));
  try {
    const context = {
      "aws:cdk:bundling-stacks": [],
      stage: "production",
      monitoringProfile: "full",
      requestsPerDay: String(requestsPerDay),
      ...settings,
    };
    wristAgentApp({ project: PROJECT, outdir, validation: "in the tests", context }).synth();
    const definitions = emulatedOf(await loadAssembly(outdir)).alarms.map(({ definition }) => definition);
    return new Map(definitions.map((definition) => [keyOf(definition), definition]));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function keyOf({ alarmName }: AlarmDefinition): string {
  return alarmName.replace(/^wrist-agent-(production|billing)-/, "");
}

/** A change of state, with the alarm's key. */
export interface Change {
  readonly key: string;
  readonly state: AlarmState;
  readonly atMs: number;
}

/** Alarms over what is told of requests; time goes where {@link AlarmTrial.runTo} takes it. */
export class AlarmTrial {
  readonly changes: Change[] = [];
  readonly #store = new MetricStore();
  readonly #alarms: Alarms;
  readonly #read: ReadonlyMap<string, MetricIdentity>;
  #nowMs = MONDAY_MS;
  #revision = 0;

  constructor(definitions: readonly AlarmDefinition[]) {
    const readSeries = readSeriesFrom(this.#store);
    const revision = (): number => this.#revision;
    this.#alarms = new Alarms({ accountId: "123456789012", region: "us-west-2", readSeries, revision });
    this.#alarms.putAll(definitions, MONDAY_MS);
    this.#read = new Map(definitions.flatMap(metricsOf).map((metric) => [readName(metric), metric]));
  }

  /** Stores what Lambda and the agent publish of requests. */
  tell(requests: readonly DictatedRequest[]): this {
    for (const request of requests)
      for (const [name, value] of Object.entries(valuesOf(request))) this.put(name, value, request.atMs);
    return this;
  }

  /** Stores what a run of the probe says, stamped with its start. */
  tellRun(failed: 0 | 1, startedMs: number): this {
    return this.put(PROBE_READ, failed, startedMs);
  }

  /** Stores a served run of the probe every five minutes. */
  tellServedRuns(fromMs: number, untilMs: number): this {
    for (let atMs = fromMs; atMs < untilMs; atMs += 300_000) this.tellRun(0, atMs);
    return this;
  }

  /** Stores one value of a metric, if an alarm reads it. */
  put(metricName: string, value: number, timestampMs: number): this {
    const metric = this.#read.get(metricName);
    if (metric === undefined) return this;
    this.#store.put({ ...metric, timestampMs, values: [value] });
    this.#revision += 1;
    return this;
  }

  /** Evaluates at every step until an instant, as CloudWatch does every minute; gives the changes. */
  runTo(untilMs: number, stepMs = 60_000): readonly Change[] {
    const before = this.changes.length;
    while (this.#nowMs < untilMs) this.evaluateAt(this.#nowMs + stepMs);
    return this.changes.slice(before);
  }

  /** Evaluates once. */
  evaluateAt(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const { alarm, current } of this.#alarms.evaluate(nowMs))
      this.changes.push({ key: keyOf(alarm), state: current.state, atMs: nowMs });
  }
}

/** The first change to ALARM at or after an instant. */
export function firstAlarm(changes: readonly Change[], fromMs = 0): number | undefined {
  return changes.find(({ state, atMs }) => state === "ALARM" && atMs >= fromMs)?.atMs;
}

/** The name that values are told under: the probe's is another than that of people. */
function readName({ metricName, dimensions }: MetricIdentity): string {
  return dimensions[SERVICE_DIMENSION]?.endsWith("-probe") === true ? `probe ${metricName}` : metricName;
}

const PROBE_READ = `probe ${PROBE_METRIC}`;

function metricsOf(definition: AlarmDefinition): readonly MetricIdentity[] {
  if (isComposite(definition)) return [];
  const { namespace = "", metricName, dimensions = {} } = definition;
  if (metricName !== undefined) return [{ namespace, metricName, dimensions }];
  return (definition.metrics ?? []).flatMap(({ metricStat }) => metricStat?.metric ?? []);
}

function valuesOf({ fate, durationMs, costUsd }: DictatedRequest): Readonly<Record<string, number>> {
  if (fate === "throttled") return { Throttles: 1 };
  const lambda = {
    ...{ Invocations: 1, Errors: fate === "crashed" ? 1 : 0, Duration: durationMs },
    ...{ UrlRequestCount: 1, Url4xxCount: fate === "rejected" ? 1 : 0 },
    Url5xxCount: fate === "failed" || fate === "crashed" ? 1 : 0,
  };
  if (fate === "crashed") return lambda;
  if (fate === "unreadable") return { ...lambda, EMFValidationErrors: 1 };
  const is = (other: DictatedRequest["fate"]): 0 | 1 => (fate === other ? 1 : 0);
  const answered = fate === "served" || fate === "degraded" ? { CostUsd: costUsd, OutputTokens: 100 } : {};
  return {
    ...lambda,
    ...answered,
    Failure: is("failed"),
    Degraded: is("degraded"),
    Rejected: is("rejected"),
  };
}
