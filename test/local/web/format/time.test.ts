import { expect, test } from "vitest";
import { timeAgo } from "../../../../local/web/format/time.ts";

test.each([
  [0, "just now"],
  [59, "just now"],
  [60, "1 min ago"],
  [3599, "59 min ago"],
  [3600, "1 h ago"],
  [200_000, "2 d ago"],
  [-5, "just now"],
])("%d seconds back is %s", (seconds, text) => {
  expect(timeAgo(0, seconds * 1000)).toBe(text);
});
