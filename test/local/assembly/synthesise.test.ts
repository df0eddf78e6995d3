import { mkdtemp, readFile, rm, watch, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { synthesise, SynthesisError } from "../../../local/assembly/synthesise.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "synthesis-"));
});
afterEach(() => rm(directory, { recursive: true }));

/** Writes a project whose app is the given module text, and what `synthesise` needs to run it. */
async function project(app: string, settings: Readonly<Record<string, unknown>> = {}) {
  await writeFile(join(directory, "app.mjs"), app);
  const json = { app: "node app.mjs", ...settings };
  await writeFile(join(directory, "cdk.json"), JSON.stringify(json));
  return { projectDirectory: directory, stage: "staging", outDirectory: join(directory, "out") };
}

const WRITES_ITS_ENVIRONMENT = `
  import { writeFileSync } from "node:fs";
  const { CDK_OUTDIR, CDK_CONTEXT_JSON, CDK_DEFAULT_REGION = "none" } = process.env;
  writeFileSync(CDK_OUTDIR + "/seen.json", JSON.stringify({ CDK_CONTEXT_JSON, CDK_DEFAULT_REGION }));
`;

test("the app gets its output directory and context as the CDK CLI gives them", async () => {
  process.env.CDK_DEFAULT_REGION = "eu-north-1";
  const settings = { context: { "@aws-cdk/flag": true, stage: "production" }, pathMetadata: false };
  const request = await project(WRITES_ITS_ENVIRONMENT, settings);
  await synthesise({ ...request, context: { alarmEmail: "me@example.com" } });
  delete process.env.CDK_DEFAULT_REGION;
  const seen = JSON.parse(await readFile(join(directory, "out", "seen.json"), "utf8")) as {
    readonly CDK_CONTEXT_JSON: string;
  };
  expect(seen).toMatchObject({ CDK_DEFAULT_REGION: "none" });
  expect(JSON.parse(seen.CDK_CONTEXT_JSON)).toEqual({
    "@aws-cdk/flag": true,
    "aws:cdk:enable-path-metadata": false,
    "aws:cdk:enable-asset-metadata": true,
    "aws:cdk:bundling-stacks": ["**"],
    stage: "staging",
    alarmEmail: "me@example.com",
  });
});

test("an older report of warnings is no part of a new synthesis", async () => {
  const request = await project(WRITES_ITS_ENVIRONMENT);
  await synthesise(request);
  await writeFile(join(request.outDirectory, "validation-report.json"), "{}");
  await synthesise(request);
  await expect(readFile(join(request.outDirectory, "validation-report.json"))).rejects.toThrow("ENOENT");
});

test.each<[string, string, string]>([
  ["throws", 'throw new Error("unknown stage: use one of a, b");', "unknown stage: use one of a, b"],
  [
    "throws its own kind of error",
    'class ConfigError extends Error { name = "ConfigError" }; throw new ConfigError("no region");',
    "no region",
  ],
  ["prints and exits", 'process.stderr.write("no such file\\n"); process.exit(1);', "no such file"],
  ["fails silently", "process.exit(2);", "the app failed and said nothing: run npm run synth to see why"],
])("an app that %s gives its own message", async (_name, app, message) => {
  const failure: unknown = await synthesise(await project(app)).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SynthesisError);
  expect((failure as Error).message.split("\n")[0]).toBe(message);
  expect((failure as Error).message).not.toMatch(/^\s+at /m);
});

test("an abort ends the app, which would run for ever", async () => {
  const abort = new AbortController();
  const request = await project(
    'import { writeFileSync } from "node:fs"; writeFileSync("started", ""); setInterval(() => {}, 1000);',
  );
  const seen = watch(directory);
  const running = synthesise({ ...request, signal: abort.signal });
  running.catch(() => undefined);
  for await (const { filename } of seen) if (filename === "started") break;
  abort.abort(new Error("stopped by the user"));
  // Settles only when nothing holds the app's standard error any more: when the app itself is gone.
  await expect(running).rejects.toThrow("stopped by the user");
});

test("a project without cdk.json, or whose cdk.json names no app, is refused by name", async () => {
  const request = { projectDirectory: directory, stage: "s", outDirectory: join(directory, "out") };
  await expect(synthesise(request)).rejects.toThrow(/cannot read .*cdk\.json/);
  await writeFile(join(directory, "cdk.json"), "{}");
  await expect(synthesise(request)).rejects.toThrow(/names no "app"/);
});
