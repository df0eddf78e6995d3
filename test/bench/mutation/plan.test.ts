import { expect, test } from "vitest";
import { testsImporting, testsReaching } from "../../../bench/mutation/plan.ts";

const RUNS = [
  { file: "slow.test.ts", durationMs: 900, reached: [0, 1] },
  { file: "fast.test.ts", durationMs: 20, reached: [1] },
  { file: "other.test.ts", durationMs: 5, reached: [2] },
];

test("a mutant's tests are those that reach it, the fastest first", () => {
  expect(testsReaching(1, RUNS)).toEqual({ files: ["fast.test.ts", "slow.test.ts"], durationMs: 920 });
  expect(testsReaching(0, RUNS)).toEqual({ files: ["slow.test.ts"], durationMs: 900 });
});

test("a mutant that nothing reaches has no tests", () => {
  expect(testsReaching(3, RUNS)).toEqual({ files: [], durationMs: 0 });
});

test("tests that import a file directly or by another file are found, those outside the folders are not", () => {
  const imports = new Map([
    ["lib/b.ts", ["lib/a.ts"]],
    ["test/lib/a.test.ts", ["lib/a.ts"]],
    ["test/lib/b.test.ts", ["lib/b.ts"]],
    ["test/lib/b.ts", ["lib/b.ts"]],
    ["test/lib/c.test.ts", ["lib/c.ts"]],
    ["test/library/a.test.ts", ["lib/a.ts"]],
  ]);
  expect(testsImporting(["lib/a.ts"], ["test/lib"], imports)).toEqual([
    "test/lib/a.test.ts",
    "test/lib/b.test.ts",
  ]);
  expect(testsImporting(["lib/c.ts"], ["test/lib", "test/other"], imports)).toEqual(["test/lib/c.test.ts"]);
});
