import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { ACCOUNT, type Ended, hasMoto, type Moto, startMoto } from "./moto.ts";
import { ELSEWHERE, happensAt, HOME, STEPS } from "./production-life.ts";

let moto: Moto;
let folder: string;

/** What a person at the terminal sees, without the CDK CLI's progress. */
function shown({ all }: Ended): string {
  const noise = /: (start|success|creating|deploying)|^\s*$|Bundling asset|Synthesis time|IN_PROGRESS/;
  return all
    .split("\n")
    .filter((line) => !noise.test(line))
    .map((line) => `    ${line}`)
    .join("\n");
}

describe.skipIf(!hasMoto())(`the years of production in account ${ACCOUNT}`, () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "production-life-"));
    moto = await startMoto([HOME, ELSEWHERE, "us-east-1"]);
    happensAt({ moto, folder });
  }, 1_800_000);
  afterAll(async () => {
    await moto.stop();
    await rm(folder, { recursive: true });
  });

  test.each(STEPS)("$what", async ({ what, happens, expected }) => {
    const seen = await happens();
    process.stdout.write(`\n${what}\n${shown(seen)}\n`);
    await expected(seen);
  });
});
