import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { startRuntime, type Runtime } from "../../local/runtime.ts";
import { buildAssembly } from "../support/built-assembly.ts";

const MINUTE = 60_000;
const FAILING = "wrist-agent-development-probe-failing";

let directory: string;
let system: Runtime;
const clock = new ManualClock(Date.UTC(2026, 10, 23, 17, 2, 40));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "wrist-agent-"));
  const assemblyDirectory = join(directory, "cdk.out");
  buildAssembly(assemblyDirectory, {
    stage: "development",
    context: { alarmEmail: "on-call@example.com" },
  });
  system = await startRuntime({
    assemblyDirectory,
    stage: "development",
    dataDirectory: join(directory, "data"),
    ports: { page: 0, url: 0, aws: 0 },
    model: "scripted",
    clock,
    latency: "none",
    requestColumns: [],
    callerEnvironment: {},
  });
}, 120_000);

afterAll(async () => {
  await system.stop();
  await rm(directory, { recursive: true });
});

function stateOf(alarmName: string): string | undefined {
  return system.alarms().find((alarm) => alarm.alarmName === alarmName)?.state;
}

/** Newest first. */
function probeMails(): ReturnType<Runtime["mails"]> {
  return system.mails().filter(({ alarmName }) => alarmName === FAILING);
}

function words(): readonly string[] {
  return probeMails().map(({ subject }) => subject.replace(/:.*/, ""));
}

/** Minutes until the alarm takes the state, at most `most`. */
async function minutesUntil(state: string, most: number): Promise<number> {
  for (let minute = 0; minute <= most; minute += 1) {
    if (stateOf(FAILING) === state) return minute;
    await clock.advance(MINUTE);
  }
  throw new Error(`${FAILING} is ${stateOf(FAILING) ?? "missing"} after ${most} minutes, not ${state}`);
}

test("the probe of the templates asks by itself, its alarm waits for it, pages on an outage and returns on a served run", async () => {
  await clock.advance(12 * MINUTE);
  expect(stateOf(FAILING)).toBe("INSUFFICIENT_DATA");
  expect(await minutesUntil("OK", 3)).toBeGreaterThan(0);
  expect(system.requests().every(({ status, line }) => status === 200 && line.probe === 1)).toBe(true);
  // Once when the system was ready, then every four minutes from 17:04 to 17:16.
  expect(system.requests()).toHaveLength(5);
  expect(words()).toEqual(["OK"]);

  system.setFault({ kind: "throttle", rate: 1 });
  expect(await minutesUntil("ALARM", 7)).toBeGreaterThan(0);
  system.setFault({ kind: "off", rate: 1 });
  expect(words()).toEqual(["ALARM", "OK"]);
  const [mail] = probeMails();
  expect(mail).toMatchObject({
    to: "on-call@example.com",
    subject: `ALARM: "${FAILING}" in US West (Oregon)`,
  });
  expect(mail?.body).toContain("For the user: Whoever dictates now most likely gets no answer");

  expect(await minutesUntil("OK", 7)).toBeGreaterThan(0);
  expect(words()).toEqual(["OK", "ALARM", "OK"]);
  expect(stateOf("wrist-agent-development-failing-now")).not.toBe("ALARM");
}, 60_000);
