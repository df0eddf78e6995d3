import { describe, expect, test } from "vitest";
import type { AlarmState, CompositeAlarmDefinition, Transition } from "@wrist-agent/cloudwatch/alarm";
import type { AlarmsSnapshot } from "@wrist-agent/cloudwatch/alarms/alarms";
import { alarm, Scenario, shortText, START_MS } from "./scenario.ts";

const OPS = "arn:aws:sns:us-east-1:123456789012:ops";
const ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:";
const QUIET = { treatMissingData: "ignore" } as const;

function composite(changes: Partial<CompositeAlarmDefinition> = {}): CompositeAlarmDefinition {
  return { alarmName: "both", alarmRule: "ALARM(errors)", okActions: [OPS], alarmActions: [OPS], ...changes };
}

/** Sets a state by hand at a minute and gives what ran, composites included. */
function set(scenario: Scenario, minute: number, change: `${string} ${AlarmState}`): readonly Transition[] {
  const [name, state] = change.split(" ") as [string, AlarmState];
  scenario.nowMs = START_MS + minute * 60_000;
  return scenario.alarms.setState(name, { state, reason: "by hand" }, scenario.nowMs);
}

describe("a composite alarm", () => {
  test("takes its first state from its rule and says so", () => {
    const scenario = new Scenario().put(alarm(QUIET), composite());
    expect(scenario.status("both")).toMatchObject({
      state: "OK",
      stateReason: `${ARN}both was created and its alarm rule evaluates to OK`,
      stateReasonData: '{"triggeringAlarms":[]}',
    });
    expect(scenario.run(1)).toEqual([]);
    expect(set(scenario, 2, "errors ALARM")[1]).toMatchObject({ previous: { state: "OK" } });
  });

  test("that is created while its rule holds goes off at once and names the children in ALARM", () => {
    const other = alarm({ ...QUIET, alarmName: "other" });
    const scenario = new Scenario().put(alarm(QUIET), other);
    set(scenario, 1, "errors ALARM");
    const rule = { alarmRule: "ALARM(errors) OR ALARM(other)" };
    const [change, ...more] = scenario.alarms.put(composite(rule), scenario.nowMs);
    expect(more).toEqual([]);
    expect(change).toMatchObject({
      actions: [OPS],
      previous: { state: "INSUFFICIENT_DATA" },
      current: { stateReason: `${ARN}both was created and its alarm rule evaluates to ALARM` },
      triggeringChildren: [{ arn: `${ARN}errors`, state: "ALARM", timestampMs: START_MS + 60_000 }],
    });
  });

  test.each([
    ["itself", "ALARM(both)", /child relation with itself via its AlarmRule/],
    [
      "another account",
      "ALARM(arn:aws:cloudwatch:us-east-1:111111111111:alarm:a)",
      /from another AWS account/,
    ],
    [
      "another Region",
      "ALARM(arn:aws:cloudwatch:us-west-2:123456789012:alarm:a)",
      /Wrong ARN region, it was us-west-2 but us-east-1 was expected instead/,
    ],
  ])("cannot be put on an alarm of %s", (_, alarmRule, message) => {
    expect(() => new Scenario().put(composite({ alarmRule }))).toThrow(message);
  });

  test("cannot take the name of a metric alarm", () => {
    expect(() => new Scenario().put(alarm(QUIET), composite({ alarmName: "errors" }))).toThrow(
      "AlarmName [errors] is already used by another alarm of a different type",
    );
  });

  test("follows its child at the same instant, names it, and runs its own actions", () => {
    const scenario = new Scenario().put(alarm(), composite()).feed("0 0 5 0");
    scenario.run(2);
    const changes = scenario.alarms.evaluate(START_MS + 180_000);
    expect(changes.map(shortText)).toEqual(["3m ALARM", "both 3m ALARM"]);
    expect(changes[1]).toMatchObject({
      actions: [OPS],
      triggeringChildren: [{ arn: `${ARN}errors`, state: "ALARM", timestampMs: START_MS + 180_000 }],
      current: {
        stateReason: `${ARN}errors transitioned to ALARM at Monday 14 September, 2026 00:03:00 UTC`,
      },
    });
  });

  test("stays as it is, reason and all, when a second child joins in", () => {
    const other = alarm({ ...QUIET, alarmName: "other" });
    const rule = { alarmRule: "ALARM(errors) OR ALARM(other)" };
    const scenario = new Scenario().put(alarm(QUIET), other, composite(rule));
    scenario.run(1);
    set(scenario, 2, "errors ALARM");
    const before = scenario.status("both");
    expect(set(scenario, 3, "other ALARM").map(shortText)).toEqual(["other 3m ALARM"]);
    expect(scenario.status("both")).toEqual(before);
  });

  test("returns from a state set by hand only when a child changes", () => {
    const scenario = new Scenario().put(alarm(QUIET), composite());
    scenario.run(1);
    set(scenario, 1, "both ALARM");
    expect(scenario.run(5)).toEqual([]);
    expect(set(scenario, 5, "errors OK").map(shortText)).toEqual(["5m OK", "both 5m OK"]);
  });

  test("is judged again when its rule is updated", () => {
    const scenario = new Scenario().put(alarm(QUIET), composite());
    scenario.run(1);
    const changes = scenario.alarms.put(composite({ alarmRule: "NOT ALARM(errors)" }), scenario.nowMs);
    expect(changes.map(shortText)).toEqual(["both 1m ALARM"]);
    expect(changes[0]?.actions).toEqual([OPS]);
    expect(scenario.status("both").stateReason).toContain(
      "was updated and its alarm rule evaluates to ALARM",
    );
  });

  test("of composites is judged after them in the same round, whatever the order of putting", () => {
    const scenario = new Scenario();
    const top = composite({ alarmName: "top", alarmRule: `ALARM("${ARN}both")` });
    scenario.alarms.putAll([top, composite(), alarm(QUIET)], START_MS);
    scenario.run(1);
    expect(set(scenario, 2, "errors ALARM").map(shortText)).toEqual([
      "2m ALARM",
      "both 2m ALARM",
      "top 2m ALARM",
    ]);
  });

  test("in a cycle is accepted but no longer evaluated", () => {
    const scenario = new Scenario().put(
      alarm(QUIET),
      composite(),
      composite({ alarmName: "two", alarmRule: "ALARM(both)" }),
    );
    scenario.run(1);
    scenario.put(composite({ alarmRule: "ALARM(errors) OR ALARM(two)" }));
    scenario.run(2);
    expect(set(scenario, 3, "errors ALARM").map(shortText)).toEqual(["3m ALARM"]);
  });

  test("cannot be put before its children", () => {
    expect(() => new Scenario().put(composite())).toThrow("in the alarm rule do not exist");
    const circle = [
      composite({ alarmRule: "OK(two)" }),
      composite({ alarmName: "two", alarmRule: "OK(both)" }),
    ];
    expect(() => new Scenario().alarms.putAll(circle, 0)).toThrow("in the alarm rule do not exist");
  });

  test("keeps its children from being deleted before it", () => {
    const { alarms } = new Scenario().put(alarm(), composite());
    expect(() => alarms.delete(["errors"], 0)).toThrow("composite alarm(s) depending on it");
    alarms.delete(["both"], 0);
    alarms.delete(["errors"], 0);
    expect(alarms.describe()).toEqual([]);
  });

  test("is deleted one at a time", () => {
    const { alarms } = new Scenario().put(alarm(), composite(), composite({ alarmName: "two" }));
    expect(() => alarms.delete(["both", "two"], 0)).toThrow("at most one composite alarm");
    expect(() => alarms.delete(Array.from({ length: 101 }, String), 0)).toThrow("at most 100 names");
  });
});

/** WaitPeriod of two minutes, ExtensionPeriod of three, as in the guide's six timelines. */
const SUPPRESSED = composite({
  actionsSuppressor: "deploying",
  actionsSuppressorWaitPeriodSeconds: 120,
  actionsSuppressorExtensionPeriodSeconds: 180,
});

function suppressed(): Scenario {
  const scenario = new Scenario();
  const [one, other] = [alarm(QUIET), alarm({ ...QUIET, alarmName: "deploying" })];
  scenario.put(one, other, composite(SUPPRESSED));
  scenario.run(1);
  // The first OK waits too; let that pass.
  scenario.run(4);
  return scenario;
}

/** What runs until a minute: `8m ALARM by WaitPeriod`. */
function released(scenario: Scenario, minutes: number): readonly string[] {
  const before = scenario.transitions.length;
  scenario.run(minutes);
  return scenario.transitions
    .slice(before)
    .map(({ current, released: release, actions }) =>
      release === undefined || actions.length === 0
        ? "nothing"
        : `${(release.atMs - START_MS) / 60_000}m ${current.state} by ${release.by}`,
    );
}

describe("actions with a suppressor, as in the guide's timelines", () => {
  test("1: run when the wait period is over", () => {
    const scenario = suppressed();
    const [, change] = set(scenario, 6, "errors ALARM");
    expect(change?.actions).toEqual([]);
    expect(scenario.status("both")).toMatchObject({
      actionsSuppressedBy: "WaitPeriod",
      actionsSuppressedReason: "Actions suppressed by WaitPeriod",
    });
    expect(released(scenario, 20)).toEqual(["8m ALARM by WaitPeriod"]);
    expect(scenario.status("both").actionsSuppressedBy).toBeUndefined();
  });

  test("3: a second change drops the first wait period and starts another", () => {
    const scenario = suppressed();
    set(scenario, 6, "errors ALARM");
    set(scenario, 7, "errors OK");
    expect(released(scenario, 20)).toEqual(["9m OK by WaitPeriod"]);
  });

  test("5: a suppressor that goes to ALARM in time holds them until the extension period is over", () => {
    const scenario = suppressed();
    set(scenario, 6, "errors ALARM");
    set(scenario, 7, "deploying ALARM");
    expect(scenario.status("both").actionsSuppressedBy).toBe("Alarm");
    expect(released(scenario, 9)).toEqual([]);
    set(scenario, 10, "deploying OK");
    expect(scenario.status("both").actionsSuppressedBy).toBe("ExtensionPeriod");
    expect(released(scenario, 20)).toEqual(["13m ALARM by ExtensionPeriod"]);
  });

  test("a suppressor in ALARM suppresses a change at once, and again during the extension period", () => {
    const scenario = suppressed();
    set(scenario, 5, "deploying ALARM");
    set(scenario, 6, "errors ALARM");
    expect(scenario.status("both").actionsSuppressedBy).toBe("Alarm");
    set(scenario, 7, "deploying OK");
    set(scenario, 8, "deploying ALARM");
    expect(scenario.status("both").actionsSuppressedBy).toBe("Alarm");
    expect(released(scenario, 30)).toEqual([]);
  });

  test("a suppressor that comes after the actions ran changes nothing", () => {
    const scenario = suppressed();
    set(scenario, 6, "errors ALARM");
    expect(released(scenario, 8)).toHaveLength(1);
    set(scenario, 9, "deploying ALARM");
    expect(scenario.status("both").actionsSuppressedBy).toBeUndefined();
  });

  test("periods of no length run them at once", () => {
    const scenario = suppressed();
    scenario.put({
      ...SUPPRESSED,
      actionsSuppressorWaitPeriodSeconds: 0,
      actionsSuppressorExtensionPeriodSeconds: 0,
    });
    expect(set(scenario, 6, "errors ALARM")[1]?.actions).toEqual([OPS]);
    set(scenario, 7, "deploying ALARM");
    set(scenario, 8, "errors OK");
    expect(set(scenario, 9, "deploying OK").at(-1)).toMatchObject({ released: { by: "ExtensionPeriod" } });
  });

  test("another suppressor drops the period; any other update does not", () => {
    const scenario = suppressed();
    set(scenario, 6, "errors ALARM");
    scenario.put({ ...SUPPRESSED, alarmDescription: "new" });
    expect(scenario.status("both").actionsSuppressedBy).toBe("WaitPeriod");
    scenario.put({ ...SUPPRESSED, actionsSuppressor: "errors" });
    expect(scenario.status("both").actionsSuppressedBy).toBeUndefined();
    expect(released(scenario, 20)).toEqual([]);
  });

  test("survive a restart", () => {
    const before = suppressed();
    set(before, 6, "errors ALARM");
    const after = new Scenario();
    after.nowMs = before.nowMs;
    after.alarms.restore(JSON.parse(JSON.stringify(before.alarms.snapshot())) as AlarmsSnapshot);
    expect(released(after, 20)).toEqual(["8m ALARM by WaitPeriod"]);
  });

  test.each([
    [{ actionsSuppressor: "errors" }, "must be specified together"],
    [{ actionsSuppressorWaitPeriodSeconds: 1 }, "must be specified together"],
    [{ ...SUPPRESSED }, 'ActionsSuppressor "deploying" does not exist'],
  ])("%o is refused", (changes, message) => {
    expect(() => new Scenario().put(alarm(), composite(changes))).toThrow(message);
  });
});
