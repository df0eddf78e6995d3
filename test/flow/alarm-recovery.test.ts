import { beforeAll, describe, expect, it } from "vitest";
import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { isComposite } from "@wrist-agent/cloudwatch/alarm";
import {
  requestTimes,
  healthyRequest,
  SIMULATION_START_MS,
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
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FAULT_BEGINS = SIMULATION_START_MS + DAY + 7 * HOUR;
const FAULT_ENDS = FAULT_BEGINS + 2 * DAY;

const TRAFFIC = [10, 30, 100] as const;
let tables: ReadonlyMap<number, AlarmsByKey>;

beforeAll(async () => {
  const entries = TRAFFIC.map(async (perDay) => [perDay, await synthesisedAlarms(perDay)] as const);
  tables = new Map(await Promise.all(entries));
});

function metricAlarms(perDay: number): readonly MetricAlarmDefinition[] {
  const all = tables.get(perDay) ?? new Map<string, never>();
  return [...all.values()].flatMap((definition) => (isComposite(definition) ? [] : [definition]));
}

function alarm(key: string, perDay: number): MetricAlarmDefinition {
  const definition = metricAlarms(perDay).find(({ alarmName }) => alarmName.endsWith(`-${key}`));
  if (definition === undefined) throw new Error(`no alarm ${key} at ${perDay} requests a day`);
  return definition;
}

type RequestOutcome = SimulatedRequest["outcome"];

/** How often something happens, and how far apart. */
interface Repeats {
  readonly count: number;
  readonly everyMs: number;
}

/** The request with another outcome, as often as said. */
function again(
  request: SimulatedRequest,
  outcome: RequestOutcome,
  { count, everyMs }: Repeats = { count: 1, everyMs: 0 },
): readonly SimulatedRequest[] {
  return Array.from({ length: count }, (_, n) => ({ ...request, outcome, atMs: request.atMs + n * everyMs }));
}

interface Fault {
  readonly key: string;
  /** From the first thing that goes wrong to the alarm at most. */
  readonly withinMinutes: number;
  /** Whether only a later success may end the alarm. */
  readonly ends: "on evidence" | "in silence";
  readonly of: (request: SimulatedRequest, perDay: number) => readonly SimulatedRequest[];
}

/** What goes wrong for two days; every other request is served. */
const FAULTS: readonly Fault[] = [
  {
    key: "failing-now",
    withinMinutes: 8,
    ends: "on evidence",
    of: (request) => again(request, "failed", { count: 5, everyMs: 40_000 }),
  },
  {
    key: "failing-share",
    withinMinutes: 1440,
    ends: "on evidence",
    of: (request) => again(request, "failed"),
  },
  {
    key: "degraded-replies",
    withinMinutes: 2880,
    ends: "on evidence",
    of: (request) => again(request, "degraded"),
  },
  {
    key: "lambda-errors",
    withinMinutes: 10,
    ends: "on evidence",
    of: (request) => again(request, "crashed"),
  },
  {
    key: "duration",
    withinMinutes: 1440,
    ends: "on evidence",
    of: (request) => [{ ...request, durationMs: 27_500 }],
  },
  { key: "throttles", withinMinutes: 6, ends: "on evidence", of: (request) => again(request, "throttled") },
  {
    key: "runaway-traffic",
    withinMinutes: 31,
    ends: "in silence",
    of: (request, perDay) => {
      const count = 3 * perDay;
      return again(request, "served", { count, everyMs: (30 * MINUTE) / count });
    },
  },
  {
    key: "refused-requests",
    withinMinutes: 21,
    ends: "in silence",
    of: (request) => again(request, "rejected", { count: 30, everyMs: 40_000 }),
  },
  {
    key: "spend-today",
    withinMinutes: 1440,
    ends: "in silence",
    of: (request) => [{ ...request, costUsd: 0.5 }],
  },
  {
    key: "metrics-rejected",
    withinMinutes: 1,
    ends: "in silence",
    of: (request) => again(request, "unreadable"),
  },
];

/** A served week, with the fault in it; `wrong` are the requests that it changed. */
function faultyWeek(fault: Fault, perDay: number) {
  const random = seededRandom(7);
  const served = requestTimes({ random, perDay, days: 7 }).map((atMs) => ({
    ...healthyRequest(random, atMs, 0),
    durationMs: 2000,
    outcome: "served" as const,
  }));
  const hit = served.filter(({ atMs }) => atMs >= FAULT_BEGINS && atMs < FAULT_ENDS);
  const wrong = hit.flatMap((request) => fault.of(request, perDay)).toSorted((a, b) => a.atMs - b.atMs);
  const lastMs = wrong.at(-1)?.atMs ?? 0;
  const before = served.filter(({ atMs }) => atMs < FAULT_BEGINS);
  const after = served.filter(({ atMs }) => atMs > Math.max(FAULT_ENDS, lastMs));
  return { before, wrong, after, lastMs };
}

/** Evaluates the days that matter by the minute, and those whose periods are many by the five minutes. */
function changesOf(
  definition: MetricAlarmDefinition,
  requests: readonly SimulatedRequest[],
): readonly Change[] {
  const trial = new AlarmTrial([definition]).tell(requests);
  trial.runTo(FAULT_BEGINS, HOUR);
  return [...trial.changes, ...trial.runTo(SIMULATION_START_MS + 5 * DAY, stepMs(definition))];
}

function stepMs({ evaluationPeriods }: MetricAlarmDefinition): number {
  return evaluationPeriods > 100 ? 5 * MINUTE : MINUTE;
}

function statesFrom(changes: readonly Change[], fromMs: number): string {
  return changes
    .filter(({ atMs }) => atMs > fromMs)
    .map(({ state }) => state)
    .join(" ");
}

describe.each(FAULTS)("$key", (fault) => {
  it.each(TRAFFIC)("at %d requests a day fires on its fault, returns, and stays returned", (perDay) => {
    const { before, wrong, after, lastMs } = faultyWeek(fault, perDay);
    const changes = changesOf(alarm(fault.key, perDay), [...before, ...wrong, ...after]);
    const firstWrongMs = wrong[0]?.atMs ?? 0;
    const alarmMs = firstAlarm(changes) ?? Infinity;
    expect(alarmMs).toBeGreaterThan(firstWrongMs);
    expect((alarmMs - firstWrongMs) / MINUTE).toBeLessThanOrEqual(fault.withinMinutes);
    expect(statesFrom(changes, lastMs)).toMatch(/^(ALARM )?OK$/);
  });

  it(`at 30 requests a day ends ${fault.ends}`, () => {
    const { before, wrong, lastMs } = faultyWeek(fault, 30);
    const changes = changesOf(alarm(fault.key, 30), [...before, ...wrong]);
    expect(statesFrom(changes, lastMs)).toMatch(
      fault.ends === "on evidence" ? /^(ALARM)?$/ : /^(ALARM )?OK$/,
    );
  });
});

describe("estimated-charges", () => {
  it("fires on the figure that reaches the budget and returns for good with the next month's", () => {
    const figures = [60, 80, 95, 99, 101, 102, 104, 106, 3, 4, 5, 7, 9, 12, 14];
    const published = figures.map((EstimatedCharges, n) => ({
      publisher: "billing" as const,
      atMs: SIMULATION_START_MS + n * 7 * HOUR,
      values: { EstimatedCharges },
    }));
    const trial = new AlarmTrial([alarm("estimated-charges", 30)]).publish(published);
    const changes = trial.runTo(SIMULATION_START_MS + 6 * DAY, 10 * MINUTE);
    const after = changes.map(({ state, atMs }) => `${state} ${(atMs - SIMULATION_START_MS) / HOUR} h`);
    expect(after).toEqual(["OK 1 h", "ALARM 29 h", "OK 74 h"]);
  });
});

describe("an alarm that has recovered", () => {
  const AT = Date.UTC(2026, 8, 14, 9, 0, 20);
  const one = { durationMs: 1000, costUsd: 0.001, atMs: AT, outcome: "served" as const };
  const at = (minutes: number) => ({ ...one, atMs: AT + minutes * MINUTE });
  const story = [
    ...again(at(0), "served", { count: 5, everyMs: 1000 }),
    ...again(at(1), "failed", { count: 6, everyMs: 1000 }),
    at(2),
  ];
  const statesOf = (
    definition: MetricAlarmDefinition,
    requests: readonly SimulatedRequest[],
  ): readonly string[] => {
    const trial = new AlarmTrial([definition]).tell(requests);
    trial.evaluateAt(AT);
    return trial.runTo(AT + 2 * HOUR).map(({ state, atMs }) => `${state} ${(atMs - AT) / MINUTE}`);
  };

  it("stays so, on completed periods of the clock", () => {
    const definition = alarm("failing-now", 10);
    expect(statesOf(definition, [...story, at(6)])).toEqual(["ALARM 5", "OK 15"]);
    expect(statesOf(definition, story)).toEqual(["ALARM 5"]);
    expect(definition.evaluationWindow).toEqual({ wallClock: { timezone: "UTC" } });
  });

  const OUTCOMES: readonly RequestOutcome[] = [
    ...(["served", "failed", "crashed", "rejected", "unauthorized", "throttled", "degraded"] as const),
  ];

  it.each(Array.from({ length: 4 }, (_, seed) => seed))(
    "never alarms again without a new failure, whatever the traffic (seed %d)",
    (seed) => {
      const random = seededRandom(seed);
      const perDay = TRAFFIC[seed % TRAFFIC.length] ?? 30;
      const endsMs = SIMULATION_START_MS + (10 + random() * 12) * HOUR;
      const requests = requestTimes({ random, perDay, days: 3 }).map((atMs): SimulatedRequest => {
        const outcome = OUTCOMES[Math.floor(random() * OUTCOMES.length)] ?? "served";
        return {
          atMs,
          durationMs: random() * 30_000,
          costUsd: random(),
          outcome: atMs < endsMs ? outcome : "served",
        };
      });
      const settled = requests.map((request) =>
        request.atMs < endsMs ? request : { ...request, durationMs: 100, costUsd: 0 },
      );
      const definitions = metricAlarms(perDay).filter(({ evaluationPeriods }) => evaluationPeriods < 100);
      const trial = new AlarmTrial(definitions).tell(settled);
      trial.tellServedRuns(SIMULATION_START_MS, SIMULATION_START_MS + 3 * DAY);
      trial.runTo(endsMs, 5 * MINUTE);
      trial.runTo(SIMULATION_START_MS + 3 * DAY);
      for (const { alarmName } of definitions) {
        const changes = trial.changes.filter(({ key }) => alarmName.endsWith(`-${key}`));
        expect(`${alarmName}: ${statesFrom(changes, endsMs)}`).toMatch(/: (ALARM ?)?(OK)?$/);
      }
    },
  );
});

function quietStepMs({ evaluationPeriods }: MetricAlarmDefinition): number {
  return evaluationPeriods > 100 ? HOUR : 5 * MINUTE;
}

/** A window of a burn alarm may burn for an hour; its composite tells when that matters. */
function mails({ actionsEnabled }: MetricAlarmDefinition): boolean {
  return actionsEnabled !== false;
}

describe("a healthy week", () => {
  it.each(TRAFFIC)("at %d requests a day is quiet", (perDay) => {
    const random = seededRandom(40 + perDay);
    const requests = requestTimes({ random, perDay, days: 7 }).map((atMs) => healthyRequest(random, atMs));
    const changes = metricAlarms(perDay)
      .filter(mails)
      .flatMap((definition) =>
        new AlarmTrial([definition])
          .tell(requests)
          .tellServedRuns(SIMULATION_START_MS, SIMULATION_START_MS + 7 * DAY)
          .runTo(SIMULATION_START_MS + 7 * DAY, quietStepMs(definition)),
      );
    expect(changes.filter(({ state }) => state === "ALARM")).toEqual([]);
  });
});
