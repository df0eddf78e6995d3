import { expect, test } from "vitest";
import { shortName } from "../../../../local/web/words/short-name.ts";

test.each([
  ["wrist-agent-production-failing-now", "production", "failing-now"],
  ["wrist-agent-billing", "production", "wrist-agent-billing"],
  ["wrist-agent-production-", "production", "wrist-agent-production-"],
  ["a--b", "", "a--b"],
])("the name %s of the stage %j is shown as %s", (name, stage, short) => {
  expect(shortName(name, stage)).toBe(short);
});
