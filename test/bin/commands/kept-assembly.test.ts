import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  type AssemblyInputs,
  assemblyKey,
  forgetKey,
  isKept,
  keepKey,
} from "../../../bin/commands/kept-assembly.ts";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "wrist-agent-kept-"));
  for (const path of FILES) await write(path, "before");
});

afterEach(() => rm(directory, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), text);
}

/** Everything of which an assembly is made. */
const FILES = [
  "lib/app.ts",
  "lib/constructs/hosting.ts",
  "lambda/agent/handler.ts",
  "dashboards/on-call.ts",
  "packages/cloudwatch/src/alarm.ts",
  "bin/app.ts",
  "cdk.json",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  ".env.development",
];

const key = (over: Partial<AssemblyInputs> = {}): string =>
  assemblyKey({
    projectDirectory: directory,
    stage: "development",
    context: { alarmEmail: "a@example.com" },
    environment: { HOME: "/home/me", MONTHLY_BUDGET_USD: "5" },
    ...over,
  });

describe("what an assembly is made of", () => {
  test.each(FILES)("a change of %s asks for a new one", async (path) => {
    const before = key();
    expect(key()).toBe(before);
    await write(path, "after");
    expect(key()).not.toBe(before);
  });

  test.each(["lib/new.ts", ".env", ".env.staging", "lambda/probe/new.ts", "cdk.context.json"])(
    "the new file %s asks for a new one, and its going too",
    async (path) => {
      const before = key();
      await write(path, "");
      expect(key()).not.toBe(before);
      await rm(join(directory, path));
      expect(key()).toBe(before);
    },
  );

  test("a file that changes its name, or two that change places, ask for a new one", async () => {
    const before = key();
    await write("lib/app.ts", "x");
    await write("bin/app.ts", "y");
    const one = key();
    await write("lib/app.ts", "y");
    await write("bin/app.ts", "x");
    expect(new Set([before, one, key()]).size).toBe(3);
  });

  test.each<[string, Partial<AssemblyInputs>]>([
    ["the stage", { stage: "production" }],
    ["an option", { context: { alarmEmail: "b@example.com" } }],
    ["one more option", { context: { alarmEmail: "a@example.com", regions: "" } }],
    ["a variable", { environment: { HOME: "/home/me", MONTHLY_BUDGET_USD: "6" } }],
    ["a new variable", { environment: { HOME: "/home/me", MONTHLY_BUDGET_USD: "5", PROBE_MINUTES: "5" } }],
    ["a variable that is gone", { environment: { HOME: "/home/me" } }],
  ])("%s that is another one asks for a new one", (_what, over) => {
    expect(key(over)).not.toBe(key());
  });

  test("what the templates do not depend on asks for nothing", async () => {
    const before = key();
    await write("local/runtime.ts", "x");
    await write("docs/alarms.md", "x");
    await write("lib/node_modules/x/index.js", "x");
    await write("bin/commands/start.ts", "x");
    expect(key()).toBe(before);
    const environment = {
      MONTHLY_BUDGET_USD: "5",
      HOME: "/home/me",
      SHLVL: "3",
      npm_lifecycle_event: "start",
      TERM: "xterm",
    };
    expect(key({ environment })).toBe(before);
  });
});

describe("an assembly that was kept", () => {
  const out = (): string => join(directory, "out");
  beforeEach(async () => {
    await write("out/manifest.json", "{}");
    await write("out/asset.1/index.cjs", "code");
    await keepKey(out(), "k");
  });

  test("is used again under its key alone", () => {
    expect(isKept(out(), "k")).toBe(true);
    expect(isKept(out(), "other")).toBe(false);
    expect(isKept(join(directory, "nowhere"), "k")).toBe(false);
  });

  test.each<[string, () => Promise<void>]>([
    ["was changed", () => write("out/asset.1/index.cjs", "changed")],
    ["is gone", () => rm(join(directory, "out/asset.1/index.cjs"))],
    ["came in", () => write("out/asset.2/index.cjs", "new")],
    ["is a cut-off key", () => write("out.key.json", '{"key":"k')],
  ])("is not used when a file of it %s", async (_what, damage) => {
    await damage();
    expect(isKept(out(), "k")).toBe(false);
  });

  test("is not used after its key was forgotten, which a killed synthesis leaves", () => {
    forgetKey(out());
    expect(isKept(out(), "k")).toBe(false);
  });
});
