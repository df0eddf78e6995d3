import pc from "picocolors";
import { expect, test } from "vitest";
import { type Plot, plotLines, plotWidth } from "../../../bin/cli/plot.ts";
import type { Terminal } from "../../../bin/cli/terminal.ts";

/** So narrow that each of six values has one column. */
const NARROW = 22;

const terminal = (colours = pc.createColors(false), columns: number | undefined = NARROW): Terminal => ({
  columns,
  out: () => undefined,
  err: () => undefined,
  colours,
  progress: (_text, work) => (typeof work === "function" ? work(() => undefined) : work),
});

const plot = (more: Partial<Plot>): Plot => ({
  values: [],
  startMs: new Date(2026, 10, 23, 10).getTime(),
  endMs: new Date(2026, 10, 23, 11).getTime(),
  numberText: String,
  ...more,
});

test("bars are as high as their values, a gap is blank and zero is a line", () => {
  expect(plotLines(terminal(), plot({ values: [10, 5, 0, undefined, 0.01, 7.5] }))).toEqual([
    "10 ┤█     ",
    "   │█     ",
    "   │█    ▄",
    "   │█    █",
    "   │█    █",
    "   │██   █",
    "   │██   █",
    "   │██   █",
    "   │██   █",
    " 0 ┤██_ ▁█",
    "   └──────",
    "    11-23 10:00",
  ]);
});

test("the threshold is a line across, labelled, and what is beyond it is red", () => {
  const colours = { ...pc.createColors(false), red: (text: unknown) => `R${String(text)}`, cyan: String };
  const lines = plotLines(
    terminal(colours),
    plot({ values: [2, 8, ...Array<undefined>(4)], threshold: { value: 4, isBad: (value) => value >= 4 } }),
  );
  expect(lines[0]).toBe("8 ┤ R█    ");
  expect(lines[5]).toBe("4 ┤╌R█╌╌╌╌");
  expect(lines[9]).toBe("0 ┤█R█    ");
});

test("a threshold above every value still shows, and nothing but zeros is no division by zero", () => {
  const lines = plotLines(
    terminal(),
    plot({ values: [1, 1, 1, 1, 1, 1], threshold: { value: 100, isBad: () => false } }),
  );
  expect(lines[0]).toBe("100 ┤╌╌╌╌╌╌");
  expect(plotLines(terminal(), plot({ values: [0, 0, 0, 0, 0, 0] }))[9]).toBe("0 ┤______");
});

test("the axis names both ends where there is room", () => {
  const values = Array.from({ length: 30 }, () => 1);
  expect(plotLines(terminal(), plot({ values })).at(-1)).toBe("   11-23 10:00        11-23 11:00");
  expect(plotWidth(terminal(pc, 50))).toBe(38);
  expect(plotWidth({ ...terminal(), columns: undefined })).toBe(88);
});

test("few values get broad bars", () => {
  const lines = plotLines(terminal(), plot({ values: [0, 1] }));
  expect(lines[0]).toBe("1 ┤     █████");
  expect(lines[9]).toBe("0 ┤_____█████");
});
