import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { type AlarmPlan, planAlarm } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { type AlarmSource, pointMarks, seriesPoints } from "@wrist-agent/cloudwatch/alarms/alarm-points";
import { SlidingWindow } from "@wrist-agent/cloudwatch/alarms/sliding-window";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { METRIC, NotedSource, queriesOf, type Telling } from "./noted-source.ts";
import { START_MS } from "./scenario.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const EXPRESSIONS = [
  "m1",
  "FILL(m1, 0)",
  "m1 / m2",
  "HOUR(m1) + m1",
  "MAX([m1, m2])",
  "m1 - AVG(m1)",
] as const;

interface Case {
  readonly expression: string;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
}

function planOf({ expression, periodSeconds, evaluationPeriods }: Case): AlarmPlan {
  const definition: MetricAlarmDefinition = {
    alarmName: "errors",
    threshold: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    metrics: queriesOf(expression, periodSeconds),
    evaluationPeriods,
  };
  return planAlarm(definition, (_period, n) => n + 2);
}

/** The whole range in one read at every evaluation. */
function naive(plan: AlarmPlan, { readSeries }: AlarmSource, nowMs: number) {
  const stepMs =
    plan.periodSeconds * plan.evaluationPeriods > 86_400 ? HOUR : Math.min(plan.periodSeconds * 1000, MINUTE);
  const endMs = Math.floor(nowMs / stepMs) * stepMs;
  const startMs = endMs - plan.range * plan.periodSeconds * 1000;
  const grid = { startMs, periodSeconds: plan.periodSeconds, slots: plan.range };
  const points = seriesPoints(plan, readSeries(plan.queries, grid));
  return { startMs, values: points.values, marks: [...pointMarks(plan, points)] };
}

function seenBy(window: SlidingWindow) {
  const { first, slots, values, marks } = window;
  const places = Array.from({ length: slots }, (_, slot) => first + slot);
  return {
    startMs: window.startMs(0),
    values: places.map((place) => values[place]),
    marks: places.map((place) => marks[place]),
  };
}

const CASES = fc.record({
  telling: fc.constantFrom<Telling>("nothing", "revision", "since when", "how long"),
  expression: fc.constantFrom(...EXPRESSIONS),
  periodSeconds: fc.constantFrom(60, 300, 540, 3600, 86_400),
  evaluationPeriods: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(
    fc.record({
      minutes: fc.oneof(fc.constant(1), fc.integer({ min: -90, max: 700 })),
      arrives: fc.option(fc.record({ value: fc.integer({ min: 0, max: 4 }), lateMinutes: fc.nat(200) }), {
        freq: 2,
      }),
    }),
    { minLength: 1, maxLength: 40 },
  ),
});

describe("a sliding window", () => {
  test("sees what one read per minute sees, whatever arrives and whatever the source tells of it", () => {
    fc.assert(
      fc.property(CASES, ({ telling, steps, ...what }) => {
        const noted = new NotedSource(telling);
        const plan = planOf(what);
        const window = new SlidingWindow(plan, noted.source);
        let nowMs = START_MS;
        for (let at = nowMs - 2 * 24 * HOUR, n = 0; at < nowMs; at += 170 * MINUTE, n += 1)
          noted.put({ ...METRIC, timestampMs: at, values: [n % 5] });
        for (const { minutes, arrives } of steps) {
          nowMs += minutes * MINUTE;
          if (arrives !== null)
            noted.put({
              ...METRIC,
              timestampMs: nowMs - arrives.lateMinutes * MINUTE,
              values: [arrives.value],
            });
          const version = window.version;
          const before = seenBy(window);
          const after = seenBy(window.moveTo(nowMs));
          expect(after).toEqual(naive(plan, noted.source, nowMs));
          if (window.version === version) expect(after.marks).toEqual(before.marks);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("is read when a datum crosses an edge of a period, and not in the minutes between", () => {
    const noted = new NotedSource("how long");
    const plan = planOf({ expression: "FILL(m1, 0)", periodSeconds: 3600, evaluationPeriods: 1 });
    const window = new SlidingWindow(plan, noted.source);
    noted.put({ ...METRIC, timestampMs: START_MS - 10 * MINUTE, values: [1] });
    for (let minute = 0; minute <= 240; minute += 1) window.moveTo(START_MS + minute * MINUTE);
    // It leaves the newest hour after 51 minutes, and each of the two that CloudWatch fetches beyond it an
    // hour later.
    expect(noted.grids.map(({ startMs }) => (startMs - START_MS) / MINUTE + 180)).toEqual([0, 51, 111, 171]);
  });
});
