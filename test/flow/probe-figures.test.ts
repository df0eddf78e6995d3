import { beforeAll, describe, expect, it } from "vitest";
import { PROBE_LIMITS } from "../../lambda/contract/probe.ts";
import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { isComposite } from "@wrist-agent/cloudwatch/alarm";
import { SIMULATION_START_MS } from "../../local/rehearsal/synthetic-traffic.ts";
import { seededRandom } from "../../local/random.ts";
import { firstAlarm, synthesisedAlarms, type Change } from "../support/alarm-trial.ts";
import { watched, type ProbeRun } from "../support/probe-runs.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** From a line's writing to its point in CloudWatch. */
const LINE_TRAVELS = 5 * SECOND;
const SERVED_MS = SECOND;
/** Three tries that are refused at once, or that all hang. */
const QUICK_MS = 7 * SECOND;
const HANGING_MS = 42 * SECOND;

const BEGINS = SIMULATION_START_MS + HOUR;

/** Minutes between two runs where `PROBE_MINUTES` is not set. */
const DEFAULT_MINUTES = 4;

const alarms = new Map<number, MetricAlarmDefinition>();

beforeAll(async () => {
  for (const minutes of [DEFAULT_MINUTES, 5]) {
    const table = await synthesisedAlarms(30, { probeMinutes: String(minutes) });
    const alarm = table.get("probe-failing");
    if (alarm === undefined || isComposite(alarm)) throw new Error("no metric alarm probe-failing");
    alarms.set(minutes, alarm);
  }
});

function alarm(minutes = DEFAULT_MINUTES): MetricAlarmDefinition {
  const definition = alarms.get(minutes);
  if (definition === undefined) throw new Error(`nothing was synthesised for ${minutes} minutes`);
  return definition;
}

/** A schedule of the probe, and what becomes of its runs. */
interface Schedule {
  readonly minutes: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Seconds within its minute at which a run begins: Scheduler promises the minute alone. */
  readonly jitterMs: () => number;
  /** Runs from here on fail; none when missing. */
  readonly outageMs?: number;
  readonly failingMs?: number;
}

function scheduled(schedule: Schedule): readonly ProbeRun[] {
  const { minutes, fromMs, untilMs, jitterMs, outageMs = Infinity, failingMs = QUICK_MS } = schedule;
  const runs: ProbeRun[] = [];
  for (let markMs = fromMs; markMs < untilMs; markMs += minutes * MINUTE) {
    const startedMs = markMs + jitterMs();
    const failed = startedMs >= outageMs ? 1 : 0;
    const seenAfterMs = LINE_TRAVELS + (failed === 1 ? failingMs : SERVED_MS);
    runs.push({ startedMs, failed, seenAfterMs });
  }
  return runs;
}

/** One outage at a random instant of the interval; its jitter is one for all runs, or new for each. */
interface Outage {
  readonly random: () => number;
  readonly minutes: number;
  readonly failingMs: number;
  readonly jitter: "steady" | "free";
}

function minutesToAlarm({ random, minutes, failingMs, jitter }: Outage): number {
  const outageMs = BEGINS + Math.floor(random() * minutes * MINUTE);
  const steadyMs = Math.floor(random() * MINUTE);
  const runs = scheduled({
    minutes,
    fromMs: SIMULATION_START_MS + HOUR / 2,
    untilMs: BEGINS + 15 * MINUTE,
    jitterMs: () => (jitter === "steady" ? steadyMs : Math.floor(random() * MINUTE)),
    outageMs,
    failingMs,
  });
  const phaseMs = Math.floor(random() * MINUTE);
  const looking = { fromMs: BEGINS - 2 * MINUTE, untilMs: outageMs + 10 * MINUTE, phaseMs };
  const atMs = firstAlarm(watched(alarm(minutes), runs, looking));
  if (atMs === undefined || atMs < outageMs) throw new Error("an outage was missed, or told of before");
  return (atMs - outageMs) / MINUTE;
}

function sample(outage: Omit<Outage, "random">): readonly number[] {
  const random = seededRandom(outage.failingMs + outage.minutes);
  return Array.from({ length: 250 }, () => minutesToAlarm({ ...outage, random })).toSorted((a, b) => a - b);
}

describe("a total outage, from its beginning to the alarm", () => {
  it.each([
    ["refused at once", QUICK_MS],
    ["left hanging", HANGING_MS],
  ])("is found within 6 minutes, in the median within 3.7, when questions are %s", (_what, failingMs) => {
    const took = sample({ minutes: DEFAULT_MINUTES, failingMs, jitter: "steady" });
    expect(took.at(-1)).toBeLessThan(6);
    expect(took[125]).toBeLessThan(3.7);
  });

  it.each([
    ["refused at once", QUICK_MS],
    ["left hanging", HANGING_MS],
  ])("is found within 7 minutes whatever second each run begins at, %s", (_what, failingMs) => {
    const took = sample({ minutes: DEFAULT_MINUTES, failingMs, jitter: "free" });
    expect(took.at(-1)).toBeLessThan(7);
    expect(took.filter((minutes) => minutes <= 6).length / took.length).toBeGreaterThanOrEqual(0.98);
  });

  /** The last good run at the first second of its minute, the failing one at the last second, the alarm early in the minute. */
  function worstCase(minutes: number, failingMs: number): number {
    const jitters = [0, 59 * SECOND];
    const runs = scheduled({
      minutes,
      fromMs: BEGINS,
      untilMs: BEGINS + (minutes + 1) * MINUTE,
      jitterMs: () => jitters.shift() ?? 0,
      outageMs: BEGINS + 1,
      failingMs,
    });
    const earlier = scheduled({
      minutes,
      fromMs: BEGINS - HOUR / 2,
      untilMs: BEGINS,
      jitterMs: () => 0,
    });
    const phases = Array.from({ length: 60 }, (_, second) => second * SECOND);
    const found = phases.map((phaseMs) => {
      const looking = { fromMs: BEGINS, untilMs: BEGINS + 12 * MINUTE, phaseMs };
      return firstAlarm(watched(alarm(minutes), [...earlier, ...runs], looking), BEGINS) ?? Infinity;
    });
    return (Math.max(...found) - BEGINS) / SECOND;
  }

  it.each([
    [DEFAULT_MINUTES, QUICK_MS, 6 * 60 + 10],
    [DEFAULT_MINUTES, HANGING_MS, 6 * 60 + 45],
    [5, QUICK_MS, 7 * 60 + 10],
    [5, HANGING_MS, 7 * 60 + 45],
  ])(
    "every %d minutes with runs of %d ms takes %d seconds at the very worst",
    (minutes, failingMs, seconds) => {
      expect(worstCase(minutes, failingMs)).toBe(seconds);
    },
  );
});

describe("a healthy agent", () => {
  it("raises nothing in a week of runs at any second, with a hundredth of the tries failing and late lines", () => {
    const random = seededRandom(11);
    const runs = scheduled({
      minutes: DEFAULT_MINUTES,
      fromMs: SIMULATION_START_MS,
      untilMs: SIMULATION_START_MS + 7 * DAY,
      jitterMs: () => Math.floor(random() * MINUTE),
    }).map((run): ProbeRun => {
      const tries = [random() < 0.01, random() < 0.01, random() < 0.01];
      const failing = !tries.includes(false) ? tries.length : tries.indexOf(false);
      const lateMs = random() * 40 * SECOND;
      return {
        ...run,
        failed: failing === tries.length ? 1 : 0,
        seenAfterMs: run.seenAfterMs + failing * (PROBE_LIMITS.tryMs + 2 * SECOND) + lateMs * random(),
      };
    });
    const looking = {
      fromMs: SIMULATION_START_MS,
      untilMs: SIMULATION_START_MS + 7 * DAY,
      phaseMs: 3 * SECOND,
    };
    expect(states(watched(alarm(), runs, looking))).toBe("OK");
  });

  it("raises less than a false alarm in 90 months at a hundredth of failing tries", () => {
    const runsInMonth = (30 * DAY) / (DEFAULT_MINUTES * MINUTE);
    expect(runsInMonth * 0.01 ** (PROBE_LIMITS.pausesMs.length + 1)).toBeLessThan(1 / 90);
  });
});

function states(changes: readonly Change[]): string {
  return changes.map(({ state }) => state).join(" ");
}

describe("a fresh deploy", () => {
  /** The stack takes up to three minutes to make the schedule after the alarm, and the first mark may just be over. */
  const after = (firstRunMs: number, outageMs: number) =>
    watched(
      alarm(),
      scheduled({
        minutes: DEFAULT_MINUTES,
        fromMs: SIMULATION_START_MS + firstRunMs,
        untilMs: SIMULATION_START_MS + HOUR,
        jitterMs: () => 59 * SECOND,
        outageMs,
      }),
      { fromMs: SIMULATION_START_MS, untilMs: SIMULATION_START_MS + HOUR, phaseMs: 0 },
    ).map(({ state, atMs }) => `${state} ${(atMs - SIMULATION_START_MS) / MINUTE}`);

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    "pages nobody when its first run comes after %d minutes",
    (minutes) => {
      expect(after(minutes * MINUTE, Infinity)).toEqual(["OK 13"]);
    },
  );

  it("pages after 13 minutes when it never worked", () => {
    expect(after(3 * MINUTE, 0)).toEqual(["ALARM 13"]);
  });
});

describe("the end of an outage", () => {
  const OUTAGE = {
    minutes: DEFAULT_MINUTES,
    fromMs: SIMULATION_START_MS,
    untilMs: BEGINS,
    jitterMs: () => 20 * SECOND,
  } as const;
  const outage = scheduled({ ...OUTAGE, outageMs: SIMULATION_START_MS + HOUR / 2 });
  const changes = (later: readonly ProbeRun[]) =>
    watched(alarm(), [...outage, ...later], {
      fromMs: SIMULATION_START_MS,
      untilMs: BEGINS + 2 * HOUR,
      phaseMs: 30 * SECOND,
    });

  it("is not told by silence", () => {
    expect(states(changes([]))).toBe("OK ALARM");
  });

  it("is told by the first served run, within three minutes of it", () => {
    const served = scheduled({ ...OUTAGE, fromMs: BEGINS, untilMs: BEGINS + 2 * HOUR });
    const all = changes(served);
    expect(states(all)).toBe("OK ALARM OK");
    const firstServedMs = served[0]?.startedMs ?? 0;
    const okMs = all.at(-1)?.atMs ?? 0;
    expect(okMs).toBeGreaterThan(firstServedMs);
    expect(okMs - firstServedMs).toBeLessThanOrEqual(3 * MINUTE);
  });
});

describe("a probe that stops", () => {
  const upTo = scheduled({
    minutes: DEFAULT_MINUTES,
    fromMs: SIMULATION_START_MS,
    untilMs: BEGINS + 1,
    jitterMs: () => 20 * SECOND,
  });
  const look = (runs: readonly ProbeRun[], phaseMs: number) =>
    watched(alarm(), runs, { fromMs: SIMULATION_START_MS, untilMs: BEGINS + HOUR, phaseMs });

  it("is found 6 to 7 minutes after the minute of its last run, whenever the alarm looks", () => {
    for (let phaseMs = 0; phaseMs < MINUTE; phaseMs += 10 * SECOND) {
      const minutes = ((firstAlarm(look(upTo, phaseMs)) ?? Infinity) - BEGINS) / MINUTE;
      expect(minutes).toBeGreaterThanOrEqual(6);
      expect(minutes).toBeLessThan(7);
    }
  });

  it("for one run only is told of, and the next run takes it back", () => {
    const later = scheduled({
      minutes: DEFAULT_MINUTES,
      fromMs: BEGINS + 2 * DEFAULT_MINUTES * MINUTE,
      untilMs: BEGINS + HOUR,
      jitterMs: () => 20 * SECOND,
    });
    const told = look([...upTo, ...later], 0).map(
      ({ state, atMs }) => `${state} ${(atMs - BEGINS) / MINUTE}`,
    );
    expect(told.slice(1)).toEqual(["ALARM 6", "OK 9"]);
  });
});
