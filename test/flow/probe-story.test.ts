import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { PROBE_LIMITS } from "../../lambda/contract/probe.ts";
import type { Runtime } from "../../local/runtime.ts";
import { buildAssembly } from "../support/built-assembly.ts";
import { startScriptedRuntime } from "../support/scripted-runtime.ts";

const MINUTE = 60_000;
const QUICK_TRIES = PROBE_LIMITS.triesAtMs.map((afterMs) => afterMs / 40);
const FAILING = "wrist-agent-development-probe-failing";

let directory: string;
let system: Runtime;
/** The probe's full question of research is due. */
const RESEARCH_MS = Date.UTC(2026, 10, 24);
const clock = new ManualClock(RESEARCH_MS - 45 * MINUTE - 20_000);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "wrist-agent-"));
  const assemblyDirectory = join(directory, "cdk.out");
  buildAssembly(assemblyDirectory, {
    stage: "development",
    context: { alarmEmail: "on-call@example.com" },
  });
  await shortenRuns(assemblyDirectory);
  system = await startScriptedRuntime({
    assemblyDirectory,
    dataDirectory: join(directory, "data"),
    clock,
  });
});

/**
 * The built probe with its tries a fifth of a second apart: it waits in a thread of its own, by that thread's
 * timers, and 48 seconds of each failing run would be spent in waiting.
 */
async function shortenRuns(assemblyDirectory: string): Promise<void> {
  const files = await readdir(assemblyDirectory, { recursive: true });
  let shortened = 0;
  for (const name of files.filter((each) => each.endsWith("index.cjs"))) {
    const file = join(assemblyDirectory, name);
    const code = await readFile(file, "utf8");
    const written = code.replace(/(triesAtMs: ?)\[[^\]]*\]/, `$1${JSON.stringify(QUICK_TRIES)}`);
    if (written === code) continue;
    shortened += 1;
    await writeFile(file, written);
  }
  expect(shortened).toBeGreaterThan(0);
}

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

// One day of one system: what comes first is told first.
describe("the probe", { shuffle: false }, () => {
  test("the probe of the templates asks by itself, its alarm waits for it, pages on an outage and returns on a served run", async () => {
    await clock.advance(12 * MINUTE);
    expect(stateOf(FAILING)).toBe("INSUFFICIENT_DATA");
    expect(await minutesUntil("OK", 3)).toBeGreaterThan(0);
    expect(system.requests(100).every(({ status, line }) => status === 200 && line.probe === 1)).toBe(true);
    // Once each when the system was ready, then the model every three minutes and the agent alone every
    // minute.
    const asked = (route: string) => system.requests(100).filter(({ line }) => line.route === route).length;
    expect(asked("ask")).toBeGreaterThanOrEqual(5);
    expect(asked("health")).toBeGreaterThanOrEqual(13);
    expect(words()).toEqual(["OK"]);

    system.setFault({ kind: "throttle", rate: 1 });
    expect(await minutesUntil("ALARM", 6)).toBeGreaterThan(0);
    system.setFault({ kind: "off", rate: 1 });
    expect(words()).toEqual(["ALARM", "OK"]);
    const [mail] = probeMails();
    expect(mail).toMatchObject({
      to: "on-call@example.com",
      subject: `ALARM: "${FAILING}" in US West (Oregon)`,
    });
    expect(mail?.body).toContain("For the user: Users most likely get no answer now");

    expect(await minutesUntil("OK", 15)).toBeGreaterThan(0);
    expect(words()).toEqual(["OK", "ALARM", "OK"]);
    expect(stateOf("wrist-agent-development-failing-now")).not.toBe("ALARM");
  });

  test("one mode that fails alone is paged once it is asked in full, and not before, and the probe's line names it", async () => {
    system.setFault({ kind: "error", rate: 1, mode: "research" });
    while (clock.now() < RESEARCH_MS - MINUTE) await clock.advance(MINUTE);
    expect(stateOf(FAILING)).toBe("OK");
    expect(await minutesUntil("ALARM", 4)).toBeGreaterThan(0);
    const failed = system.requests(100).filter(({ line }) => line.probe === 1 && line.outcome === "upstream");
    expect(new Set(failed.map(({ line }) => line.mode))).toEqual(new Set(["research"]));
    // Every later question to the model is of that mode, until one is answered.
    await clock.advance(12 * MINUTE);
    expect(stateOf(FAILING)).toBe("ALARM");
    system.setFault({ kind: "off", rate: 1 });
    expect(await minutesUntil("OK", 15)).toBeGreaterThan(0);
  });
});
