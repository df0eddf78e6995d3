import { isoOffset, longDate, shortDate } from "@wrist-agent/cloudwatch/aws-text";
import { expect, test } from "vitest";

test.each([
  [0, "Monday 05 January, 2026 11:18:44 UTC"],
  [30, "Wednesday 04 February, 2026 11:18:44 UTC"],
  [61, "Saturday 07 March, 2026 11:18:44 UTC"],
  [92, "Tuesday 07 April, 2026 11:18:44 UTC"],
  [122, "Thursday 07 May, 2026 11:18:44 UTC"],
  [153, "Sunday 07 June, 2026 11:18:44 UTC"],
  [184, "Wednesday 08 July, 2026 11:18:44 UTC"],
  [214, "Friday 07 August, 2026 11:18:44 UTC"],
  [252, "Monday 14 September, 2026 11:18:44 UTC"],
  [275, "Wednesday 07 October, 2026 11:18:44 UTC"],
  [306, "Saturday 07 November, 2026 11:18:44 UTC"],
  [336, "Monday 07 December, 2026 11:18:44 UTC"],
])("%i days after the fifth of January a mail writes %s", (days, text) => {
  expect(longDate(Date.parse("2026-01-05T11:18:44Z") + days * 86_400_000)).toBe(text);
});

test("reasons and messages write a time in their own ways", () => {
  const time = Date.parse("2026-09-04T05:46:50.007Z");
  expect(shortDate(time)).toBe("04/09/26 05:46:50");
  expect(isoOffset(time)).toBe("2026-09-04T05:46:50.007+0000");
});
