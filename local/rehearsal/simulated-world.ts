import { seededRandom, type Random } from "../random.ts";
import { blipsOf, type Conditions } from "./conditions.ts";
import type { FaultScenario, TimeRange } from "./scenario.ts";
import { type SimulatedRequest, SIMULATION_START_MS, type TrafficPlan } from "./synthetic-traffic.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Hours before a fault may begin, so that every window is full, and hours after its end to come back in. */
const QUIET_HOURS = 48;

/** What a run of the probe asks: the model, as a Shortcut does, or the agent alone. */
export type ProbeQuestion = "model" | "health";

/**
 * When the probe's question to the model is one of a mode in full: at the beginning of each span, one mode
 * after the other.
 */
export interface FullForm {
  readonly everyMinutes: number;
  /** Minutes of the span within which the question begins. */
  readonly withinMinutes: number;
  readonly modes: readonly string[];
}

/** How the probe of a stage asks, and how its metric travels. */
export interface ProbePlan {
  readonly schedules: readonly ProbeSchedule[];
  /** When each try of a run begins, milliseconds after the first; a try that lasts longer moves the next. */
  readonly triesAtMs: readonly number[];
  /** When a try is given up. */
  readonly tryMs: number;
  /** `direct` by PutMetricData, `emf` by a line of its log. */
  readonly publishes: "direct" | "emf";
  /** Which of its questions to the model are those of a mode; none when missing. */
  readonly fullForm?: FullForm;
}

/** One schedule of the probe. */
export interface ProbeSchedule {
  readonly everyMinutes: number;
  readonly asks: ProbeQuestion;
}

/** What to simulate. */
export interface SimulationPlan {
  readonly scenario: FaultScenario;
  readonly perDay: number;
  /** Parts of a day are simulated too. */
  readonly days: number;
  readonly seed: number;
  /** No probe when missing. */
  readonly probe?: ProbePlan;
  /** When the handler gives up, milliseconds after the request. */
  readonly deadlineMs: number;
  readonly conditions: Conditions;
  /**
   * Hours without a fault at both ends, in which windows fill and alarms come back; two days when missing.
   */
  readonly quietHours?: number;
  /** When users ask, oldest first; one person with a watch when missing. */
  readonly requestTimes?: (traffic: TrafficPlan) => readonly number[];
  /** What is asked at an instant; the usual mix of modes, a failure in a hundred, when missing. */
  readonly request?: (random: Random, atMs: number) => SimulatedRequest;
  /** Midnight (UTC) of the Monday that the days begin on; {@link SIMULATION_START_MS} when missing. */
  readonly startMs?: number;
}

/** What goes on at an instant beside the usual failures: the scenario's fault, or a short interruption. */
export type Trouble = "fault" | "blip";

/** The days of a plan, before anybody asks anything. */
export interface SimulatedWorld {
  readonly plan: SimulationPlan;
  readonly random: Random;
  readonly startMs: number;
  readonly endMs: number;
  readonly faults: readonly TimeRange[];
  readonly blips: readonly TimeRange[];
  readonly troubleAt: (atMs: number) => Trouble | undefined;
}

/** The least days that hold a scenario with quiet days on both sides. */
export function minSimulationDays(scenario: FaultScenario): number {
  return (2 * QUIET_HOURS) / 24 + Math.ceil(scenarioMs(scenario) / DAY_MS) + 1;
}

/** At most, from the first begin to the last end. */
function scenarioMs({ durationHours, repeats }: FaultScenario): number {
  const { times, gapMinutes } = repeats ?? { times: 1, gapMinutes: [0, 0] };
  return times * durationHours * HOUR_MS + (times - 1) * gapMinutes[1] * MINUTE_MS;
}

/** Draws when it goes wrong; the same plan always gives the same world. */
export function simulatedWorld(plan: SimulationPlan): SimulatedWorld {
  const random = seededRandom(plan.seed);
  const { startMs = SIMULATION_START_MS } = plan;
  const endMs = startMs + plan.days * DAY_MS;
  const faults = faultRanges(plan, random);
  const blips = blipsOf(random, plan.conditions, { beginMs: startMs, endMs });
  const troubleAt = (atMs: number): Trouble | undefined => {
    if (isWithin(faults, atMs)) return "fault";
    return isWithin(blips, atMs) ? "blip" : undefined;
  };
  return { plan, random, startMs, endMs, faults, blips, troubleAt };
}

/** Few ranges, oldest first. */
function isWithin(ranges: readonly TimeRange[], atMs: number): boolean {
  for (const { beginMs, endMs } of ranges) {
    if (atMs < beginMs) return false;
    if (atMs < endMs) return true;
  }
  return false;
}

/** At any minute of any hour: faults do not wait for daylight. */
function faultRanges(
  { scenario, days, startMs = SIMULATION_START_MS, quietHours = QUIET_HOURS }: SimulationPlan,
  random: Random,
): readonly TimeRange[] {
  const { durationHours, repeats, beginsAt } = scenario;
  if (durationHours === 0) return [];
  const lastsMs = durationHours * HOUR_MS;
  const earliestMs = startMs + quietHours * HOUR_MS;
  const freeMs = days * DAY_MS - 2 * quietHours * HOUR_MS - scenarioMs(scenario);
  const latestMs = earliestMs + Math.max(0, freeMs);
  let beginMs =
    beginsAt?.({ beginMs: earliestMs, endMs: latestMs }, random) ??
    earliestMs + Math.floor(random() * (latestMs - earliestMs));
  const { times, gapMinutes } = repeats ?? { times: 1, gapMinutes: [0, 0] as const };
  return Array.from({ length: times }, () => {
    const range = { beginMs, endMs: beginMs + lastsMs };
    const [least, most] = gapMinutes;
    beginMs = range.endMs + Math.floor((least + random() * (most - least)) * MINUTE_MS);
    return range;
  });
}

/** A request as a short interruption leaves it. */
export function interruptedRequest(request: SimulatedRequest): SimulatedRequest {
  return { ...request, outcome: "failed" };
}
