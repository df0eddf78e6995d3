import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mutantsOf } from "../../../bench/mutation/mutants.ts";
import { compilingMutants, typeChecker } from "../../../bench/mutation/type-check.ts";

test("a mutant with a type error is refused, one that leaves a name unused is not", () => {
  const root = mkdtempSync(join(tmpdir(), "wrist-agent-types-"));
  const text = `
    type Kind = "rate" | "cron";
    export const kind: Kind = "rate";
    export function size(text: string | undefined, least: number): number {
      if (text === undefined) return 0;
      return Math.max(text.length, least) - 1;
    }`;
  try {
    const options = {
      strict: true,
      noUnusedParameters: true,
      noUnusedLocals: true,
      lib: ["ES2023"],
      types: [],
    };
    writeFileSync(join(root, "tsconfig.json"), JSON.stringify({ compilerOptions: options }));
    writeFileSync(join(root, "some.ts"), text);
    const compiles = typeChecker(root, ["some.ts"]);
    const changes = mutantsOf("some.ts", text).map((mutant) => [
      mutant.before,
      mutant.after,
      compiles(mutant),
    ]);
    expect(changes).toEqual([
      ['"rate"', '""', false],
      ["text === undefined", "true", true],
      ["text === undefined", "false", false],
      ["===", "!==", false],
      ["0", "1", true],
      ["-", "+", true],
      ["max", "min", true],
      ["1", "2", true],
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});

const { signal } = new AbortController();

test("as many mutants as wanted are looked for, and no further", async () => {
  const all = mutantsOf("some.ts", "f(1, 2, 3, 4);");
  const looked: string[] = [];
  const found: number[] = [];
  const compiling = await compilingMutants(all, 2, {
    compiles: ({ before }) => {
      looked.push(before);
      return before !== "1";
    },
    progress: (count) => found.push(count),
    signal,
  });
  expect(compiling.mutants.map(({ before }) => before)).toEqual(["f(1, 2, 3, 4);", "2"]);
  expect(compiling.refused).toBe(1);
  expect(looked).toEqual(["f(1, 2, 3, 4);", "1", "2"]);
  expect(found).toEqual([1, 1, 2]);
});

test("where fewer compile, all of them are found", async () => {
  const all = mutantsOf("some.ts", "f(1);");
  const ports = { compiles: () => false, progress: () => undefined, signal };
  expect(await compilingMutants(all, 5, ports)).toEqual({ mutants: [], refused: 2 });
});

test("an interruption ends the search with what was found", async () => {
  const all = mutantsOf("some.ts", "f(1, 2, 3);");
  const interruption = new AbortController();
  const progress = (found: number): void => {
    if (found === 2) interruption.abort();
  };
  const ports = { compiles: () => true, progress, signal: interruption.signal };
  const { mutants, refused } = await compilingMutants(all, 4, ports);
  expect({ found: mutants.length, refused }).toEqual({ found: 2, refused: 0 });
});
