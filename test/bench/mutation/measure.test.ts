import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { triedMutants, UnchangedCodeFails, type Measurement } from "../../../bench/mutation/measure.ts";
import type { Mutant } from "../../../bench/mutation/mutants.ts";

let directory = "";

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "wrist-agent-measure-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** A worker whose mutants say by their text what becomes of them; the far test reaches only the first. */
const WORKER = `
  import { text } from "node:stream/consumers";
  const order = JSON.parse(await text(process.stdin));
  const write = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
  for (const file of order.kind === "reach" ? order.tests : []) {
    const all = order.mutants.filter(({ before }) => before !== "unreached").map(({ number }) => number);
    const run = { file, durationMs: 5, reached: file.includes("near") ? all : [0] };
    write({ kind: "reach", run, ...(file.includes("failing") && { failure: "expected 1 to be 2" }) });
  }
  for (const { mutant, tests } of order.kind === "try" ? order.trials : []) {
    if (mutant.before === "deadly") process.exit(1);
    if (mutant.before === "endless") await new Promise((resolve) => setInterval(resolve, 2 ** 31 - 1));
    write({ kind: "alive" });
    write({ kind: "try", isKilled: mutant.before === tests.join() });
  }`;

const NEAR = "test/lib/near.test.ts";
const FAR = "test/lib/far.test.ts";
const IMPORTS = new Map([
  ["lib/b.ts", ["lib/a.ts"]],
  [FAR, ["lib/b.ts"]],
  [NEAR, ["lib/a.ts"]],
  ["test/lib/failing.test.ts", ["lib/c.ts"]],
]);

async function verdicts(befores: readonly string[], change: Partial<Measurement> = {}, file = "lib/a.ts") {
  const program = join(directory, "worker.mjs");
  writeFileSync(program, WORKER);
  const mutants = befores.map((before, line): Mutant => ({
    file,
    line,
    start: 0,
    end: 0,
    before,
    after: "",
  }));
  const heard: string[] = [];
  const found: string[] = [];
  const tried = triedMutants({
    mutants,
    tests: { folders: ["test/lib"], without: [] },
    imports: IMPORTS,
    program,
    progress: (text) => heard.push(text),
    signal: new AbortController().signal,
    ...change,
  });
  for await (const { verdict } of tried) found.push(verdict);
  return { found, heard };
}

test("each mutant is tried with the tests that reach it, the nearest first", async () => {
  const { found, heard } = await verdicts([`${NEAR},${FAR}`, NEAR, "nobody", "unreached"]);
  expect(found).toEqual(["noticed", "noticed", "survives", "no test reaches it"]);
  expect(heard).toEqual([
    "0 of 2 test files run on unchanged code",
    "1 of 2 test files run on unchanged code",
    "2 of 2 test files run on unchanged code",
    "1 of 4 mutants tried",
    "2 of 4 mutants tried",
    "3 of 4 mutants tried",
    "4 of 4 mutants tried",
  ]);
});

test("a mutant that ends the process does not end the run", async () => {
  const { found } = await verdicts(["nobody", "deadly", NEAR]);
  expect(found).toEqual(["survives", "dies", "noticed"]);
});

test("more mutants than a worker takes are given to another one", async () => {
  const { found } = await verdicts(["first", ...Array.from({ length: 60 }, () => NEAR)]);
  expect(found).toEqual(["survives", ...Array.from({ length: 60 }, () => "noticed")]);
});

test("tests that fail on unchanged code are named, and nothing is tried", async () => {
  const tried = verdicts([NEAR], {}, "lib/c.ts");
  await expect(tried).rejects.toThrow(UnchangedCodeFails);
  await expect(tried).rejects.toThrow(
    "test/lib/failing.test.ts fails on unchanged code; mend it first: expected 1 to be 2",
  );
});

test("an interruption ends the run with what was tried", async () => {
  const interruption = new AbortController();
  const progress = (text: string): void => {
    if (text.startsWith("1 of 3 mutants")) interruption.abort();
  };
  const befores = [`${NEAR},${FAR}`, "endless", NEAR];
  const { found } = await verdicts(befores, { progress, signal: interruption.signal });
  expect(found).toEqual(["noticed"]);
});
