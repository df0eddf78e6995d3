import { describe, expect, test } from "vitest";
import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { rehearse, type RehearsalPlan } from "../../../local/rehearsal/rehearse.ts";
import { FAULT_SCENARIOS, type FaultScenario } from "../../../local/rehearsal/scenario.ts";
import { simulate } from "../../../local/rehearsal/simulation.ts";
import {
  minSimulationDays,
  type ProbePlan,
  type SimulationPlan,
} from "../../../local/rehearsal/simulated-world.ts";
import { IDEAL_CONDITIONS, USUAL_CONDITIONS } from "../../../local/rehearsal/conditions.ts";
import type { Publisher } from "../../../local/rehearsal/published-metrics.ts";

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
    expect(new Set(within)).toEqual(new Set([value]));
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
  const plan = (name: string): RehearsalPlan => ({
    ...plot(name),
    runs: 2,
    alarmsUnderTest: {
      home: { accountId: "123456789012", region: "us-east-1" },
      definitions: [alarm({}), probe, silent],
      probeService: "the-probe",
    },
  });

  test("of a crash says how long each alarm took to see it, and to see its end", async () => {
    const { alarms, firstMail, unpublished, runs } = await rehearse(plan("crash"));
    const [errors, probed, never] = alarms;
    expect({ runs, found: errors?.found, never: never?.found }).toEqual({ runs: 2, found: 2, never: 0 });
    // The metric of the minute in which the first request crashes is judged at its end.
    expect(errors?.foundAfterFirstRequest?.worstMs).toBeLessThanOrEqual(MINUTE);
    expect(probed?.foundAfter?.worstMs).toBeLessThanOrEqual(6 * MINUTE);
    expect(errors).toMatchObject({ falseAllClears: 0, neverCleared: 0, falseAlarmsIn30Days: 0 });
    expect(firstMail.foundAfter?.worstMs).toBeLessThanOrEqual(probed?.foundAfter?.worstMs ?? 0);
    expect(unpublished).toEqual(["NobodyPublishesThis"]);
  });

  test("of healthy days finds nothing and sends nobody a mail", async () => {
    const { alarms, firstMail } = await rehearse(plan("healthy"));
    expect(firstMail).toEqual({ found: 0 });
    expect(alarms.map(({ falseAlarmsIn30Days }) => falseAlarmsIn30Days)).toEqual([0, 0, 0]);
  });

  test("ends when it is told to", async () => {
    const stopping = new AbortController();
    stopping.abort(new Error("interrupted"));
    await expect(rehearse({ ...plan("healthy"), signal: stopping.signal })).rejects.toThrow("interrupted");
  });
});
