import { describe, expect, test } from "vitest";
import { afterAll, beforeAll } from "vitest";
import { hasMoto, type Moto, startMoto } from "./moto.ts";

const MAIN = ["--conditions=source", "--import", "tsx", "test/aws/verify/main.ts"] as const;

let moto: Moto;

describe.skipIf(!hasMoto())("npm run verify:aws, against an account that moto plays", () => {
  beforeAll(async () => {
    moto = await startMoto();
  }, 1_800_000);
  afterAll(() => moto.stop());

  test("deploys a stage, tries it, compares and destroys it", async () => {
    const options = [
      "--stage",
      "verify-moto",
      "--yes",
      "--json",
      "--minutes",
      "1",
      "-c",
      "alarmEmail=a@example.com",
    ];
    const { code, out, all } = await moto.run(...MAIN, ...options);
    expect(code, all).toBe(0);
    const { results } = JSON.parse(out) as {
      readonly results: readonly { id: string; state: string; found: string }[];
    };
    expect(results.map(({ id, state }) => `${id} ${state}`)).toEqual([
      "deploy passed",
      "modes passed",
      "metrics passed",
      "alarm passed",
      "rotate passed",
      "rollback passed",
      "compare passed",
      "destroy passed",
    ]);
    expect(results.at(-1)?.found).toMatch(/both stacks, \d log groups and the token are gone/);
  });

  test("destroys the stage after a check has failed, too", async () => {
    await moto.order({ answers: 503 });
    const options = ["--stage", "verify-broken", "--yes", "--json", "--minutes", "0.2"];
    const { code, out } = await moto.run(...MAIN, ...options);
    await moto.order({ answers: 200 });
    expect(code).toBe(1);
    const { results } = JSON.parse(out) as { readonly results: readonly { id: string; state: string }[] };
    expect(results.map(({ id, state }) => `${id} ${state}`)).toEqual([
      // The deploy asks the URL itself.
      "deploy failed",
      "modes not run",
      "metrics not run",
      "alarm not run",
      "rotate not run",
      "rollback not run",
      "compare not run",
      "destroy passed",
    ]);
  });

  test.each([
    [["--stage", "production", "--yes"], "name a stage that begins with verify-"],
    [["--yes"], "name a stage that begins with verify-"],
    [["--stage", "verify-a"], "this is not a terminal, so it cannot ask"],
  ])("refuses %j before it asks AWS for anything", async (options, reason) => {
    const { code, all } = await moto.run(...MAIN, ...options);
    expect(code).toBe(2);
    expect(all).toContain(reason);
  });
});
