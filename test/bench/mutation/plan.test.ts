import { expect, test } from "vitest";
import { importDistances, testsImporting, testsReaching } from "../../../bench/mutation/plan.ts";

const IMPORTS = new Map([
  ["lib/b.ts", ["lib/a.ts"]],
  ["lib/c.ts", ["lib/b.ts", "lib/a.ts"]],
  ["test/lib/a.test.ts", ["lib/a.ts"]],
  ["test/lib/b.test.ts", ["lib/b.ts"]],
  ["test/lib/c.test.ts", ["lib/c.ts", "test/lib/b.ts"]],
  ["test/lib/b.ts", ["lib/b.ts"]],
  ["test/lib/d.test.ts", ["lib/d.ts"]],
  ["test/library/a.test.ts", ["lib/a.ts"]],
]);
const DISTANCES = importDistances("lib/a.ts", IMPORTS);

test("a distance is the least number of imports to a file", () => {
  expect(Object.fromEntries(DISTANCES)).toEqual({
    "lib/a.ts": 0,
    "lib/b.ts": 1,
    "lib/c.ts": 1,
    "test/lib/a.test.ts": 1,
    "test/library/a.test.ts": 1,
    "test/lib/b.test.ts": 2,
    "test/lib/b.ts": 2,
    "test/lib/c.test.ts": 2,
  });
});

test("an area's tests import the file and lie in its folders, but for those that are left out", () => {
  const all = ["test/lib/a.test.ts", "test/lib/b.test.ts", "test/lib/c.test.ts"];
  expect(testsImporting(DISTANCES, { folders: ["test/lib"], without: [] })).toEqual(all);
  expect(testsImporting(DISTANCES, { folders: ["test/lib"], without: ["test/lib/b.test.ts"] })).toEqual([
    "test/lib/a.test.ts",
    "test/lib/c.test.ts",
  ]);
  expect(testsImporting(DISTANCES, { folders: ["test/library", "test/other"], without: [] })).toEqual([
    "test/library/a.test.ts",
  ]);
});

const RUNS = [
  { file: "test/lib/c.test.ts", durationMs: 30, reached: [1] },
  { file: "test/lib/b.test.ts", durationMs: 20, reached: [1] },
  { file: "test/lib/a.test.ts", durationMs: 900, reached: [0, 1] },
];

test("a mutant's tests are those that reach it, the nearest first, of equals the fastest", () => {
  expect(testsReaching(1, RUNS, DISTANCES)).toEqual({
    files: ["test/lib/a.test.ts", "test/lib/b.test.ts", "test/lib/c.test.ts"],
    longestMs: 900,
  });
  expect(testsReaching(0, RUNS, DISTANCES)).toEqual({ files: ["test/lib/a.test.ts"], longestMs: 900 });
});

test("a mutant that nothing reaches has no tests", () => {
  expect(testsReaching(2, RUNS, DISTANCES)).toEqual({ files: [], longestMs: 0 });
});
