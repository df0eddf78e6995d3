import { isoOffset, isoUtc, longDate, shortDate } from "@wrist-agent/cloudwatch/aws-text";
import fc from "fast-check";
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

const TIMES = fc.integer({ min: -1e12, max: 4e12 });

test("a time is written as the calendar has it, whichever was written before", () => {
  fc.assert(
    fc.property(TIMES, fc.nat(86_400_000), (ms, laterMs) => {
      for (const at of [ms, ms + laterMs, Math.floor(ms / 1000) * 1000]) {
        const iso = new Date(at).toISOString();
        expect(isoOffset(at)).toBe(iso.replace("Z", "+0000"));
        expect(isoUtc(at)).toBe(iso.replace(".000Z", "Z"));
        const [year = "", month = "", day = ""] = iso.slice(2, 10).split("-");
        expect(shortDate(at)).toBe(`${day}/${month}/${year} ${iso.slice(11, 19)}`);
      }
    }),
  );
});

test("a part of a millisecond is left out", () => {
  expect(isoOffset(Date.UTC(2026, 8, 14, 5, 46, 50, 7) + 0.75)).toBe("2026-09-14T05:46:50.007+0000");
});
