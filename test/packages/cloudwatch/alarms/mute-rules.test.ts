import { describe, expect, test } from "vitest";
import type { MuteRuleDefinition } from "@wrist-agent/cloudwatch/alarm";
import { MuteSchedule, muteRuleStatus } from "@wrist-agent/cloudwatch/alarms/mute-rules";
import { alarm, Scenario, START_MS } from "./scenario.ts";

const OPS = "arn:aws:sns:us-east-1:123456789012:ops";

function rule(changes: Partial<MuteRuleDefinition> = {}): MuteRuleDefinition {
  return {
    name: "nights",
    expression: "cron(5 0 * * *)",
    duration: "PT10M",
    alarmNames: ["errors"],
    ...changes,
  };
}

/** The first minutes of a span in which a window is open, as `dd hh:mm`. */
function opens(definition: MuteRuleDefinition, fromMs: number, days: number): readonly string[] {
  const schedule = new MuteSchedule(definition);
  const starts = new Set<string>();
  for (let ms = fromMs; ms < fromMs + days * 86_400_000; ms += 60_000) {
    const window = schedule.windowAt(ms);
    if (window !== undefined)
      starts.add(new Date(window.startMs).toISOString().slice(8, 16).replace("T", " "));
  }
  return [...starts];
}

describe("a mute schedule", () => {
  // 2026-09-14 is a Monday.
  test.each<readonly [string, Partial<MuteRuleDefinition>, readonly string[]]>([
    ["every night", { expression: "cron(30 2 * * *)" }, ["14 02:30", "15 02:30", "16 02:30"]],
    ["on weekdays by name", { expression: "cron(0 1 * * TUE-WED)" }, ["15 01:00", "16 01:00"]],
    ["on Sunday as 7", { expression: "cron(0 1 * SEP 7,2)" }, ["15 01:00"]],
    ["on either kind of day", { expression: "cron(0 1 16 * MON)" }, ["14 01:00", "16 01:00"]],
    ["in a time zone", { expression: "cron(0 2 15 * *)", timezone: "Europe/Berlin" }, ["15 00:00"]],
    ["once", { expression: "at(2026-09-15T18:00)" }, ["15 18:00"]],
    [
      "not before its start",
      { expression: "cron(0 1 * * *)", startMs: START_MS + 86_400_000 },
      ["15 01:00", "16 01:00"],
    ],
    [
      "not after its expiry",
      { expression: "cron(0 1 * * *)", expireMs: START_MS + 86_400_000 },
      ["14 01:00"],
    ],
  ])("opens %s", (_name, changes, expected) => {
    expect(opens(rule(changes), START_MS, 3)).toEqual(expected);
  });

  test("knows a window that opened before it was first asked", () => {
    const window = new MuteSchedule(rule({ duration: "P1DT1H" })).windowAt(START_MS + 20 * 3_600_000);
    expect(window).toEqual({ startMs: START_MS + 300_000, endMs: START_MS + 25 * 3_600_000 + 300_000 });
  });

  test("a window that is open when its rule expires closes then", () => {
    const schedule = new MuteSchedule(rule({ expireMs: START_MS + 8 * 60_000 }));
    expect(schedule.windowAt(START_MS + 7 * 60_000)).toMatchObject({ endMs: START_MS + 8 * 60_000 });
    expect(schedule.windowAt(START_MS + 8 * 60_000)).toBeUndefined();
  });

  test.each<readonly [Partial<MuteRuleDefinition>, number, string]>([
    [{}, 4, "SCHEDULED"],
    [{}, 5, "ACTIVE"],
    [{}, 15, "SCHEDULED"],
    [{ expireMs: START_MS + 8 * 60_000 }, 7, "ACTIVE"],
    [{ expireMs: START_MS + 8 * 60_000 }, 8, "EXPIRED"],
    [{ expression: "at(2026-09-14T00:05)" }, 4, "SCHEDULED"],
    [{ expression: "at(2026-09-14T00:05)" }, 14, "ACTIVE"],
    [{ expression: "at(2026-09-14T00:05)" }, 15, "EXPIRED"],
    [{ expression: "at(2026-09-14T02:05)", timezone: "Europe/Berlin" }, 4, "SCHEDULED"],
    [{ expression: "at(2026-09-14T02:05)", timezone: "Europe/Berlin" }, 15, "EXPIRED"],
  ])("of %j is after %i minutes %s", (changes, minutes, status) => {
    expect(muteRuleStatus(rule(changes), START_MS + minutes * 60_000)).toBe(status);
  });

  test.each([
    [{ expression: "cron(*/5 * * * *)" }, "must be cron("],
    [{ expression: "cron(0 25 * * *)" }, "must be cron("],
    [{ expression: "cron(0 1-2-3 * * *)" }, "must be cron("],
    [{ expression: "cron(0 1 * *)" }, "must be cron("],
    [{ expression: "rate(5 minutes)" }, "must be cron("],
    [{ expression: "at(tomorrow)" }, "must be cron("],
    [{ duration: "PT0M" }, "from PT1M to P15D"],
    [{ duration: "P16D" }, "from PT1M to P15D"],
    [{ duration: "a while" }, "from PT1M to P15D"],
    [{ timezone: "Mars/Olympus" }, "is not an IANA name"],
    [{ name: "" }, "Name takes 1 to 255"],
    [{ description: "x".repeat(1025) }, "up to 1024"],
    [{ alarmNames: Array.from({ length: 101 }, String) }, "up to 100 alarm names"],
  ])("%o is refused", (changes, message) => {
    expect(() => new MuteSchedule(rule(changes))).toThrow(message);
  });
});

describe("a muted alarm", () => {
  const ACTIONS = { alarmActions: [OPS], okActions: [OPS] };

  test("is evaluated, but its actions wait for the end of the window", () => {
    const scenario = new Scenario().put(alarm(ACTIONS)).feed("0x5 5x30");
    scenario.alarms.putMuteRule(rule());
    scenario.run(20);
    expect(
      scenario.transitions.map((change) => [change.current.state, change.actions, change.released]),
    ).toEqual([
      ["OK", [OPS], undefined],
      ["ALARM", [], undefined],
      ["ALARM", [OPS], { by: "MuteWindow", atMs: START_MS + 15 * 60_000 }],
    ]);
    expect(scenario.alarms.history().map((item) => item.historySummary)).toContain(
      "Actions muted by alarm mute rule nights",
    );
  });

  test("acts on the last state only", () => {
    const scenario = new Scenario().put(alarm(ACTIONS)).feed("0x5 5 0x30");
    scenario.alarms.putMuteRule(rule());
    scenario.alarms.putMuteRule(rule({ name: "later" }));
    scenario.run(20);
    expect(
      scenario.transitions
        .filter((change) => change.actions.length > 0)
        .map((change) => change.current.state),
    ).toEqual(["OK", "OK"]);
    expect(scenario.alarms.history().map((item) => item.historySummary)).toContain(
      "Actions muted by alarm mute rule later and 1 other",
    );
  });

  test("is heard again when its rule is deleted", () => {
    const scenario = new Scenario().put(alarm(ACTIONS)).feed("0x5 5x30");
    scenario.alarms.putMuteRule(rule());
    scenario.run(8);
    expect(scenario.alarms.muteRules()).toHaveLength(1);
    scenario.alarms.deleteMuteRule("nights");
    scenario.run(9);
    expect(scenario.transitions.at(-1)).toMatchObject({ actions: [OPS], released: { by: "MuteWindow" } });
  });

  test("without actions has nothing to hold back", () => {
    const scenario = new Scenario().put(alarm()).feed("0x5 5x30");
    scenario.alarms.putMuteRule(rule());
    expect(scenario.run(20)).toEqual(["1m OK", "7m ALARM"]);
  });
});
