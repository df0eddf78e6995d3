import type { AlarmState } from "@wrist-agent/cloudwatch/alarm";
import {
  alarmRuleCauses,
  alarmRuleHolds,
  parseAlarmRule,
  ruleAlarms,
} from "@wrist-agent/cloudwatch/alarms/alarm-rule";
import { describe, expect, test } from "vitest";
import { alarm, Scenario } from "./scenario.ts";

function putRule(alarmRule: string): void {
  new Scenario().put(alarm({ alarmName: "existing-name" }), { alarmName: "both", alarmRule });
}

describe("an alarm rule", () => {
  test.each([
    ["ALARM(unpublished-missing-alarm)", "unpublished-missing-alarm"],
    ['ALARM("")', ""],
    ['ALARM("a\\"b")', 'a"b'],
  ])("%s names an alarm that does not exist", (alarmRule, name) => {
    expect(() => putRule(alarmRule)).toThrow(
      `Could not save the composite alarm as alarms [arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}] in the alarm rule do not exist`,
    );
  });

  test.each([
    ["!TRUE", "Unsupported token '!TRUE' at char 0"],
    ["TRUE && FALSE", "Unsupported token '&&' at char 5, must be: <EOF>, 'AND', 'OR'"],
    ["TRUE AND", "Unsupported token '<EOF>' at char 8"],
    ["(TRUE", "must be: ')', 'AND', 'OR'"],
    ["ALARM()", "must be: an alarm name or ARN"],
    ["AT_LEAST(3, ALARM, (a, b))", "AT_LEAST absolute threshold must be between 1 and number of alarms (2)"],
    ["AT_LEAST(101%, ALARM, (a))", "AT_LEAST percentage threshold must be between 1% and 100%"],
    ["AT_LEAST(x, ALARM, (a))", "Unsupported token 'x'"],
    ["AT_LEAST(1, TRUE, (a))", "must be: 'NOT', ALARM, OK, or INSUFFICIENT_DATA"],
    ["AT_LEAST(1, ALARM, a)", "must be: '('"],
    ["AT_LEAST(1, ALARM, (a b))", "must be: ')', ','"],
    [`TRUE OR ${"(".repeat(300)}TRUE${")".repeat(300)}`, "up to 500 elements"],
    [Array.from({ length: 101 }, (_, index) => `ALARM(a${index})`).join(" OR "), "up to 100 alarms"],
    [" ".repeat(10_241), "up to 10240 characters"],
  ])("%s is refused", (alarmRule, message) => {
    expect(() => parseAlarmRule(alarmRule)).toThrow(message);
  });
});

describe("the truth of a rule", () => {
  const states: Readonly<Record<string, AlarmState>> = {
    a: "ALARM",
    b: "OK",
    c: "INSUFFICIENT_DATA",
    d: "ALARM",
  };

  test.each([
    ["ALARM(a)", true],
    ["ALARM ( a )", true],
    ["NOT ALARM(a)", false],
    ["OK(b) AND INSUFFICIENT_DATA(c)", true],
    ["TRUE OR FALSE AND FALSE", true],
    ["(TRUE OR FALSE) AND FALSE", false],
    ["AT_LEAST(2, ALARM, (a, b, c, d))", true],
    ["AT_LEAST(3, ALARM, (a, b, c, d))", false],
    ["AT_LEAST(50%, ALARM, (a, b, c, d))", true],
    ["AT_LEAST(51%, ALARM, (a, b, c, d))", false],
    ["AT_LEAST(66%, ALARM, (a, b, d))", true],
    ["AT_LEAST(67%, ALARM, (a, b, d))", false],
    ["AT_LEAST(100%, ALARM, (a, d))", true],
    ["AT_LEAST(3, NOT OK, (a, b, c, d))", true],
    ["ALARM(gone) OR INSUFFICIENT_DATA(gone)", true],
  ])("%s is %s", (text, expected) => {
    const rule = parseAlarmRule(text);
    expect(alarmRuleHolds(rule, (name) => states[name] ?? "INSUFFICIENT_DATA")).toBe(expected);
  });

  test("each alarm is named once, however often it stands there", () => {
    expect(
      ruleAlarms(parseAlarmRule('NOT ALARM(a) OR (OK("a") AND AT_LEAST(1, OK, (b, a)) OR TRUE)')),
    ).toEqual(["a", "b"]);
  });
});

test.each([
  ["ALARM(a) OR ALARM(b)", ["a", "b"]],
  ["ALARM(a) AND NOT ALARM(quiet)", ["a"]],
  ["ALARM(a) AND NOT (OK(b) OR ALARM(quiet))", ["a", "b"]],
  ["OK(a) OR INSUFFICIENT_DATA(b)", []],
  ["NOT (NOT ALARM(a))", ["a"]],
  ["AT_LEAST(2, ALARM, (a, b, c)) AND ALARM(a)", ["a", "b", "c"]],
  ["AT_LEAST(1, NOT OK, (a, b))", ["a", "b"]],
  ["AT_LEAST(1, NOT ALARM, (a, b)) OR TRUE", []],
])("%s can be raised by %j", (rule, causes) => {
  expect(alarmRuleCauses(parseAlarmRule(rule))).toEqual(causes);
});
