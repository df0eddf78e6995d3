import type { AlarmDefinition, AlarmHome, AlarmState } from "@wrist-agent/cloudwatch/alarm";
import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import { nextRun, type ScheduleTimes } from "@wrist-agent/cloudwatch/schedule-expression";
import { loadAssembly } from "cw-alarm-test/cloud-assembly";
import { emulatedOf } from "../assembly/emulated.ts";
import { MetricFeed } from "./published-metrics.ts";
import type { Simulation } from "./simulation.ts";
import { SIMULATION_START_MS } from "./synthetic-traffic.ts";

const MINUTE_MS = 60_000;

/** The alarms that are rehearsed, and where they live. */
export interface AlarmsUnderTest {
  readonly home: AlarmHome;
  readonly definitions: readonly AlarmDefinition[];
  /** The value of a dimension that says that the probe publishes a metric. */
  readonly probeService: string;
}

/** A change of state. */
export interface StateChange {
  readonly alarmName: string;
  readonly state: AlarmState;
  readonly atMs: number;
  /** Whether an action ran: muted and suppressed alarms notify nobody. */
  readonly isNotified: boolean;
}

/** What the alarms made of a simulation. */
export interface ReplayResult {
  readonly changes: readonly StateChange[];
  /** Metrics that alarms read and that nobody published. */
  readonly unpublished: readonly string[];
}

/** Evaluates every alarm every minute of a simulation, as CloudWatch does. */
export function replay(alarmsUnderTest: AlarmsUnderTest, simulation: Simulation): ReplayResult {
  const feed = new MetricFeed(alarmsUnderTest.definitions, alarmsUnderTest.probeService);
  for (const published of simulation.published) feed.publish(published);
  const alarms = new Alarms({
    ...alarmsUnderTest.home,
    readSeries: readSeriesFrom(feed.store),
    revision: () => feed.revision,
  });
  alarms.putAll(alarmsUnderTest.definitions, SIMULATION_START_MS);
  const changes: StateChange[] = [];
  for (let nowMs = SIMULATION_START_MS + MINUTE_MS; nowMs <= simulation.endMs; nowMs += MINUTE_MS)
    for (const { alarm, current, actions, released } of alarms.evaluate(nowMs)) {
      if (released !== undefined) continue;
      const { alarmName } = alarm;
      changes.push({ alarmName, state: current.state, atMs: nowMs, isNotified: actions.length > 0 });
    }
  return { changes, unpublished: feed.unpublished() };
}

/** What the templates of a stage say of what is rehearsed. */
export interface StageAlarms extends Omit<AlarmsUnderTest, "probeService"> {
  /** The longest that a function may take: requests are given up a second before. */
  readonly timeoutSeconds: number;
  /** Minutes between two runs of the probe; 0 where the stage has none. */
  readonly probeMinutes: number;
  /** Parts of the templates that are left out, each with its reason. */
  readonly notices: readonly string[];
}

const DEFAULT_TIMEOUT_SECONDS = 30;

/** Reads the alarms of a synthesised assembly and how often its probe asks; Regions do not matter to a replay. */
export async function loadStageAlarms(directory: string, probeFunction: string): Promise<StageAlarms> {
  const assembly = await loadAssembly(directory);
  const { alarms, schedules, notices } = emulatedOf(assembly);
  const probe = schedules.find(({ functionArn }) => functionArn.endsWith(`:function:${probeFunction}`));
  const [first] = alarms;
  const { accountId, region } = first ?? { accountId: "123456789012", region: "us-east-1" };
  const timeouts = assembly.stacks
    .flatMap(({ resources }) => resources)
    .filter(({ type }) => type === "AWS::Lambda::Function")
    .map(({ properties }) => Number(properties().Timeout));
  return {
    home: { accountId, region },
    definitions: alarms.map(({ definition }) => definition),
    timeoutSeconds: Math.max(0, ...timeouts.filter(Number.isFinite)) || DEFAULT_TIMEOUT_SECONDS,
    probeMinutes: probe === undefined ? 0 : minutesBetween(probe.times),
    notices: notices.filter((notice) => notice.includes("Alarm")),
  };
}

function minutesBetween(times: ScheduleTimes): number {
  const first = nextRun(times, 0) ?? 0;
  return ((nextRun(times, first) ?? first) - first) / MINUTE_MS;
}
