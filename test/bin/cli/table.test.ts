import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutText, printableText, tableLines, textWidth, wrapText } from "../../../bin/cli/table.ts";

interface Alarm {
  readonly name: string;
  readonly why: string;
  readonly count: string;
}

const COLUMNS = [
  { head: "name", cell: ({ name }: Alarm) => name },
  { head: "why", cell: ({ why }: Alarm) => why, narrow: "wrap" },
  { head: "count", cell: ({ count }: Alarm) => count, align: "right" },
] as const;

const ROWS: readonly Alarm[] = [
  { name: "failing", why: "three of five requests failed in the last hour", count: "3" },
  { name: "slow", why: "p90", count: "12" },
];

describe("a table", () => {
  test("is as wide as its cells where nothing limits it", () => {
    expect(tableLines({ columns: COLUMNS }, ROWS)).toEqual([
      "failing  three of five requests failed in the last hour   3",
      "slow     p90                                             12",
    ]);
  });

  test("wraps what may be wrapped, and keeps the rest whole", () => {
    const painted = tableLines({ columns: COLUMNS, paintHead: (text) => text.toUpperCase() }, ROWS, 40);
    expect(painted).toEqual([
      "NAME     WHY                       COUNT",
      "failing  three of five requests        3",
      "         failed in the last hour",
      "slow     p90                          12",
    ]);
  });

  test("cuts a column that may be cut, and colours cells and lines after they were laid out", () => {
    const lines = tableLines(
      {
        columns: [
          { head: "", cell: ({ why }: Alarm) => why, narrow: "cut", paint: (text) => `<${text}>` },
          { head: "", cell: ({ count }: Alarm) => count },
        ],
        paintRow: (text, { name }) => (name === "slow" ? `!${text}` : text),
      },
      ROWS,
      20,
    );
    expect(lines).toEqual(["<three of five r…>  3", "!<p90>               12"]);
  });

  test("keeps the end of names that begin alike, and cuts other columns first", () => {
    const columns = [
      { head: "", cell: ({ name }: Alarm) => name, keeps: "end" },
      { head: "", cell: ({ why }: Alarm) => why, narrow: "cut" },
    ] as const;
    const rows = [{ name: "wrist-agent-production-failing-now", why: "three of five requests", count: "" }];
    expect(tableLines({ columns }, rows, 50)).toEqual(["wrist-agent-production-failing-now  three of five…"]);
    expect(tableLines({ columns }, rows, 30)).toEqual(["…ion-failing-now  three of fi…"]);
  });

  test("is never wider than the terminal, whatever is in it", () => {
    const row = fc.record({ name: fc.string(), why: fc.string({ unit: "grapheme" }), count: fc.string() });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), fc.integer({ min: 13, max: 100 }), (rows, width) => {
        for (const line of tableLines({ columns: COLUMNS, paintHead: (text) => text }, rows, width))
          expect(textWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test("a text is cut by the columns it takes, wide characters two", () => {
  expect(cutText("牙医星期五", 10)).toBe("牙医星期五");
  expect(cutText("牙医星期五", 6)).toBe("牙医…");
  expect(cutText("abc", 1)).toBe("…");
});

test("wrapping loses no word, and breaks one that is longer than the line", () => {
  expect(wrapText("a wrist-agent-production alarm", 12)).toEqual([
    "a",
    "wrist-agent-",
    "production",
    "alarm",
  ]);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme-ascii" }), fc.integer({ min: 1, max: 30 }), (text, width) => {
      expect(wrapText(text, width).join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
    }),
  );
});

test("text of others moves no cursor and changes no colour", () => {
  expect(printableText("red \u001b[31malert\u001b[0m\u001b]0;title\u0007\r\nnext\u009b2J")).toBe(
    "red alert next",
  );
});
