import { expect, test } from "vitest";
import { beginning } from "../../../../local/web/words/beginning.ts";

test("a long text shows its beginning, and one that fits all of it", () => {
  expect(beginning("abcdef", 5)).toBe("abcd…");
  expect(beginning("abcde", 5)).toBe("abcde");
});
