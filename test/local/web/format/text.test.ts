import { expect, test } from "vitest";
import { nameWithoutStage, truncateText } from "../../../../local/web/format/text.ts";

test("a long text shows its beginning, and one that fits all of it", () => {
  expect(truncateText("abcdef", 5)).toBe("abcd…");
  expect(truncateText("abcde", 5)).toBe("abcde");
});

test.each([
  ["wrist-agent-production-failing-now", "production", "failing-now"],
  ["wrist-agent-billing", "production", "wrist-agent-billing"],
  ["wrist-agent-production-", "production", "wrist-agent-production-"],
  ["a--b", "", "a--b"],
])("the name %s of the stage %j is shown as %s", (name, stage, short) => {
  expect(nameWithoutStage(name, stage)).toBe(short);
});
