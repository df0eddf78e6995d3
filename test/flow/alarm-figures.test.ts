import { beforeAll, describe, expect, it } from "vitest";
import type { AlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import {
  requestTimes,
  healthyRequest,
  SIMULATION_START_MS,
  requestTimesOfDay,
  type SimulatedRequest,
} from "../../local/rehearsal/synthetic-traffic.ts";
import { seededRandom } from "../../local/random.ts";
import {
  AlarmTrial,
  firstAlarm,
  synthesisedAlarms,
  type AlarmsByKey,
  type Change,
} from "../support/alarm-trial.ts";

const MINUTE = 60_000;
const PERIOD = 5 * MINUTE;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SECOND = 1000;
const TRAFFIC = [10, 30, 100] as const;
let alarms: ReadonlyMap<number, AlarmsByKey>;

beforeAll(async () => {
  const entries = TRAFFIC.map(async (perDay) => [perDay, await synthesisedAlarms(perDay)] as const);
  alarms = new Map(await Promise.all(entries));
});

function alarm(key: string, perDay: number): AlarmDefinition {
  const definition = alarms.get(perDay)?.get(key);
  if (definition === undefined) throw new Error(`no alarm ${key} at ${perDay} requests a day`);
  return definition;
}

function failed(atMs: number): SimulatedRequest {
  return { atMs, durationMs: 1000, costUsd: 0, outcome: "failed" };
}

/** A person who meets a total outage: a first try, and the others 15 to 60 seconds after the one before. */
function tries(random: () => number, count: number): readonly number[] {
  const times = [SIMULATION_START_MS + HOUR + Math.floor(random() * PERIOD)];
  while (times.length < count)
    times.push((times.at(-1) ?? 0) + 15 * SECOND + Math.floor(random() * 45 * SECOND));
  return times;
}

/** Minutes from the first failed try to the alarm; `undefined` when it never comes. */
function minutesToAlarm(definition: AlarmDefinition, times: readonly number[], phaseMs: number) {
  const trial = new AlarmTrial([definition]).tell(times.map(failed));
  trial.evaluateAt(SIMULATION_START_MS + HOUR - MINUTE + phaseMs);
  const at = firstAlarm(trial.runTo(SIMULATION_START_MS + HOUR + 20 * MINUTE));
  return at === undefined ? undefined : (at - (times[0] ?? 0)) / MINUTE;
}

describe("a total outage", () => {
  it.each([
    [10, 5, 10],
    [30, 7, 12],
    [100, 9, 14],
  ])("at %d requests a day and %d tries is found within %d minutes", (perDay, count, minutes) => {
    const random = seededRandom(perDay);
    for (let run = 0; run < 200; run += 1) {
      const took = minutesToAlarm(
        alarm("failing-now", perDay),
        tries(random, count),
        Math.floor(random() * MINUTE),
      );
      expect(took).toBeLessThanOrEqual(minutes);
    }
  });

  it("is found after four tries in three of five cases; the others lie on both sides of a five-minute mark", () => {
    const random = seededRandom(2);
    let found = 0;
    for (let run = 0; run < 400; run += 1)
      if (minutesToAlarm(alarm("failing-now", 30), tries(random, 4), 0) !== undefined) found += 1;
    expect(found / 400).toBeGreaterThan(0.55);
  });
});

describe("while everything fails", () => {
  it.each(TRAFFIC)("at %d requests a day failing-now gives no all-clear", (perDay) => {
    const stories = Array.from({ length: 20 }, (_, seed) => {
      const random = seededRandom(5000 + seed);
      const outageMs = SIMULATION_START_MS + Math.floor((24 + random() * 24) * HOUR);
      const requests = requestTimes({ random, perDay, days: 4 }).map((atMs) =>
        atMs < outageMs ? healthyRequest(random, atMs) : failed(atMs),
      );
      const trial = new AlarmTrial([alarm("failing-now", perDay)]).tell(requests);
      return statesOf(trial.runTo(SIMULATION_START_MS + 4 * DAY, PERIOD));
    });
    expect(stories.join(", ")).not.toContain("ALARM OK");
    expect(stories.filter((story) => story === "OK ALARM").length).toBeGreaterThan(stories.length / 2);
  });
});

function statesOf(changes: readonly Change[]): string {
  return changes.map(({ state }) => state).join(" ");
}

describe("30 % of requests failing", () => {
  it.each([
    [10, 0.55],
    [30, 0.99],
    [100, 1],
  ])("on a day of %d requests is caught within 24 hours in a share of %d of runs", (perDay, share) => {
    const runs = 300;
    let caught = 0;
    for (let seed = 0; seed < runs; seed += 1) {
      const random = seededRandom(seed);
      const times = requestTimesOfDay(random, perDay, SIMULATION_START_MS).filter(
        (atMs) => atMs < SIMULATION_START_MS + DAY,
      );
      const requests = times.map((atMs) => healthyRequest(random, atMs, 0.3));
      if (isPaged(perDay, requests) || isTicketed(perDay, requests)) caught += 1;
    }
    expect(caught / runs).toBeGreaterThanOrEqual(share);
  });
});

function isPaged(perDay: number, requests: readonly SimulatedRequest[]): boolean {
  const trial = new AlarmTrial([alarm("failing-now", perDay)]).tell(requests);
  for (const startMs of failingPeriods(requests)) trial.evaluateAt(startMs + PERIOD);
  return firstAlarm(trial.changes) !== undefined;
}

/** The failing periods of a day are only ever more towards its end. */
function isTicketed(perDay: number, requests: readonly SimulatedRequest[]): boolean {
  const trial = new AlarmTrial([alarm("failing-share", perDay)]).tell(requests);
  trial.evaluateAt(SIMULATION_START_MS + DAY);
  return firstAlarm(trial.changes) !== undefined;
}

function failingPeriods(requests: readonly SimulatedRequest[]): ReadonlySet<number> {
  const failures = requests.filter(({ outcome }) => outcome === "failed");
  return new Set(failures.map(({ atMs }) => Math.floor(atMs / PERIOD) * PERIOD));
}

describe("1 % random failures", () => {
  it.each([
    [10, 60],
    [30, 60],
    [100, 20],
  ])("at %d requests a day raise at most 0.1 false alarms in 30 days", (perDay, months) => {
    let raised = 0;
    for (let seed = 0; seed < months; seed += 1) {
      const random = seededRandom(1000 + seed);
      const requests = requestTimes({ random, perDay, days: 30 }).map((atMs) => healthyRequest(random, atMs));
      const trial = new AlarmTrial([alarm("failing-share", perDay), alarm("failing-now", perDay)]);
      trial.tell(requests);
      // Only a period that holds a failure can raise these alarms; what leaves a window can only end them.
      for (const startMs of failingPeriods(requests)) {
        trial.evaluateAt(startMs);
        trial.evaluateAt(startMs + PERIOD);
      }
      raised += trial.changes.filter(({ state }) => state === "ALARM").length;
    }
    expect(raised / months).toBeLessThanOrEqual(0.1);
  });
});
