import type { AlarmState, MetricAlarmDefinition, TreatMissingData } from "@wrist-agent/cloudwatch/alarm";
import type { EvaluationRange } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alarm, Scenario, shortText, START_MS } from "./scenario.ts";

const MINUTE = 60_000;

const STEPS = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("evaluate" as const), minutes: fc.nat(400) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("set" as const),
        state: fc.constantFrom<AlarmState>("OK", "ALARM", "INSUFFICIENT_DATA"),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("arrive" as const),
        value: fc.nat(2),
        lateMinutes: fc.nat(90),
      }),
    },
  ),
  { minLength: 2, maxLength: 12 },
);

const CASES = fc.record({
  periodSeconds: fc.constantFrom(10, 60, 300, 540, 3600, 86_400),
  evaluationPeriods: fc.integer({ min: 1, max: 5 }),
  toAlarm: fc.integer({ min: 1, max: 5 }),
  treatMissingData: fc.constantFrom<TreatMissingData>("missing", "ignore", "breaching", "notBreaching"),
  onTheClock: fc.boolean(),
  /**
   * What was there before the first evaluation, by the minute from a day before the start; most of it in
   * stretches.
   */
  before: fc.array(
    fc.record({
      value: fc.option(fc.nat(2)),
      minutes: fc.oneof(fc.integer({ min: 1, max: 7 }), fc.nat(300)),
    }),
    { maxLength: 20 },
  ),
  steps: STEPS,
});

type Case = typeof CASES extends fc.Arbitrary<infer Value> ? Value : never;

function definitionOf({ periodSeconds, evaluationPeriods, toAlarm, treatMissingData, onTheClock }: Case) {
  const period = onTheClock ? Math.max(60, periodSeconds) : periodSeconds;
  const isAllowed = period % 300 === 0 || period <= 60;
  return alarm({
    periodSeconds: period,
    evaluationPeriods,
    datapointsToAlarm: Math.min(toAlarm, evaluationPeriods),
    treatMissingData,
    ...(onTheClock && isAllowed
      ? { evaluationWindow: { wallClock: { timezone: "Europe/Berlin" } } }
      : undefined),
  } satisfies Partial<MetricAlarmDefinition>);
}

/**
 * Runs a case; one whose source tells of changes may spare evaluations, one that tells of none evaluates each
 * time.
 */
function outcomes(given: Case, telling: "changes" | "nothing"): readonly string[] {
  let revision = 0;
  const range: EvaluationRange = (_period, n) => n + 2;
  const options = { evaluationRange: range, ...(telling === "changes" && { revision: () => revision }) };
  const scenario = new Scenario(options);
  feed(scenario.store, given);
  scenario.put(definitionOf(given));
  return given.steps.flatMap((step) => {
    if (step.kind === "arrive") {
      revision += 1;
      putValue(scenario.store, scenario.nowMs - step.lateMinutes * MINUTE, step.value);
      return [];
    }
    const texts = step.kind === "set" ? set(scenario, step.state) : evaluate(scenario, step.minutes);
    return [...texts, JSON.stringify(scenario.alarms.evaluatedDatapoints("errors"))];
  });
}

function feed(store: MetricStore, { before }: Case): void {
  let ms = START_MS - 1440 * MINUTE;
  for (const { value, minutes } of before)
    for (let minute = 0; minute < minutes; minute += 1, ms += MINUTE)
      if (value !== null) putValue(store, ms, value);
}

function putValue(store: MetricStore, timestampMs: number, value: number): void {
  store.put({ namespace: "Test", metricName: "Errors", dimensions: {}, timestampMs, values: [value] });
}

function set(scenario: Scenario, state: AlarmState): readonly string[] {
  const setting = { state, reason: "by hand" };
  return scenario.alarms.setState("errors", setting, scenario.nowMs).map(shortText);
}

function evaluate(scenario: Scenario, minutes: number): readonly string[] {
  const before = scenario.transitions.length;
  const untilMs = scenario.nowMs + minutes * MINUTE;
  scenario.run((untilMs - START_MS) / MINUTE, 30_000);
  return scenario.transitions
    .slice(before)
    .map((change) => `${shortText(change)} ${change.current.stateReasonData ?? ""}`);
}

describe("evaluations that are spared", () => {
  test("an alarm does what it does when each minute is evaluated", () => {
    fc.assert(
      fc.property(CASES, (given) => {
        expect(outcomes(given, "changes")).toEqual(outcomes(given, "nothing"));
      }),
      { numRuns: 150 },
    );
  });

  test("while nothing arrives, a month of one alarm is read a day at a time and judged when it changes", () => {
    let reads = 0;
    const store = new MetricStore();
    const read = readSeriesFrom(store);
    const scenario = new Scenario({
      readSeries: (queries, grid) => {
        reads += 1;
        return read(queries, grid);
      },
      revision: () => 0,
    });
    for (let minute = 0; minute < 30 * 1440; minute += 1)
      putValue(store, START_MS + minute * MINUTE, minute === 20_000 ? 1 : 0);
    scenario.put(alarm());
    expect(scenario.run(30 * 1440)).toEqual(["1m OK", "20001m ALARM", "20002m OK"]);
    expect(reads).toBeLessThan(40);
  });
});
