import { durationText, parseDuration, parseSeriesValues } from "cw-alarm-test/alarm-test";
import { describe, expect, test } from "vitest";

describe("series values", () => {
  test.each([
    ["0x2", [0, 0, 0]],
    ["5 _ 7", [5, undefined, 7]],
    ["_x1 2", [undefined, undefined, 2]],
    ["1+2x3", [1, 3, 5, 7]],
    ["9-2x2", [9, 7, 5]],
    ["-1.5e2", [-150]],
    ["", []],
  ])("%s", (text, expected) => {
    const items = parseSeriesValues(text);
    expect("bad" in items ? items : items.map((item) => item?.value)).toEqual(expected);
  });

  test("a star gives samples", () => {
    expect(parseSeriesValues("4*3x1")).toEqual([
      { value: 4, samples: 3 },
      { value: 4, samples: 3 },
    ]);
  });

  test.each(["x", "5y", "1+2", "5x", "_*2", "1x99999999", "1e999", "-3e108x2", "1+1e300x2"])(
    "%s is no item",
    (text) => {
      expect(parseSeriesValues(`1 ${text}`)).toEqual({ bad: text });
    },
  );
});

describe("times", () => {
  test.each([
    ["0", 0],
    ["90s", 90_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["455d", 39_312_000_000],
  ])("%s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(["", "5", "m", "1 m", "-1m", "456d", "99999999d"])("%s is no time", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test("are written back in full units", () => {
    expect([0, 90_000, 5_400_000, 90_061_000].map(durationText)).toEqual([
      "0m",
      "1m30s",
      "1h30m",
      "1d1h1m1s",
    ]);
  });
});
