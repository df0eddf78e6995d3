import { expect, test } from "vitest";
import { tabIcon, tabTitle } from "../../../local/web/headline.ts";

test.each([
  [{ level: "ok", stage: "production", unread: 0 }, "Wrist Agent production"],
  [{ level: "alarm", stage: "production", unread: 2 }, "(2) ALARM · Wrist Agent production"],
  [{ level: "unsure", stage: "", unread: 0 }, "Wrist Agent"],
] as const)("the tab of %j is called %s", (tab, title) => {
  expect(tabTitle(tab)).toBe(title);
});

test("the tab's icon differs by level", () => {
  expect(new Set([tabIcon("ok"), tabIcon("alarm"), tabIcon("unsure")]).size).toBe(3);
});
