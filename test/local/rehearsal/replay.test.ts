import { describe, expect, test } from "vitest";
import type { AlarmDefinition, MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { IDEAL_CONDITIONS, USUAL_CONDITIONS } from "../../../local/rehearsal/conditions.ts";
import { replay } from "../../../local/rehearsal/replay.ts";
import type { Simulation, VisibleMetrics } from "../../../local/rehearsal/simulation.ts";
import { SIMULATION_START_MS } from "../../../local/rehearsal/synthetic-traffic.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const HOME = { accountId: "123456789012", region: "us-east-1" };
const PAGE = "arn:aws:sns:us-east-1:123456789012:page";

/** One error after ten minutes, seen when `visibleAfterMs` have passed since then. */
function oneError(visibleAfterMs: number, changes: Partial<Simulation> = {}): Simulation {
  const atMs = SIMULATION_START_MS + 10 * MINUTE;
  const error: VisibleMetrics = {
    publisher: "lambda",
    atMs,
    values: { Errors: 1 },
    visibleMs: atMs + visibleAfterMs,
  };
  return {
    published: [error],
    requests: [],
    probeRuns: [],
    startMs: SIMULATION_START_MS,
    endMs: SIMULATION_START_MS + HOUR,
    faults: [],
    blips: [],
    seed: 1,
    conditions: IDEAL_CONDITIONS,
    ...changes,
  };
}

function alarm(alarmName: string, changes: Partial<MetricAlarmDefinition> = {}): MetricAlarmDefinition {
  return {
    alarmName,
    namespace: "AWS/Lambda",
    metricName: "Errors",
    dimensions: {},
    statistic: "Sum",
    periodSeconds: 300,
    evaluationPeriods: 1,
    threshold: 1,
    treatMissingData: "notBreaching",
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    alarmActions: [PAGE],
    okActions: [PAGE],
    ...changes,
  };
}

function run(definitions: readonly AlarmDefinition[], simulation: Simulation) {
  return replay({ home: HOME, definitions, probeService: "probe" }, simulation);
}

/** Seconds from the error to each mail, and what it says. */
function mailsOf(definitions: readonly AlarmDefinition[], simulation: Simulation) {
  const { mails } = run(definitions, simulation);
  return mails.map(({ alarmName, state, atMs }) => ({
    alarmName,
    state,
    afterSeconds: (atMs - SIMULATION_START_MS - 10 * MINUTE) / SECOND,
  }));
}

describe("a replay", () => {
  test("sees a point when it becomes visible, and not when it happened", () => {
    const prompt = mailsOf([alarm("errors")], oneError(0)).find(({ state }) => state === "ALARM");
    const late = mailsOf([alarm("errors")], oneError(150 * SECOND)).find(({ state }) => state === "ALARM");
    // The minute of the error must be over before a sliding window holds it.
    expect(prompt?.afterSeconds).toBeGreaterThanOrEqual(60);
    expect(prompt?.afterSeconds).toBeLessThan(120);
    expect(late?.afterSeconds).toBeGreaterThanOrEqual(150);
    expect(late?.afterSeconds).toBeLessThan(210);
  });

  test("never sees a point that comes after its window is gone", () => {
    expect(mailsOf([alarm("errors")], oneError(20 * MINUTE)).map(({ state }) => state)).not.toContain(
      "ALARM",
    );
  });

  test("looks at every alarm once a minute, at a second of its own that the seed decides", () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const definitions = names.map((name) => alarm(name));
    const seconds = (seed: number) =>
      run(definitions, oneError(0, { seed }))
        .changes.filter(({ state }) => state === "ALARM")
        .map(({ atMs }) => atMs % MINUTE);
    expect(seconds(1)).toHaveLength(names.length);
    expect(new Set(seconds(1)).size).toBe(names.length);
    expect(seconds(1)).toEqual(seconds(1));
    expect(seconds(1)).not.toEqual(seconds(2));
  });

  test("tells of the mail, so a composite's wait for its suppressor counts", () => {
    const down: AlarmDefinition = {
      alarmName: "down",
      alarmRule: 'ALARM("errors")',
      alarmActions: [PAGE],
      okActions: [PAGE],
      actionsSuppressor: "cause",
      actionsSuppressorWaitPeriodSeconds: 120,
      actionsSuppressorExtensionPeriodSeconds: 60,
    };
    const parts = [
      alarm("errors", { alarmActions: [], okActions: [] }),
      alarm("cause", { metricName: "Never" }),
    ];
    const { changes, mails } = run([...parts, down], oneError(0));
    const rose = changes.find(({ alarmName, state }) => alarmName === "down" && state === "ALARM");
    const mail = mails.find(({ alarmName, state }) => alarmName === "down" && state === "ALARM");
    const waitedSeconds = ((mail?.atMs ?? 0) - (rose?.atMs ?? 0)) / SECOND;
    expect(waitedSeconds).toBeGreaterThanOrEqual(120);
    expect(waitedSeconds).toBeLessThanOrEqual(180);
  });

  test("adds what a mail takes, and sends none for an alarm whose actions are switched off", () => {
    const conditions = { ...USUAL_CONDITIONS, mailSeconds: [300, 300] as const };
    const [at = 0] = run([alarm("errors")], oneError(0)).changes.flatMap(({ state, atMs }) =>
      state === "ALARM" ? atMs : [],
    );
    const late = run([alarm("errors")], oneError(0, { conditions })).mails.find(
      ({ state }) => state === "ALARM",
    );
    expect(late).toEqual({ alarmName: "errors", topic: PAGE, state: "ALARM", atMs: at + 300 * SECOND });
    expect(run([alarm("errors", { actionsEnabled: false })], oneError(0)).mails).toEqual([]);
  });

  test("lets an alarm live in a Region of its own, as its actions and the alarms of a rule do", () => {
    const page = PAGE.replace("us-east-1", "eu-west-1");
    const abroad = alarm("abroad", { alarmActions: [page], okActions: [] });
    const both: AlarmDefinition = { alarmName: "both", alarmRule: 'ALARM("abroad")', alarmActions: [page] };
    const definitions = [alarm("errors"), abroad, both];
    const alarms = { home: HOME, definitions, probeService: "" };
    const regions = { abroad: "eu-west-1", both: "eu-west-1" };
    const rang = replay({ ...alarms, regions }, oneError(0)).mails.filter(({ state }) => state === "ALARM");
    expect(rang.map(({ alarmName, topic }) => `${alarmName} ${topic}`).sort()).toEqual(
      [`abroad ${page}`, `both ${page}`, `errors ${PAGE}`].sort(),
    );
    expect(() => replay(alarms, oneError(0))).toThrow(
      "Invalid region eu-west-1 specified. Only us-east-1 is supported.",
    );
  });
});
