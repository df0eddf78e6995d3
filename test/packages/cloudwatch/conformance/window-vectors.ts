import { expect } from "vitest";
import vectors from "../../../fixtures/aws/alarm-vectors.json" with { type: "json" };
import { alarm, Scenario, START_MS } from "../alarms/scenario.ts";
import type { Case } from "./metric-alarm-vectors.ts";

const HOUR_MS = 3_600_000;
const METRIC = { namespace: "Test", metricName: "Errors", dimensions: {} };

/** Epoch milliseconds of `10:03` or `10:03:00` on the first day. */
function at(time: string): number {
  return Date.parse(`2026-09-14T${time}${time.length === 5 ? ":00" : ""}Z`);
}

function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}

/** The newest `evaluationPeriods` windows of an evaluation, oldest first, as `12:00:00`. */
function starts(
  vector: { readonly period: number; readonly evaluationPeriods: number },
  nowMs: number,
): readonly string[] {
  const { period: periodSeconds, evaluationPeriods } = vector;
  const { alarms } = new Scenario().put(alarm({ periodSeconds, evaluationPeriods }));
  alarms.evaluate(nowMs);
  const newest = alarms.evaluatedDatapoints("errors").slice(0, evaluationPeriods);
  return newest.map((point) => clock(point.startMs)).toReversed();
}

/** Where the points of a sliding window begin. */
export const slidingCases: readonly Case[] = vectors.slidingWindowPoints.map((vector) => {
  const { period, evaluationPeriods, evaluationTimeUtc, pointStartTimes, windows } = vector;
  return {
    name: `${evaluationPeriods} x ${period} s at ${evaluationTimeUtc ?? windows.join(", ")}`,
    check: () => {
      if (evaluationTimeUtc !== undefined)
        expect(starts({ period, evaluationPeriods }, at(evaluationTimeUtc))).toEqual(pointStartTimes);
      for (const window of windows ?? []) {
        const [start = "", end = ""] = window.split("-");
        expect(starts({ period, evaluationPeriods }, at(end))).toEqual([`${start}:00`]);
      }
    },
  };
});

/**
 * The guide's job that fails and succeeds: +1 and -1 in a metric whose sum over a day is the number of open
 * failures. The alarm is created at :03, which is when it is evaluated every hour.
 */
export const multiDayCases: readonly Case[] = [
  {
    name: vectors.multiDay.source,
    check: () => {
      const scenario = new Scenario();
      const put = (timestampMs: number, value: number): void =>
        scenario.store.put({ ...METRIC, timestampMs, values: [value] });
      put(at("09:00"), 0);
      const days = { periodSeconds: 86_400, evaluationPeriods: 2, datapointsToAlarm: 1 };
      scenario.alarms.put(alarm(days), at("08:03"));
      for (const step of vectors.multiDay.timeline) {
        if (step.event !== undefined) put(at(step.at), step.event === "job fails" ? 1 : -1);
        if (step.dataUpTo === undefined) continue;
        scenario.alarms.evaluate(at(step.at) - 60_000);
        scenario.alarms.evaluate(at(step.at));
        const [newest] = scenario.alarms.evaluatedDatapoints("errors");
        expect(clock((newest?.startMs ?? 0) + 24 * HOUR_MS)).toBe(`${step.dataUpTo}:00`);
        expect(scenario.status().state, step.at).toBe(step.state);
      }
    },
  },
];

/** Exactly N completed periods, at each of the periods that there are. */
export const wallClockCases: readonly Case[] = vectors.wallClockWindow.supportedPeriods.map((seconds) => ({
  name: `a wall clock period of ${seconds} s`,
  check: () => {
    const evaluationWindow = { wallClock: {} };
    const evaluationPeriods = seconds === 604_800 ? 1 : 2;
    const change = { periodSeconds: seconds, evaluationPeriods, evaluationWindow };
    const { alarms } = new Scenario().put(alarm(change));
    alarms.evaluate(START_MS + 17 * 86_400_000 + 12_345_000);
    const seen = alarms.evaluatedDatapoints("errors").map((point) => point.startMs);
    expect(seen).toHaveLength(evaluationPeriods);
    // The first day is a Monday, where weeks begin too.
    for (const startMs of seen) expect((startMs - START_MS) % (seconds * 1000)).toBe(0);
    const others = [10, 120, 1800, 7200].filter((other) => other !== seconds);
    for (const periodSeconds of others)
      expect(() => new Scenario().put(alarm({ ...change, periodSeconds }))).toThrow("wall clock window");
  },
}));

/** The file names the members of a warm-up and no values; the values are the guide's example. */
export const warmUpCases: readonly Case[] = [
  {
    name: "created 10:00, first data 10:04, judged from 10:19 or after the end",
    check: () => {
      expect(vectors.warmUp).toEqual(["source", "period", "createdAt", "onlyStartAfterEnd", "stateBefore"]);
      const slow = { periodSeconds: 300, evaluationPeriods: 3 };
      const [early, late] = [{ minutes: 60 }, { minutes: 60, onlyAfterEnd: true }].map((warmUp) => {
        const scenario = new Scenario().put(alarm({ ...slow, warmUp })).feed("_x3 5x90");
        scenario.run(18);
        expect(scenario.status()).toMatchObject({
          state: "INSUFFICIENT_DATA",
          evaluationState: "IN_WARM_UP",
        });
        return scenario.run(90);
      });
      expect(early).toEqual(["19m ALARM"]);
      expect(late).toEqual(["60m ALARM"]);
    },
  },
];
