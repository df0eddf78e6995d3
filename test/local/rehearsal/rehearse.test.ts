import { describe, expect, test } from "vitest";
import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { recordTimeline } from "../../../local/rehearsal/record-timeline.ts";
import { rehearse } from "../../../local/rehearsal/rehearse.ts";
import { RunPool } from "../../../local/rehearsal/run-pool.ts";
import type { RunTask } from "../../../local/rehearsal/run-task.ts";
import { FAULT_SCENARIOS, type FaultScenario } from "../../../local/rehearsal/scenario.ts";
import { simulate } from "../../../local/rehearsal/simulation.ts";
import {
  minSimulationDays,
  type ProbePlan,
  type SimulationPlan,
} from "../../../local/rehearsal/simulated-world.ts";
import { IDEAL_CONDITIONS, USUAL_CONDITIONS } from "../../../local/rehearsal/conditions.ts";
import type { Publisher } from "../../../local/rehearsal/published-metrics.ts";
import { wilsonInterval } from "../../../local/rehearsal/statistics.ts";

const MINUTE = 60_000;

function scenario(name: string): FaultScenario {
  const found = FAULT_SCENARIOS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
}

const PROBE: ProbePlan = {
  schedules: [{ everyMinutes: 5, asks: "model" }],
  triesAtMs: [0, 3000, 8000],
  tryMs: 12_000,
  publishes: "emf",
};

function plot(name: string, changes: Partial<SimulationPlan> = {}): SimulationPlan {
  const days = minSimulationDays(scenario(name));
  return {
    scenario: scenario(name),
    perDay: 60,
    days,
    seed: 1,
    deadlineMs: 29_000,
    probe: PROBE,
    conditions: IDEAL_CONDITIONS,
    ...changes,
  };
}

/** How often a metric of a publisher had each value, within the fault and outside of it. */
function counted(plan: SimulationPlan, [by, metric]: readonly [Publisher, string]) {
  const { published, fault } = simulate(plan);
  const within: number[] = [];
  const outside: number[] = [];
  for (const { publisher, atMs, values } of published) {
    const value = values[metric];
    if (publisher !== by || value === undefined) continue;
    const isWithin = fault !== undefined && atMs >= fault.beginMs && atMs < fault.endMs;
    (isWithin ? within : outside).push(value);
  }
  return { within, outside };
}

function share(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("a simulation", () => {
  test.each(FAULT_SCENARIOS.map((each) => each.name))("of %s is the same one for the same seed", (name) => {
    const days = plot(name, { conditions: USUAL_CONDITIONS });
    const text = JSON.stringify(simulate(days));
    expect(JSON.stringify(simulate(days)) === text).toBe(true);
    expect(JSON.stringify(simulate({ ...days, seed: 2 })) === text).toBe(false);
  });

  test.each([
    ["outage", ["agent", "Failure"], 1],
    ["configuration", ["agent", "ConfigFault"], 1],
    ["crash", ["lambda", "Errors"], 1],
    ["stale-token", ["agent", "Rejected"], 1],
    ["stale-token", ["agent", "PreviousToken"], 1],
    ["outage", ["probe", "Failure"], 1],
    ["outage", ["probe", "ConfigFault"], 0],
    ["configuration", ["probe", "ConfigFault"], 1],
    ["unreachable", ["probe", "Failure"], 1],
    ["stale-token", ["probe", "Failure"], 0],
  ] as const)("of %s has %j at %d while it lasts, and hardly ever otherwise", (name, metric, value) => {
    const { within, outside } = counted(plot(name), metric);
    expect(within.length).toBeGreaterThan(5);
    // A try of the probe may fail by bad luck, and is a part of its run's value.
    expect(new Set(within.map((each) => (each < 0.5 ? 0 : each)))).toEqual(new Set([value]));
    expect(share(outside)).toBeLessThan(0.05);
    expect(outside.length).toBeGreaterThan(100);
  });

  test("of an unreachable address holds no request while it lasts, one of a dead probe no run", () => {
    expect(counted(plot("unreachable"), ["lambda", "Invocations"]).within).toEqual([]);
    expect(counted(plot("probe-dead"), ["probe", "Failure"]).within).toEqual([]);
    expect(counted(plot("probe-dead"), ["lambda", "Invocations"]).within.length).toBeGreaterThan(5);
    const { probe: _none, ...unwatched } = plot("healthy");
    expect(counted(unwatched, ["probe", "Failure"]).outside).toEqual([]);
  });

  test("of 30 % failing requests has people who try again, so that more requests come", () => {
    const { within } = counted(plot("failing-share", { perDay: 1000 }), ["agent", "Failure"]);
    expect(share(within)).toBeGreaterThan(0.28);
    expect(share(within)).toBeLessThan(0.32);
    const calm = counted(plot("degraded", { perDay: 1000 }), ["agent", "Failure"]);
    expect(within.length / 2).toBeGreaterThan(calm.within.length / 3);
  });

  test("never lets a request take longer than its deadline: it fails then", () => {
    const { published } = simulate(plot("latency", { perDay: 300 }));
    const late = published.filter(({ values }) => (values.Duration ?? 0) >= 29_000);
    expect(late.length).toBeGreaterThan(5);
    for (const { values } of late) expect(values).toMatchObject({ Duration: 29_000, Url5xxCount: 1 });
    const latencies = published.flatMap(({ values }) => values.Latency ?? []);
    expect(Math.max(...latencies)).toBeLessThan(29_000);
  });
});

describe("a rehearsal", () => {
  const alarm = (changes: Partial<MetricAlarmDefinition>): MetricAlarmDefinition => ({
    alarmName: "errors",
    namespace: "AWS/Lambda",
    metricName: "Errors",
    dimensions: { F: "f" },
    statistic: "Sum",
    periodSeconds: 60,
    evaluationPeriods: 1,
    treatMissingData: "ignore",
    threshold: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    alarmActions: ["arn:aws:sns:::t"],
    ...changes,
  });
  const probe = alarm({
    alarmName: "probe",
    namespace: "Agent",
    metricName: "Failure",
    dimensions: { service: "the-probe" },
    statistic: "Maximum",
    periodSeconds: 300,
    treatMissingData: "notBreaching",
  });
  const silent = alarm({ alarmName: "silent", metricName: "NobodyPublishesThis" });
  const task = (name: string): RunTask => ({
    scenario: { fault: name },
    traffic: { name: "personal", perDay: 60 },
    days: minSimulationDays(scenario(name)),
    deadlineMs: 29_000,
    probe: PROBE,
    conditions: IDEAL_CONDITIONS,
    failures: "replied",
    alarmsUnderTest: {
      home: { accountId: "123456789012", region: "us-east-1" },
      definitions: [alarm({}), probe, silent],
      probeService: "the-probe",
    },
  });
  const rehearsed = async (name: string, runs = 2) =>
    (await rehearse({ task: task(name), runs, seed: 1 }, new RunPool(1))).report;

  test("of a crash says how long each alarm took to see it, and to see its end", async () => {
    const { alarms, firstNotification, topics, unpublished, runs } = await rehearsed("crash");
    const [errors, probed, never] = alarms;
    expect({ runs, detected: errors?.detected, never: never?.detected.count }).toEqual({
      runs: 2,
      detected: { count: 2, of: 2, low: wilsonInterval(2, 2).low, high: 1 },
      never: 0,
    });
    // The metric of the minute in which the first request crashes is judged at its end.
    expect(errors?.timeToDetectFromFirstRequest?.maxMs).toBeLessThanOrEqual(MINUTE);
    expect(probed?.timeToDetect?.maxMs).toBeLessThanOrEqual(6 * MINUTE);
    expect(errors).toMatchObject({ falseAllClears: 0, neverRecovered: 0, falsePositives: { in30Days: 0 } });
    expect(firstNotification.timeToNotify?.maxMs).toBeLessThanOrEqual(probed?.timeToDetect?.maxMs ?? 0);
    expect(topics).toMatchObject([{ topic: "t", notified: { count: 2, of: 2 }, mails: { mean: 2, max: 2 } }]);
    expect(unpublished).toEqual(["NobodyPublishesThis"]);
  });

  test("of healthy days detects nothing and sends nobody a mail", async () => {
    const { alarms, firstNotification, topics, faultDurationMs } = await rehearsed("healthy");
    expect(faultDurationMs).toBe(0);
    expect(firstNotification).toMatchObject({ notified: { count: 0, of: 2 } });
    expect(topics).toMatchObject([{ topic: "t", mails: { mean: 0, max: 0 } }]);
    expect(alarms.map(({ falsePositives }) => falsePositives.in30Days)).toEqual([0, 0, 0]);
  });

  test("where failures are thrown, Lambda counts those that the agent would have replied to", async () => {
    const seen = async (failures: RunTask["failures"]) => {
      const plan = { task: { ...task("outage"), failures }, runs: 1, seed: 1 };
      return (await rehearse(plan, new RunPool(1))).report.alarms[0]?.detected.count;
    };
    expect([await seen("replied"), await seen("thrown")]).toEqual([0, 1]);
  });

  test("in threads gives what it gives without them, whatever order the runs end in", async () => {
    const pool = new RunPool(2);
    try {
      const done: number[] = [];
      const plan = { task: task("crash"), runs: 9, seed: 3, onRun: (count: number) => done.push(count) };
      const threaded = await rehearse(plan, pool);
      expect(threaded).toEqual(await rehearse({ ...plan, onRun: () => undefined }, new RunPool(1)));
      expect(done).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    } finally {
      await pool.stop();
    }
  });

  test("in threads ends with what went wrong in one of them", async () => {
    const pool = new RunPool(2);
    try {
      const plan = { task: { ...task("crash"), scenario: { fault: "flood" } }, runs: 2, seed: 1 };
      await expect(rehearse(plan, pool)).rejects.toThrow("no scenario is called flood");
    } finally {
      await pool.stop();
    }
  });

  test.each([1, 2])("with %i threads ends when it is told to", async (threads) => {
    const pool = new RunPool(threads);
    const stopping = new AbortController();
    const plan = { task: task("healthy"), runs: 40, seed: 1, signal: stopping.signal };
    try {
      await expect(
        rehearse({ ...plan, onRun: () => stopping.abort(new Error("interrupted")) }, pool),
      ).rejects.toThrow("interrupted");
    } finally {
      await pool.stop();
    }
  });

  test("shows the run with the latest first mail: its requests, its alarms, what they saw and its mails", async () => {
    const { tellingSeed, report } = await rehearse({ task: task("crash"), runs: 5, seed: 1 }, new RunPool(1));
    const { faults, shown, requests, probeRuns, alarms, mails } = recordTimeline(task("crash"), tellingSeed);
    const [fault] = faults;
    const [errors] = alarms;
    if (fault === undefined || errors === undefined) throw new Error("nothing went wrong");
    const first = mails.find(({ atMs, state }) => state === "ALARM" && atMs >= fault.beginMs);
    const latest = report.firstNotification.timeToNotify?.maxMs ?? 0;
    expect(Math.ceil(((first?.atMs ?? 0) - fault.beginMs) / 1000) * 1000).toBe(latest);
    expect([shown.beginMs < fault.beginMs, shown.endMs > fault.endMs]).toEqual([true, true]);
    const during = requests.filter(({ atMs }) => atMs >= fault.beginMs && atMs < fault.endMs);
    expect(new Set(during.map(({ outcome }) => outcome))).toEqual(new Set(["crashed"]));
    expect(probeRuns.some(({ hasFailed }) => hasFailed)).toBe(true);
    expect(errors.states.map(({ state }) => state)).toContain("ALARM");
    expect(errors.states.at(-1)?.reason).toMatch(/^Threshold Crossed/);
    expect([errors.threshold, Math.max(...errors.seen.map(({ value = 0 }) => value))]).toEqual([
      1,
      expect.any(Number),
    ]);
  });
});
