import { expect, test } from "vitest";
import { shortAlarmName } from "../../../../local/web/words/short-alarm-name.ts";

test.each([
  ["wrist-agent-production-failing-now", "production", "failing-now"],
  ["wrist-agent-billing", "production", "wrist-agent-billing"],
  ["wrist-agent-production-", "production", "wrist-agent-production-"],
  ["a--b", "", "a--b"],
])("the alarm %s of the stage %j is shown as %s", (name, stage, short) => {
  expect(shortAlarmName(name, stage)).toBe(short);
});
