import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Runtime } from "../../local/runtime.ts";
import { startScriptedRuntime } from "../support/scripted-runtime.ts";
import { TINY_ASSEMBLY } from "../support/grown-assembly.ts";

const MINUTE = 60_000;

let directory: string;
let clock: ManualClock;
let runtime: Runtime | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "preview-"));
  clock = new ManualClock(Date.UTC(2026, 10, 23, 12));
  await cp(TINY_ASSEMBLY, join(directory, "cdk.out"), { recursive: true });
  // Another project: its function is Python, and nobody calls it by a URL.
  const file = join(directory, "cdk.out", "Tiny.template.json");
  const template = JSON.parse(await readFile(file, "utf8")) as { Resources: Record<string, object> };
  delete template.Resources.Url;
  const text = JSON.stringify(template).replace("nodejs24.x", "python3.12");
  await writeFile(file, text);
});
afterEach(async () => {
  await runtime?.stop();
  await rm(directory, { recursive: true });
});

const start = async (): Promise<Runtime> =>
  (runtime = await startScriptedRuntime({
    assemblyDirectory: join(directory, "cdk.out"),
    stage: "Tiny",
    dataDirectory: join(directory, "data"),
    clock,
  }));

const feed = async (body: object): Promise<number> => {
  const response = await fetch(new URL("/api/metrics", runtime?.addresses.page), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.status;
};

test("an assembly without a Function URL shows its dashboards and alarms, and names what does not run", async () => {
  const preview = await start();
  expect(preview.addresses.functionUrl).toBe("");
  expect(preview.overview()).toMatchObject({
    functionUrl: "",
    region: "eu-west-1",
    dashboards: ["tiny"],
    askModes: [],
  });
  expect(preview.alarms().map(({ alarmName }) => alarmName)).toEqual(["tiny-failing"]);
  expect((await preview.dashboard({ name: "tiny" }))?.widgets).toHaveLength(2);
  expect(preview.notices.join("\n")).toMatch(/no Function URL is served: no function that runs here has one/);
  expect(preview.notices.join("\n")).toMatch(/has runtime python3\.12, which the local runtime does not run/);
});

test("metrics that are fed reach its alarms and dashboards, and are there after a restart", async () => {
  const preview = await start();
  const failure = {
    namespace: "Tiny",
    metricName: "Failure",
    dimensions: { service: "tiny" },
    timestampMs: clock.now() - MINUTE,
    values: [9],
  };
  const cpu = { ...failure, namespace: "AWS/EC2", metricName: "CPUUtilization", dimensions: {} };
  expect(await feed({ region: "eu-west-1", data: [failure, cpu] })).toBe(200);
  expect(await feed({ region: "moon-1", data: [failure] })).toBe(400);
  await clock.advance(MINUTE);
  expect(preview.alarms()[0]?.state).toBe("ALARM");
  await runtime?.stop();
  const again = await start();
  expect(again.alarms()[0]?.state).toBe("ALARM");
  expect(again.metricsSeen()).toMatchObject({ Tiny: ["Failure"], "AWS/EC2": ["CPUUtilization"] });
});
