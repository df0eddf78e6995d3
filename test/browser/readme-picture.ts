/**
 * Makes docs/images/page.png: a day of dictating on the real synthesised system, the model throttled at its end.
 *
 * Usage: node --conditions=source --import tsx test/browser/readme-picture.ts [OUT.png]; it takes about six minutes: the probe waits for 288 answers.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SELF_CHECK_QUESTIONS } from "../../bin/commands/self-check.ts";
import { REQUEST_COLUMNS } from "../../bin/cli/request-columns.ts";
import { MODES } from "../../lambda/contract/request.ts";
import { synthesise } from "../../local/assembly/synthesise.ts";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { startRuntime, type Runtime } from "../../local/runtime.ts";
import { dictate } from "../support/dictation.ts";
import { seededRandom } from "../../local/random.ts";
import { takeScreenshot } from "../support/take-screenshot.ts";

const PROJECT = join(import.meta.dirname, "..", "..");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Requests in each of the 24 hours before the picture. */
const BY_HOUR = [1, 0, 2, 1, 1, 0, 1, 2, 1, 0, 0, 0, 0, 0, 1, 0, 2, 3, 2, 1, 1, 2, 1, 2];

const SHOT = { width: 1280, height: 1300, colorScheme: "light", density: 1.5, fullPage: false } as const;

const random = seededRandom(7);

async function dictateDay(system: Runtime, clock: ManualClock): Promise<void> {
  for (const requests of BY_HOUR) {
    for (let n = 0; n < requests; n += 1) {
      await clock.advance(Math.floor((HOUR / requests) * 0.9 * random()));
      await ask(system);
    }
    await clock.advance(HOUR - (clock.now() % HOUR));
  }
}

async function ask(system: Runtime): Promise<void> {
  const mode = MODES[Math.floor(random() * random() * MODES.length)] ?? "note";
  await dictate(system.addresses.functionUrl, system.token, { ...SELF_CHECK_QUESTIONS[mode], mode });
}

async function throttled(system: Runtime, clock: ManualClock): Promise<void> {
  system.setFault({ kind: "throttle", rate: 1 });
  for (let n = 0; n < 3; n += 1) {
    await ask(system);
    await clock.advance(MINUTE / 2);
  }
  await clock.advance(6 * MINUTE);
}

async function main(out: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "wrist-agent-"));
  const assemblyDirectory = join(directory, "cdk.out");
  const stage = "production";
  const context = { alarmEmail: "on-call@example.com" };
  await synthesise({ projectDirectory: PROJECT, stage, outDirectory: assemblyDirectory, context });
  const clock = new ManualClock(Math.floor(Date.now() / HOUR - BY_HOUR.length) * HOUR);
  const system = await startRuntime({
    assemblyDirectory,
    stage,
    clock,
    requestColumns: REQUEST_COLUMNS,
    dataDirectory: join(directory, "data"),
    ports: { page: 0, url: 0, aws: 0 },
    model: "scripted",
    latency: "believable",
    callerEnvironment: {},
  });
  try {
    await dictateDay(system, clock);
    await throttled(system, clock);
    await takeScreenshot(system.addresses.page, out, SHOT);
  } finally {
    await system.stop();
    await rm(directory, { recursive: true });
  }
}

await main(process.argv[2] ?? join(PROJECT, "docs", "images", "page.png"));
