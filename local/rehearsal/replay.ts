import type { AlarmDefinition, AlarmHome, AlarmState, Transition } from "@wrist-agent/cloudwatch/alarm";
import type { AlarmSource } from "@wrist-agent/cloudwatch/alarms/alarm-points";
import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import { type Random, seededRandom } from "../random.ts";
import { mailDelayMs } from "./conditions.ts";
import { MetricFeed } from "./published-metrics.ts";
import type { Simulation } from "./simulation.ts";

/** Alarms and the Regions in which they live: CloudWatch refuses an action or a child in another one. */
interface PlacedAlarms {
  /** Where an alarm lives of which `regions` says nothing. */
  readonly home: AlarmHome;
  readonly definitions: readonly AlarmDefinition[];
  /**
   * The Region of each alarm that lives elsewhere, by its name: charges are published in one Region alone.
   */
  readonly regions?: Readonly<Record<string, string>>;
}

/** Says for {@link PlacedAlarms} where alarms live that come with their Regions. */
export function regionsOf(
  alarms: readonly { readonly region: string; readonly definition: AlarmDefinition }[],
  home: AlarmHome,
): Readonly<Record<string, string>> {
  const elsewhere = alarms.filter(({ region }) => region !== home.region);
  return Object.fromEntries(elsewhere.map(({ region, definition }) => [definition.alarmName, region]));
}

/** One {@link Alarms} for each Region, all over the metrics of one feed. */
export class RegionalAlarms {
  readonly #byRegion = new Map<string, Alarms>();
  readonly #placed: PlacedAlarms;

  constructor(placed: PlacedAlarms, source: AlarmSource, nowMs: number) {
    this.#placed = placed;
    for (const region of new Set([placed.home.region, ...Object.values(placed.regions ?? {})])) {
      const definitions = placed.definitions.filter(({ alarmName }) => this.#regionOf(alarmName) === region);
      const alarms = new Alarms({ ...placed.home, region, ...source });
      alarms.putAll(definitions, nowMs);
      this.#byRegion.set(region, alarms);
    }
  }

  /** The alarms among which one lives. */
  around(alarmName: string): Alarms {
    const region = this.#regionOf(alarmName);
    const alarms = this.#byRegion.get(region);
    if (alarms === undefined) throw new Error(`no alarm ${alarmName} in ${region}`);
    return alarms;
  }

  /** Evaluates the alarms of every Region. */
  evaluate(nowMs: number): readonly Transition[] {
    return [...this.#byRegion.values()].flatMap((alarms) => alarms.evaluate(nowMs));
  }

  #regionOf(alarmName: string): string {
    const { home, regions = {} } = this.#placed;
    return regions[alarmName] ?? home.region;
  }
}

const MINUTE_MS = 60_000;

/** The alarms that are rehearsed, and where they live. */
export interface AlarmsUnderTest extends PlacedAlarms {
  /** The value of a dimension that says that the probe publishes a metric. */
  readonly probeService: string;
}

/** A change of state. */
export interface StateChange {
  readonly alarmName: string;
  readonly state: AlarmState;
  readonly atMs: number;
  readonly reason: string;
}

/** A mail that somebody got because an alarm's action ran. */
export interface SentMail {
  readonly alarmName: string;
  /** ARN of the topic that the action names. */
  readonly topic: string;
  readonly state: AlarmState;
  /** When it arrived. */
  readonly atMs: number;
}

/** What the alarms made of a simulation. */
export interface ReplayResult {
  readonly changes: readonly StateChange[];
  /** In the order in which their actions ran. */
  readonly mails: readonly SentMail[];
  /** Metrics that alarms read and that nobody published. */
  readonly unpublished: readonly string[];
}

/** Looks at an alarm right after its evaluation. */
export type ObserveEvaluation = (alarms: Alarms, alarmName: string, nowMs: number) => void;

/** Phases of alarms and delays of mails have chances of their own. */
const REPLAY_SEED = 0xa1a2;

/**
 * Evaluates every alarm once a minute, each at a second of its own as CloudWatch does, over what had become
 * visible by then.
 *
 * A mail counts, not a state: what a suppressor holds back arrives when its time is over.
 */
export function replay(
  alarmsUnderTest: AlarmsUnderTest,
  simulation: Simulation,
  observe?: ObserveEvaluation,
): ReplayResult {
  const { definitions, probeService } = alarmsUnderTest;
  const feed = new MetricFeed(definitions, probeService);
  const regional = new RegionalAlarms(alarmsUnderTest, feed, simulation.startMs);
  const random = seededRandom(simulation.seed ^ REPLAY_SEED);
  const phases = evaluationPhases(definitions, random);
  const record = new ReplayRecord(simulation, random);
  let next = 0;
  const publishUntil = (nowMs: number): void => {
    for (let due = simulation.published[next]; due !== undefined && due.visibleMs <= nowMs;) {
      feed.publish(due);
      next += 1;
      due = simulation.published[next];
    }
  };
  for (let minuteMs = simulation.startMs; minuteMs < simulation.endMs; minuteMs += MINUTE_MS)
    for (const { alarmName, phaseMs } of phases) {
      publishUntil(minuteMs + phaseMs);
      const alarms = regional.around(alarmName);
      const transitions = alarms.evaluate(minuteMs + phaseMs, alarmName);
      if (transitions.length > 0) record.add(transitions, minuteMs + phaseMs);
      observe?.(alarms, alarmName, minuteMs + phaseMs);
    }
  return { changes: record.changes, mails: record.mails, unpublished: feed.unpublished() };
}

interface EvaluationPhase {
  readonly alarmName: string;
  readonly phaseMs: number;
}

/** A composite alarm has none: it follows its parts at once. */
function evaluationPhases(
  definitions: readonly AlarmDefinition[],
  random: Random,
): readonly EvaluationPhase[] {
  return definitions
    .filter((definition) => !("alarmRule" in definition))
    .map(({ alarmName }) => ({ alarmName, phaseMs: Math.floor(random() * MINUTE_MS) }))
    .sort((a, b) => a.phaseMs - b.phaseMs);
}

/** What happened during a replay. */
class ReplayRecord {
  readonly changes: StateChange[] = [];
  readonly mails: SentMail[] = [];
  readonly #simulation: Simulation;
  readonly #random: Random;

  constructor(simulation: Simulation, random: Random) {
    this.#simulation = simulation;
    this.#random = random;
  }

  add(transitions: readonly Transition[], nowMs: number): void {
    for (const { alarm, current, actions, released } of transitions) {
      const { alarmName } = alarm;
      const { state } = current;
      if (released === undefined)
        this.changes.push({ alarmName, state, atMs: nowMs, reason: current.stateReason });
      for (const topic of actions) {
        const atMs = nowMs + mailDelayMs(this.#random, this.#simulation.conditions);
        this.mails.push({ alarmName, topic, state, atMs });
      }
    }
  }
}
