import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { type AlarmPlan, planAlarm } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { type AlarmSource, pointMarks, seriesPoints } from "@wrist-agent/cloudwatch/alarms/alarm-points";
import { WallClockWindow } from "@wrist-agent/cloudwatch/alarms/wall-clock-window";
import type { Grid } from "@wrist-agent/cloudwatch/metric";
import { completedWallClockPeriods, type ZoneOffset } from "@wrist-agent/cloudwatch/zoned-time";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { METRIC, NotedSource, queriesOf, type Telling } from "./noted-source.ts";
import { START_MS } from "./scenario.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Zones at the days on which their clocks are set. */
const PLACES = [
  ["UTC", "2026-09-14T00:00:00Z"],
  ["+05:30", "2026-09-14T00:00:00Z"],
  ["Europe/Berlin", "2026-03-27T12:00:00Z"],
  ["Europe/Berlin", "2026-10-23T12:00:00Z"],
  ["Australia/Lord_Howe", "2026-04-03T00:00:00Z"],
  ["Pacific/Apia", "2011-12-28T00:00:00Z"],
] as const;

const EXPRESSIONS = [
  undefined,
  "FILL(m1, 0)",
  "IF((m1 >= 2) AND (m1 / m2 >= 0.5), 1, 0 / (m2 - m1))",
  "-m1 ^ 2 + HOUR(m1) * PERIOD(m1)",
  "FILL(m1, REPEAT)",
  "m1 - AVG(m1)",
  "RUNNING_SUM(m1)",
] as const;

interface Case {
  readonly expression: (typeof EXPRESSIONS)[number];
  readonly zone: string;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
}

function planOf({ expression, zone, periodSeconds, evaluationPeriods }: Case): AlarmPlan {
  const what: Partial<MetricAlarmDefinition> =
    expression === undefined
      ? { ...METRIC, statistic: "Sum", periodSeconds }
      : { metrics: queriesOf(expression, periodSeconds) };
  const definition: MetricAlarmDefinition = {
    alarmName: "errors",
    threshold: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    ...what,
    evaluationPeriods,
    evaluationWindow: { wallClock: { timezone: zone } },
  };
  return planAlarm(definition, (_period, n) => n);
}

function zoneOf({ zone }: AlarmPlan): ZoneOffset {
  if (zone === undefined) throw new Error("no wall-clock alarm");
  return zone;
}

/** Every slot of the range, each read on its own, at every evaluation. */
function naive(plan: AlarmPlan, { readSeries }: AlarmSource, nowMs: number) {
  const period = { seconds: plan.periodSeconds, count: plan.evaluationPeriods };
  const boundaries = completedWallClockPeriods(nowMs, period, zoneOf(plan));
  const slots = boundaries.slice(1).map((endMs, slot) => {
    const startMs = boundaries[slot] ?? 0;
    const grid = { startMs, periodSeconds: (endMs - startMs) / 1000, slots: 1 };
    return { startMs, ...seriesPoints(plan, readSeries(plan.queries, grid)) };
  });
  const values = slots.map((slot) => slot.values[0]);
  const sampleCounts = slots.map((slot) => slot.sampleCounts[0]);
  const marks = pointMarks(plan, { values, sampleCounts, lower: [], upper: [] });
  return { starts: slots.map(({ startMs }) => startMs), values, sampleCounts, marks: [...marks] };
}

function seenBy(window: WallClockWindow) {
  const { first, slots } = window;
  const each = <Item>(pick: (slot: number) => Item): readonly Item[] =>
    Array.from({ length: slots }, (_, slot) => pick(slot));
  return {
    starts: each((slot) => window.startMs(slot)),
    values: each((slot) => window.values[first + slot]),
    sampleCounts: each((slot) => window.sampleCounts[first + slot]),
    marks: each((slot) => window.marks[first + slot]),
  };
}

const CASES = fc.record({
  telling: fc.constantFrom<Telling>("nothing", "revision", "since when"),
  expression: fc.constantFrom(...EXPRESSIONS),
  place: fc.constantFrom(...PLACES),
  periodSeconds: fc.constantFrom(60, 300, 3600, 86_400),
  evaluationPeriods: fc.integer({ min: 1, max: 30 }),
  // Minutes on, and what arrives before, if anything; time may go back, as a set clock does.
  steps: fc.array(
    fc.record({
      minutes: fc.oneof(fc.constant(1), fc.integer({ min: -90, max: 2000 })),
      arrives: fc.option(fc.record({ value: fc.integer({ min: 0, max: 4 }), lateMinutes: fc.nat(600) }), {
        freq: 2,
      }),
    }),
    { minLength: 1, maxLength: 25 },
  ),
});

describe("a wall-clock window", () => {
  test("sees what one read per slot and minute sees, whatever arrives and wherever clocks are set", () => {
    fc.assert(
      fc.property(CASES, ({ place: [zone, from], telling, steps, ...what }) => {
        const noted = new NotedSource(telling);
        const plan = planOf({ ...what, zone });
        const window = new WallClockWindow(plan, noted.source, zoneOf(plan));
        let nowMs = Date.parse(from);
        for (let at = nowMs - 2 * DAY, n = 0; at < nowMs + DAY; at += 17 * MINUTE, n += 1)
          noted.put({ ...METRIC, timestampMs: at, values: n % 3 === 0 ? [n % 5, 0] : [n % 5] });
        for (const { minutes, arrives } of steps) {
          nowMs += minutes * MINUTE;
          if (arrives !== null)
            noted.put({
              ...METRIC,
              timestampMs: nowMs - arrives.lateMinutes * MINUTE,
              values: [arrives.value],
            });
          const { version } = window;
          const before = version === 0 ? undefined : seenBy(window);
          const after = seenBy(window.moveTo(nowMs));
          expect(after).toEqual(naive(plan, noted.source, nowMs));
          if (window.version === version) expect(after).toEqual(before);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("of 288 periods is read once a day while nothing arrives, and once a change where something does", () => {
    const grids: Grid[] = [];
    let revision = 0;
    const source: AlarmSource = {
      readSeries: (_queries, grid) => {
        grids.push(grid);
        return [];
      },
      revision: () => revision,
    };
    const plan = planOf({
      expression: "FILL(m1, 0)",
      zone: "UTC",
      periodSeconds: 300,
      evaluationPeriods: 288,
    });
    const window = new WallClockWindow(plan, source, zoneOf(plan));
    for (let minute = 0; minute < 3 * 1440; minute += 1) window.moveTo(START_MS + minute * MINUTE);
    // The first read cannot know whether the source stands still, so it looks at the past alone; the others
    // look a day on.
    expect(grids.map(({ slots }) => slots)).toEqual([288, 288, 289, 289]);
    revision += 1;
    for (let minute = 0; minute < 5; minute += 1) window.moveTo(START_MS + (3 * 1440 + minute) * MINUTE);
    expect(grids).toHaveLength(5);
  });

  test("reads the periods alone in which something arrived, and none for what arrives in one that goes on", () => {
    const noted = new NotedSource("since when");
    const plan = planOf({
      expression: "FILL(m1, 0)",
      zone: "UTC",
      periodSeconds: 300,
      evaluationPeriods: 288,
    });
    const window = new WallClockWindow(plan, noted.source, zoneOf(plan));
    window.moveTo(START_MS);
    noted.put({ ...METRIC, timestampMs: START_MS - 7 * MINUTE, values: [3] });
    window.moveTo(START_MS + MINUTE);
    noted.put({ ...METRIC, timestampMs: START_MS + MINUTE, values: [1] });
    window.moveTo(START_MS + 2 * MINUTE);
    window.moveTo(START_MS + 5 * MINUTE);
    expect(noted.grids.map(({ startMs, slots }) => [(startMs - START_MS) / MINUTE, slots])).toEqual([
      [-1440, 288],
      [-10, 2],
      [0, 1],
    ]);
    expect(seenBy(window).values.slice(-3)).toEqual([3, 0, 1]);
  });
});
