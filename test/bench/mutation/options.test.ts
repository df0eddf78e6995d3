import { expect, test } from "vitest";
import { readMutationOptions } from "../../../bench/mutation/options.ts";

test("without a word each area is tried, 100 mutants of each", () => {
  const wanted = readMutationOptions([]);
  if (typeof wanted === "string") throw new Error(wanted);
  expect([...wanted.files.keys()]).toEqual(["lambda/agent", "lib/monitoring", "packages/cloudwatch"]);
  for (const [area, files] of wanted.files) for (const file of files) expect(file).toContain(`${area}/`);
  expect(wanted).toMatchObject({ count: 100, seed: 1, isJson: false });
});

test("every option is read", () => {
  const file = "lib/monitoring/metrics.ts";
  const words = ["--area", "lib/monitoring", "--file", file, "--mutants", "7", "--seed=-3", "--json"];
  expect(readMutationOptions(words)).toEqual({
    files: new Map([["lib/monitoring", [file]]]),
    count: 7,
    seed: -3,
    isJson: true,
  });
});

test("a file's area is found, and no other is tried", () => {
  expect(readMutationOptions(["--file", "lib/monitoring/metrics.ts"])).toMatchObject({
    files: new Map([["lib/monitoring", ["lib/monitoring/metrics.ts"]]]),
  });
});

test.each([
  [["--area", "lib"], 'no area "lib"; there are: lambda/agent, lib/monitoring, packages/cloudwatch'],
  [
    ["--area", "lambda/agent", "--file", "lib/monitoring/metrics.ts"],
    'no file "lib/monitoring/metrics.ts" in lambda/agent',
  ],
  [["--mutants", "0"], '--mutants is a whole number from 1, not "0"'],
  [["--mutants", "1.5"], '--mutants is a whole number from 1, not "1.5"'],
  [["--seed", "x"], '--seed is a whole number, not "x"'],
  [["-h"], "help"],
])("%j: %s", (words, message) => {
  expect(readMutationOptions(words)).toBe(message);
});

test("an option that is not there is refused by name", () => {
  expect(() => readMutationOptions(["--sed", "1"])).toThrow("Unknown option '--sed'");
});
