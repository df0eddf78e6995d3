import { expect, test } from "vitest";
import { alarmSeverity, compareUrgency } from "../../../../local/web/format/alarm-urgency.ts";
import { alarmRow } from "../../../support/alarm-row.ts";

test.each([
  [[], "none"],
  [["wrist-agent-production-page"], "page"],
  [["wrist-agent-production-ticket"], "ticket"],
  [["x-ticket", "x-page"], "page"],
  [["page"], "page"],
  [["homepage"], "mail"],
  [["wrist-agent-billing"], "mail"],
])("an alarm that tells %j is a %s", (topics, severity) => {
  expect(alarmSeverity({ topics })).toBe(severity);
});

test("alarms stand by state, then severity, then the longest in ALARM, then name", () => {
  const rows = [
    alarmRow("ok-b"),
    alarmRow("ok-a", { sinceMs: 9 }),
    alarmRow("ok-page", { topics: ["x-page"], sinceMs: 10 }),
    alarmRow("blind", { state: "INSUFFICIENT_DATA" }),
    alarmRow("ticket", { state: "ALARM", topics: ["x-ticket"], sinceMs: 1 }),
    alarmRow("young", { state: "ALARM", topics: ["x-page"], sinceMs: 3 }),
    alarmRow("old", { state: "ALARM", topics: ["x-page"], sinceMs: 2 }),
  ];
  expect(rows.sort(compareUrgency).map(({ alarmName }) => alarmName)).toEqual([
    "old",
    "young",
    "ticket",
    "blind",
    "ok-page",
    "ok-a",
    "ok-b",
  ]);
});
