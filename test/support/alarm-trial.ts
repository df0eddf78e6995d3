import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AlarmDefinition, AlarmState } from "@wrist-agent/cloudwatch/alarm";
import { loadAssembly } from "cw-alarm-test/cloud-assembly";
import { spendLimits } from "../../bin/commands/spend-limits.ts";
import { PROBE_METRIC, probeServiceName } from "../../lambda/contract/metrics.ts";
import { wristAgentApp } from "../../lib/app.ts";
import { BILLING_REGION } from "../../lib/names.ts";
import { emulatedOf } from "../../local/assembly/emulated.ts";
import {
  MetricFeed,
  metricsOfRequest,
  type PublishedMetrics,
} from "../../local/rehearsal/published-metrics.ts";
import { RegionalAlarms, regionsOf } from "../../local/rehearsal/replay.ts";
import { type SimulatedRequest, SIMULATION_START_MS } from "../../local/rehearsal/synthetic-traffic.ts";
import { PROJECT } from "./synthesise.ts";

/** Alarms of the synthesised templates by the last part of their name, the key in the alarm table. */
export type AlarmsByKey = ReadonlyMap<string, AlarmDefinition>;

/**
 * Synthesises production with every alarm, for so many requests a day, and reads the templates as `npm start`
 * does.
 */
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
      ...spendLimits(requestsPerDay),
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

const HOME = { accountId: "123456789012", region: "us-west-2" };

function regionOf({ alarmName }: AlarmDefinition): string {
  return alarmName.startsWith("wrist-agent-billing-") ? BILLING_REGION : HOME.region;
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
  readonly #feed: MetricFeed;
  readonly #alarms: RegionalAlarms;
  #nowMs = SIMULATION_START_MS;

  constructor(definitions: readonly AlarmDefinition[]) {
    this.#feed = new MetricFeed(definitions, probeServiceName("production"));
    const placed = definitions.map((definition) => ({ definition, region: regionOf(definition) }));
    const alarms = { home: HOME, definitions, regions: regionsOf(placed, HOME) };
    this.#alarms = new RegionalAlarms(alarms, this.#feed, SIMULATION_START_MS);
  }

  /** Stores what Lambda and the agent publish of requests. */
  tell(requests: readonly SimulatedRequest[]): this {
    return this.publish(requests.flatMap(metricsOfRequest));
  }

  /** Stores what a run of the probe says, stamped with its start. */
  tellRun(failed: 0 | 1, startedMs: number): this {
    return this.publish([{ publisher: "probe", atMs: startedMs, values: { [PROBE_METRIC]: failed } }]);
  }

  /** Stores a served run of the probe every five minutes. */
  tellServedRuns(fromMs: number, untilMs: number): this {
    for (let atMs = fromMs; atMs < untilMs; atMs += 300_000) this.tellRun(0, atMs);
    return this;
  }

  /** Stores what anybody publishes, as far as an alarm reads it. */
  publish(published: readonly PublishedMetrics[]): this {
    for (const each of published) this.#feed.publish(each);
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
