import { execFile } from "node:child_process";
import { expect, test } from "vitest";
import { PROJECT } from "../../support/synthesise.ts";

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as `npm run mutation` does. */
function mutation(...words: readonly string[]): Promise<Ended> {
  const program = ["--conditions=source", "--import", "tsx", "bench/mutation.ts"];
  return new Promise((resolve) => {
    execFile(process.execPath, [...program, ...words], { cwd: PROJECT }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

test("--help names the options and the areas", async () => {
  const { code, out, err } = await mutation("--help");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  for (const word of ["--area", "--file", "--mutants", "--seed", "--json", "lib/monitoring"])
    expect(out).toContain(word);
});

test("the tests of a small file notice its mutants", async () => {
  const words = ["--file", "packages/cloudwatch/src/logs/log-line.ts", "--mutants", "2", "--json"];
  const { code, out, err } = await mutation(...words);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(out)).toMatchObject({
    area: "packages/cloudwatch",
    seed: 1,
    tried: 2,
    noticed: 2,
    equivalent: 0,
    score: 1,
    survivors: [],
  });
});
