import type { AlarmBasics } from "@wrist-agent/cloudwatch/alarm";
import { checkAlarmBasics, checkStateSetting } from "@wrist-agent/cloudwatch/alarms/alarm-limits";
import { COMPARISONS } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { expect, test } from "vitest";

const HOME = { accountId: "123456789012", region: "us-west-2" };
const topic = (region: string, partition = "aws"): string => `arn:${partition}:sns:${region}:123456789012:t`;
const own = topic("us-west-2");

const refused = (change: Partial<AlarmBasics>): string => {
  try {
    checkAlarmBasics({ alarmName: "a", ...change }, HOME);
  } catch (error) {
    return (error as Error).message;
  }
  return "taken";
};

const constraint = (member: string, rule: string): string =>
  `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${rule}`;

test.each<[string, Partial<AlarmBasics>, string]>([
  ["no name", { alarmName: "" }, constraint("alarmName", "255")],
  ["the longest name", { alarmName: "n".repeat(255) }, "taken"],
  ["a longer name", { alarmName: "n".repeat(256) }, constraint("alarmName", "255")],
  ["a line break in the name", { alarmName: "a\nb" }, "AlarmName must not contain ASCII Control characters"],
  ["the longest description", { alarmDescription: "d".repeat(1024) }, "taken"],
  ["a longer description", { alarmDescription: "d".repeat(1025) }, constraint("alarmDescription", "1024")],
  ["five actions", { alarmActions: [own, own, own, own, own] }, "taken"],
  [
    "six when raised",
    { alarmActions: Array.from({ length: 6 }, () => own) },
    constraint("alarmActions", "5"),
  ],
  ["six when over", { okActions: Array.from({ length: 6 }, () => own) }, constraint("oKActions", "5")],
  [
    "six without data",
    { insufficientDataActions: Array.from({ length: 6 }, () => own) },
    constraint("insufficientDataActions", "5"),
  ],
  ["an action that is no ARN", { okActions: ["mail me"] }, "Invalid arn syntax: mail me"],
  [
    "a topic of another partition",
    { alarmActions: [topic("us-west-2", "aws-cn")] },
    "Invalid partition aws-cn specified. Only aws is supported.",
  ],
  [
    "a topic of another Region",
    { alarmActions: [own, topic("eu-west-1")] },
    "Invalid region eu-west-1 specified. Only us-west-2 is supported.",
  ],
  [
    "an OpsItem of another Region",
    { alarmActions: ["arn:aws:ssm:eu-west-1:123456789012:opsitem:1"] },
    "taken",
  ],
  ["an action without a Region", { alarmActions: ["arn:aws:iam::123456789012:role/r"] }, "taken"],
])("an alarm with %s", (_what, change, message) => {
  expect(refused(change)).toBe(message);
});

test.each<[string, Parameters<typeof checkStateSetting>[0], string]>([
  ["a long reason", { state: "OK", reason: "r".repeat(1024) }, constraint("stateReason", "1023")],
  [
    "long data",
    { state: "OK", reason: "", reasonData: `"${"d".repeat(3999)}"` },
    constraint("stateReasonData", "4000"),
  ],
])("a state is not set with %s", (_what, setting, message) => {
  expect(() => checkStateSetting(setting)).toThrow(message);
});

test("a state is set with the longest reason and data", () => {
  const longest = { reason: "r".repeat(1023), reasonData: `"${"d".repeat(3998)}"` };
  expect(() => checkStateSetting({ state: "ALARM", ...longest })).not.toThrow();
});

test.each([
  ["GreaterThanOrEqualToThreshold", [false, true, true]],
  ["GreaterThanThreshold", [false, false, true]],
  ["LessThanThreshold", [true, false, false]],
  ["LessThanOrEqualToThreshold", [true, true, false]],
] as const)("%s breaches at 4, 5 and 6 of a threshold of 5: %s", (operator, expected) => {
  expect([4, 5, 6].map((value) => COMPARISONS[operator].breaches(value, 5, 5))).toEqual(expected);
});

test.each([
  ["LessThanLowerThreshold", [true, false, false, false, false]],
  ["GreaterThanUpperThreshold", [false, false, false, false, true]],
  ["LessThanLowerOrGreaterThanUpperThreshold", [true, false, false, false, true]],
] as const)("%s breaches below, at, within, at and above a band: %s", (operator, expected) => {
  expect([1, 2, 3, 4, 5].map((value) => COMPARISONS[operator].breaches(value, 2, 4))).toEqual(expected);
});
