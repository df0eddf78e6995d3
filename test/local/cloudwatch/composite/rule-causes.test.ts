import { expect, test } from "vitest";
import { parseAlarmRule } from "../../../../local/cloudwatch/composite/alarm-rule.ts";
import { ruleCauses } from "../../../../local/cloudwatch/composite/rule-causes.ts";

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
  expect(ruleCauses(parseAlarmRule(rule))).toEqual(causes);
});
