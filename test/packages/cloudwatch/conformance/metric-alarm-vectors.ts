import { expect } from "vitest";
import type {
  AlarmState,
  ComparisonOperator,
  MetricAlarmDefinition,
  TreatMissingData,
} from "@wrist-agent/cloudwatch/alarm";
import type { MetricIdentity } from "@wrist-agent/cloudwatch/metric";
import vectors from "../../../fixtures/aws/alarm-vectors.json" with { type: "json" };
import { alarm, Scenario, START_MS } from "../alarms/scenario.ts";

/** A vector that was turned into a check. */
export interface Case {
  readonly name: string;
  readonly check: () => void;
}

const MINUTE_MS = 60_000;
const METRIC: MetricIdentity = { namespace: "Test", metricName: "Errors", dimensions: {} };

interface PatternVector {
  readonly id: string;
  readonly pattern: string;
  readonly evaluationRange: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly expected: Partial<Record<TreatMissingData, AlarmState | "retain">>;
  readonly expectedNot?: Partial<Record<TreatMissingData, AlarmState>>;
  readonly absolute?: Recording;
}

interface Recording {
  readonly period: number;
  readonly statistic: string;
  readonly comparisonOperator: ComparisonOperator;
  readonly threshold: number;
  readonly treatMissingData: TreatMissingData;
  readonly queryTimeUtc: string;
  readonly priorState: AlarmState;
  readonly publishedPoints: readonly { readonly timeUtc: string; readonly value: number }[];
  readonly recentDatapointsInStateReasonData: readonly (number | null)[];
}

const patterns = vectors.vectors as unknown as readonly PatternVector[];

/** The states that an alarm takes from each of two states: whoever keeps both retains. */
function statesFrom(judge: (before: AlarmState) => AlarmState): AlarmState | "retain" {
  const [one, other] = [judge("OK"), judge("ALARM")];
  if (one === other) return one;
  expect([one, other]).toEqual(["OK", "ALARM"]);
  return "retain";
}

function recentDatapoints({ alarms }: Scenario): unknown {
  const { status } = alarms.find("errors") ?? {};
  return (JSON.parse(status?.stateReasonData ?? "{}") as { recentDatapoints?: unknown }).recentDatapoints;
}

/** Pattern through store, window and engine: one slot a minute, the newest just over. */
function patternState(vector: PatternVector, treatMissingData: TreatMissingData): AlarmState | "retain" {
  const { evaluationPeriods, datapointsToAlarm, evaluationRange: slots, pattern } = vector;
  return statesFrom((before) => {
    const scenario = new Scenario({ evaluationRange: () => slots });
    scenario.put(alarm({ evaluationPeriods, datapointsToAlarm, treatMissingData }));
    scenario.feed(Array.from(pattern, (mark) => ({ "0": "0", X: "1" })[mark] ?? "_").join(" "));
    scenario.alarms.setInitialState("errors", before);
    scenario.alarms.evaluate(START_MS + pattern.length * MINUTE_MS);
    return scenario.status().state;
  });
}

/** Slots as the vectors draw them. */
export const patternCases: readonly Case[] = patterns.map((vector) => ({
  name: `${vector.id}: ${vector.pattern}`,
  check: () => {
    const told = { ...vector.expected, ...vector.expectedNot };
    const treatments = Object.keys(told) as TreatMissingData[];
    expect(treatments.length).toBeGreaterThan(0);
    for (const treatment of treatments) {
      const state = patternState(vector, treatment);
      const { [treatment]: expected } = vector.expected;
      if (expected === undefined) expect(state).not.toBe(vector.expectedNot?.[treatment]);
      else expect(state, treatment).toBe(expected);
    }
  },
}));

/** AWS's evaluation lags: it ended its data ten seconds before the recorded time of its query. */
const LAG_MS = 10_000;

/** Recordings at their own times. The engine's data end at its own now, which is AWS's less the lag. */
export const recordedCases: readonly Case[] = patterns.flatMap(({ absolute, ...vector }) =>
  absolute === undefined ? [] : [{ name: vector.id, check: () => replay(vector, absolute) }],
);

function replay(vector: PatternVector, recording: Recording): void {
  const { period: periodSeconds, publishedPoints, priorState, queryTimeUtc } = recording;
  const { statistic, comparisonOperator, threshold, treatMissingData } = recording;
  const { evaluationPeriods, datapointsToAlarm } = vector;
  const scenario = new Scenario();
  for (const { timeUtc, value } of publishedPoints)
    scenario.store.put({
      ...METRIC,
      timestampMs: Date.parse(timeUtc),
      storageResolution: 1,
      values: [value],
    });
  const rule = { statistic, comparisonOperator, threshold, treatMissingData, periodSeconds };
  scenario.put(alarm({ ...rule, evaluationPeriods, datapointsToAlarm }));
  scenario.alarms.setInitialState("errors", priorState);
  scenario.alarms.evaluate(Date.parse(queryTimeUtc) - LAG_MS);
  expect(scenario.status().state).toBe(vector.expected[treatMissingData]);
  expect(recentDatapoints(scenario)).toEqual(recording.recentDatapointsInStateReasonData);
}

/** Percentiles of few samples. */
export const lowSampleCases: readonly Case[] = vectors.lowSamplePercentile.map((vector) => ({
  name: `${vector.statistic} of ${vector.samples} samples, ${vector.evaluateLowSampleCountPercentile}`,
  check: () => {
    const { threshold, evaluationPeriods, datapointsToAlarm } = vector;
    const { statistic, ...rest } = alarm({ threshold, evaluationPeriods, datapointsToAlarm });
    expect(statistic).toBe("Sum");
    const definition = {
      ...rest,
      extendedStatistic: vector.statistic,
      comparisonOperator: vector.comparisonOperator as ComparisonOperator,
      evaluateLowSampleCountPercentile: vector.evaluateLowSampleCountPercentile as "evaluate" | "ignore",
    };
    const state = statesFrom((before) => {
      const scenario = new Scenario().put(definition);
      const samples = { values: [vector.value], counts: [vector.samples] };
      scenario.store.put({ ...METRIC, timestampMs: START_MS, ...samples });
      scenario.alarms.setInitialState("errors", before);
      scenario.alarms.evaluate(START_MS + MINUTE_MS);
      return scenario.status().state;
    });
    expect(state).toBe(vector.expected);
  },
}));

/** Alarms on expressions: their data end without a lag. */
export const expressionCases: readonly Case[] = vectors.expressionAlarms.map((vector) => ({
  name: `${vector.expression} at ${vector.queryTimeUtc ?? "any time"}`,
  check: () => {
    const nowMs = Date.parse(vector.queryTimeUtc ?? "2026-09-14T06:00:00Z");
    const expression = vector.expression.replace(" (no data)", "");
    const scenario = new Scenario().put(expressionAlarm(expression, vector));
    const [datapoint] = vector.recentDatapoints;
    if (expression === "m1+1" && datapoint !== undefined)
      scenario.store.put({ ...METRIC, timestampMs: nowMs - MINUTE_MS, values: [datapoint - 1] });
    scenario.alarms.evaluate(nowMs);
    expect(scenario.status().state).toBe(vector.expected);
    expect(recentDatapoints(scenario)).toEqual(vector.recentDatapoints);
  },
}));

type ExpressionVector = (typeof vectors.expressionAlarms)[number];

function expressionAlarm(expression: string, vector: ExpressionVector): MetricAlarmDefinition {
  const metricStat = { metric: METRIC, periodSeconds: 60, stat: "Average" };
  return {
    alarmName: "errors",
    metrics: [
      { id: "m1", returnData: false, metricStat },
      { id: "e1", expression },
    ],
    evaluationPeriods: vector.evaluationPeriods,
    datapointsToAlarm: vector.datapointsToAlarm,
    threshold: vector.threshold,
    comparisonOperator: vector.comparisonOperator as ComparisonOperator,
    treatMissingData: vector.treatMissingData as TreatMissingData,
  };
}
