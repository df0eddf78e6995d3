import { expect, test } from "vitest";
import {
  groupPlaces,
  labelledGroups,
  logBarsOf,
  shownFields,
} from "../../../../local/web/dashboards/log-widget.ts";
import { parseLogTime } from "../../../../local/web/format/time.ts";

const DAY = 86_400_000;
const day = (date: number): number => Date.UTC(2026, 10, date);
const cell = (date: number): string => `2026-11-${date} 00:00:00.000`;

test("counts per bin are bars in the order of time, 0 where a row has none", () => {
  const fields = ["bin(1d)", "note", "event"];
  const rows = [
    { "bin(1d)": cell(25), note: "4", event: "" },
    { "bin(1d)": cell(23), note: "1", event: "2" },
  ];
  expect(logBarsOf({ fields, rows })).toEqual({
    groups: [{ fromMs: day(23) }, { fromMs: day(25) }],
    binMs: DAY,
    series: [
      { label: "note", values: [1, 4] },
      { label: "event", values: [2, 0] },
    ],
    largest: 4,
  });
});

test("counts per name keep the order of the query, though the name is a number", () => {
  const rows = [
    { httpStatus: "200", requests: "7" },
    { httpStatus: "429", requests: "3" },
  ];
  expect(logBarsOf({ fields: ["httpStatus", "requests"], rows })).toEqual({
    groups: [{ name: "200" }, { name: "429" }],
    series: [{ label: "requests", values: [7, 3] }],
    largest: 7,
  });
});

test("several names make one group; a bin beside them does not make an axis of time", () => {
  const rows = [{ mode: "note", "bin(1d)": cell(23), requests: "7" }];
  expect(logBarsOf({ fields: ["mode", "bin(1d)", "requests"], rows })?.groups).toEqual([
    { name: `note, ${cell(23)}` },
  ]);
});

test.each([
  [["count(*)"], [{ "count(*)": "3" }]],
  [["mode", "text"], [{ mode: "note", text: "fern" }]],
  [["mode", "text"], [{ mode: "note" }]],
])("of %j nothing is drawn", (fields, rows: readonly Record<string, string>[]) => {
  expect(logBarsOf({ fields, rows })).toBeUndefined();
});

test("bins under another name are as wide as the least distance between two", () => {
  const rows = [23, 24, 26].map((date) => ({ day: cell(date), n: "1" }));
  expect(logBarsOf({ fields: ["day", "n"], rows })?.binMs).toBe(DAY);
  expect(logBarsOf({ fields: ["day", "n"], rows: rows.slice(0, 1) })?.binMs).toBeUndefined();
});

test("a day without requests stays empty between its neighbours", () => {
  const bars = { groups: [{ fromMs: day(23) }, { fromMs: day(25) }], binMs: DAY, series: [], largest: 1 };
  expect(groupPlaces(bars, day(23) + 1, day(26))).toEqual([
    { left: 0, width: 1 / 3 },
    { left: 2 / 3, width: 1 / 3 },
  ]);
});

test("names stand side by side", () => {
  const bars = { groups: [{ name: "a" }, { name: "b" }], series: [], largest: 1 };
  expect(groupPlaces(bars, 0, 1)).toEqual([
    { left: 0, width: 0.5 },
    { left: 0.5, width: 0.5 },
  ]);
});

interface Named {
  readonly lefts: readonly number[];
  readonly labelShare: number;
  readonly named: readonly number[];
}

test.each<[string, Named]>([
  ["two days side by side at the end of a week", { lefts: [6 / 8, 7 / 8], labelShare: 0.26, named: [1] }],
  [
    "a week of days",
    { lefts: [0, 1, 2, 3, 4, 5, 6].map((day) => day / 7), labelShare: 0.26, named: [1, 3, 6] },
  ],
  ["five short names", { lefts: [0, 0.2, 0.4, 0.6, 0.8], labelShare: 0.19, named: [0, 1, 2, 3, 4] }],
])("of %s, those are named whose names do not meet", (_of, { lefts, labelShare, named }) => {
  const places = lefts.map((left, i) => ({ left, width: (lefts[i + 1] ?? 1) - left }));
  expect([...labelledGroups(places, labelShare)].toSorted((one, other) => one - other)).toEqual(named);
});

test.each([
  ["2026-11-25 22:02:20.034", Date.UTC(2026, 10, 25, 22, 2, 20, 34)],
  ["2026-11-25", undefined],
  ["2026-99-25 22:02:20.034", undefined],
  ["throttled", undefined],
])("the cell %j tells the moment %j", (text, timeMs) => {
  expect(parseLogTime(text)).toBe(timeMs);
});

test("a table has the columns that some row has a value in", () => {
  const rows = [
    { outcome: "throttled", detail: "" },
    { outcome: "ok", mode: "note" },
  ];
  expect(shownFields({ fields: ["outcome", "detail", "mode", "reason"], rows })).toEqual(["outcome", "mode"]);
});
