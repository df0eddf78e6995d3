import { expect, test } from "vitest";
import type { AlarmDefinition, Transition } from "@wrist-agent/cloudwatch/alarm";
import { CloudWatchRegion } from "../../../local/monitoring/cloudwatch-region.ts";
import {
  type FirstFailure,
  firstFailure,
  firstFailureOf,
  type JudgedRequest,
} from "../../../local/monitoring/first-failure.ts";

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 23, 9);

function metricAlarm(alarmName: string, metricName: string): AlarmDefinition {
  return {
    alarmName,
    namespace: "Tiny",
    metricName,
    dimensions: {},
    statistic: "Sum",
    periodSeconds: 60,
    evaluationPeriods: 1,
    threshold: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
  };
}

/**
 * Puts the alarms, a datum of each metric in the first minute, and gives what the second evaluation changes.
 */
function changes(
  definitions: readonly AlarmDefinition[],
  metrics: readonly string[],
): { readonly region: CloudWatchRegion; readonly transitions: readonly Transition[] } {
  const region = new CloudWatchRegion({ accountId: "123456789012", region: "eu-west-1" });
  region.alarms.putAll(definitions, START);
  const datum = { namespace: "Tiny", dimensions: {}, timestampMs: START, values: [3] };
  region.put(metrics.map((metricName) => ({ ...datum, metricName })));
  return { region, transitions: region.evaluate(START + MINUTE) };
}

/**
 * A request so many seconds after the start: `F` failed, `g` was answered well; `P` and `Q` are the probe's,
 * `h` its question for health, which was answered.
 */
function requests(text: string): () => readonly JudgedRequest[] {
  return () =>
    text.split(" ").map((word) => ({
      timeMs: START + Number(word.slice(1)) * 1000,
      result: word.startsWith("F") || word.startsWith("P") ? "failed" : "good",
      isSynthetic: /^[PQh]/.test(word),
      route: word.startsWith("h") ? "GET /health" : "POST /",
    }));
}

const after = (seconds: number, firstFailedBy?: "probe"): FirstFailure => ({
  firstFailedMs: START + seconds * 1000,
  ...(firstFailedBy && { firstFailedBy }),
});

test("an alarm on failures dates the fault from its oldest breaching period", () => {
  const { region, transitions } = changes([metricAlarm("failing", "Failure")], ["Failure"]);
  const [raised] = transitions;
  if (raised === undefined) throw new Error("nothing changed");
  expect(raised.current.state).toBe("ALARM");
  expect(firstFailureOf(raised, region, requests("F-9 g-1 F5 F9"))).toEqual(after(5));
  const byHand = { ...raised, current: raised.previous };
  expect(firstFailureOf(byHand, region, requests("F5"))).toBeUndefined();
  expect(firstFailureOf(raised, region, requests("F-9 g-1"))).toBeUndefined();
});

test.each<[string, string, FirstFailure | undefined]>([
  ["the first one in the window, where a good answer was before it", "F-90 g-60 F5 F9", after(5)],
  ["before the window, as far as no answer was good", "g-300 F-200 F-100 F5", after(-200)],
  ["before the window, though nobody asked within it", "g-300 F-200 P10 P70", after(-200)],
  ["a person's, though the probe's came earlier", "g-300 P-90 P-30 F5", after(5)],
  ["not of another fault: the probe was answered well since", "F-7200 Q-3600 P5 F9", after(9)],
  ["not of another fault, where the probe alone fails now", "F-7200 Q-3600 P5 P65", after(5, "probe")],
  ["the probe's alone, back to the last good answer", "g-90 P-60 P5", after(-60, "probe")],
  ["some of many that fail: the first one in the window", "F-40 g-30 F4 g5 F6", after(4)],
  ["a person's of a fault that the probe does not meet", "Q-60 F-50 Q1 F5 Q61", after(5)],
  ["before the window, though the function says that it is well", "g-300 F-200 h-90 h-30 F5", after(-200)],
  ["before the window, of one that only the probe asked since", "g-300 F-200 h-90 P5", after(-200)],
  ["none where none failed", "g-5 Q5", undefined],
])("the first failed request of a fault is %s", (_what, text, expected) => {
  expect(firstFailure(requests(text)(), START)).toEqual(expected);
});

test("an alarm that judges no failures has none", () => {
  const { region, transitions } = changes([metricAlarm("dear", "CostUsd")], ["CostUsd"]);
  const [raised] = transitions;
  if (raised === undefined) throw new Error("nothing changed");
  expect(firstFailureOf(raised, region, requests("F0"))).toBeUndefined();
});

test("a composite takes it from the alarms that raise it", () => {
  const parts = [metricAlarm("a", "Errors"), metricAlarm("b", "CostUsd"), metricAlarm("c", "Throttles")];
  const whole = { alarmName: "whole", alarmRule: 'ALARM("a") OR ALARM("b") OR ALARM("c")' };
  const { region, transitions } = changes([...parts, whole], ["Errors", "CostUsd"]);
  const raised = transitions.find(({ alarm }) => alarm.alarmName === "whole");
  if (raised === undefined) throw new Error("the composite did not change");
  expect(firstFailureOf(raised, region, requests("g-1 F0"))).toEqual(after(0));
});
