import { beforeAll, describe, expect, test } from "vitest";
import type { SentMail } from "../../local/rehearsal/replay.ts";
import { healthyRequest } from "../../local/rehearsal/synthetic-traffic.ts";
import {
  aimRun,
  type AimRun,
  allClears,
  type MeasuredStage,
  OUTAGES,
  scenarioNamed,
  stageUnderTest,
  type StageUnderTest,
} from "../support/alarm-aims.ts";

const DAY_MS = 86_400_000;

/** Longer than the warm-up of any alarm, so that no first OK is among the mails. */
const QUIET_HOURS = 50;

const SPARSE: MeasuredStage = { profile: "full", perDay: 10, delays: "slow" };
const USUAL: MeasuredStage = { profile: "full", perDay: 30, delays: "usual" };
const DENSE: MeasuredStage = { profile: "full", perDay: 1000, delays: "usual" };

let sparse: StageUnderTest;
let usual: StageUnderTest;
let dense: StageUnderTest;

beforeAll(async () => {
  [sparse, usual, dense] = await Promise.all([
    stageUnderTest(SPARSE),
    stageUnderTest(USUAL),
    stageUnderTest(DENSE),
  ]);
});

/**
 * The stage with these alarms alone: none of them depends on another, and evaluating all of them is most of a
 * run's time.
 */
function only({ alarms, plan }: StageUnderTest, ...keys: readonly string[]): StageUnderTest {
  const definitions = keys.map((key) => {
    const found = alarms.definitions.find(({ alarmName }) => alarmName === `wrist-agent-production-${key}`);
    if (found === undefined) throw new Error(`no alarm ${key}`);
    return found;
  });
  return { alarms: { ...alarms, definitions }, plan };
}

function incident(stage: StageUnderTest, name: string, seed: number): AimRun {
  return aimRun(stage, { scenario: scenarioNamed(name), seed, days: 7, quietHours: QUIET_HOURS });
}

/** Mails of the fault and of the day after it. */
function mailsOf({ mails, simulation: { fault } }: AimRun): readonly SentMail[] {
  const { beginMs = 0, endMs = 0 } = fault ?? {};
  return mails.filter(({ atMs }) => atMs > beginMs && atMs < endMs + DAY_MS);
}

function risesBy(mails: readonly SentMail[], key: string): number {
  return mails.filter(({ alarmName, state }) => state === "ALARM" && alarmName.endsWith(key)).length;
}

function raised({ changes }: AimRun, key: string): number {
  return changes.filter(({ alarmName, state }) => state === "ALARM" && alarmName.endsWith(key)).length;
}

describe("a day of a total outage", () => {
  test.each(OUTAGES)("%s is told of by each alarm once, and falsely ended by none", (name) => {
    const run = incident(sparse, name, 4);
    const mails = mailsOf(run);
    expect(risesBy(mails, "probe-failing")).toBe(1);
    for (const { alarmName } of mails) expect(risesBy(mails, alarmName), alarmName).toBeLessThanOrEqual(1);
    expect(allClears(run)).toEqual([]);
    // The probe repeats its tries, which Lambda counts too.
    expect(raised(run, "runaway-traffic")).toBe(0);
  });

  test("the model's access withdrawn at 30 a day sends at most four mails a day to a topic", () => {
    const mails = mailsOf(incident(usual, "configuration", 6));
    for (const severity of ["page", "ticket"])
      expect(mails.filter(({ topic }) => topic.includes(severity)).length).toBeLessThanOrEqual(2 * 4);
  });
});

describe("while only users' requests crash", () => {
  test.each([1, 2, 3])("lambda-errors is not ended by the probe's good answers (seed %d)", (seed) => {
    const run = incident(only(usual, "lambda-errors"), "users-crash", seed);
    expect(risesBy(mailsOf(run), "lambda-errors")).toBe(1);
    expect(allClears(run)).toEqual([]);
  });
});

describe("three of ten requests failing for two days", () => {
  test("at 1,000 a day raises failing-now no more than twice", () => {
    expect(
      raised(incident(only(dense, "failing-now"), "failing-share", 1), "failing-now"),
    ).toBeLessThanOrEqual(2);
  });

  test("at 30 a day sends at most twelve mails to a topic", () => {
    const mails = mailsOf(incident(usual, "failing-share", 2));
    for (const severity of ["page", "ticket"])
      expect(mails.filter(({ topic }) => topic.includes(severity)).length).toBeLessThanOrEqual(12);
  });
});

describe("latency", () => {
  test.each([1, 2, 3])("five times as high is found within two days (seed %d)", (seed) => {
    const run = incident(only(usual, "duration"), "latency", seed);
    expect(risesBy(mailsOf(run), "duration")).toBeGreaterThan(0);
  });
});

describe("a month in which nothing is wrong", () => {
  test("strangers without a token raise no ticket, and usual latency none", () => {
    const stage = only(usual, "refused-requests", "duration");
    const run = aimRun(stage, { scenario: scenarioNamed("healthy"), seed: 3, days: 30 });
    expect(raised(run, "refused-requests")).toBe(0);
    expect(raised(run, "duration")).toBe(0);
  });

  test("two in a hundred failing at 1,000 a day notify nobody of their share", () => {
    const { alarms, plan } = only(dense, "failing-share");
    const stage = {
      alarms,
      plan: { ...plan, request: (random: () => number, atMs: number) => healthyRequest(random, atMs, 0.02) },
    };
    const run = aimRun(stage, { scenario: scenarioNamed("healthy"), seed: 1, days: 14 });
    expect(raised(run, "failing-share")).toBe(0);
  });
});
