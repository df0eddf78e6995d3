import { expect, test } from "vitest";
import { dashboardTitle, nameWithoutStage, truncateText } from "../../../../local/web/format/text.ts";

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

test.each([
  ["wrist-agent-production-us-west-2-on-call", "production", "on-call"],
  ["wrist-agent-production-ap-southeast-2-cost", "production", "cost"],
  ["wrist-agent-production-us-gov-west-1-cost", "production", "cost"],
  ["us-west-2-", "", "us-west-2-"],
  ["shop-2-days", "production", "shop-2-days"],
])("the dashboard %s of the stage %j is called %s", (name, stage, title) => {
  expect(dashboardTitle(name, stage)).toBe(title);
});
