/**
 * Makes the pictures of the README on the real synthesised system: some hours of dictating, then an outage of
 * the model.
 *
 * Usage: node --conditions=source --import tsx test/browser/readme-picture.ts [DIRECTORY]; it takes some
 * minutes, as the stand-in answers as slowly as a model.
 *
 * - page.png, page-dark.png: the on-call dashboard while the model is throttled
 * - alarm.png: the alarm opened; phone.png: its mail on a phone
 * - story.svg: from a good hour to the mail and back, as pictures that follow each other
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { SELF_CHECK_QUESTIONS } from "../../bin/commands/self-check.ts";
import { REQUEST_COLUMNS } from "../../bin/cli/request-columns.ts";
import { MODES } from "../../lambda/contract/request.ts";
import { synthesise } from "../../local/assembly/synthesise.ts";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { startRuntime, type Runtime } from "../../local/runtime.ts";
import { launchChromium } from "../support/chromium.ts";
import { dictate } from "../support/dictation.ts";
import { type StoryFrame, storySvg } from "../support/story-svg.ts";
import { seededRandom } from "../../local/random.ts";

const PROJECT = join(import.meta.dirname, "..", "..");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Requests in each of the hours before the outage. */
const BY_HOUR = [3, 4, 2] as const;
const STAGE = "production";
const FAILING = `wrist-agent-${STAGE}-failing-now`;

const random = seededRandom(7);

async function ask(system: Runtime): Promise<void> {
  const mode = MODES[Math.floor(random() * random() * MODES.length)] ?? "note";
  await dictate(system.addresses.functionUrl, system.token, { ...SELF_CHECK_QUESTIONS[mode], mode });
}

async function dictateHours(system: Runtime, clock: ManualClock): Promise<void> {
  for (const requests of BY_HOUR) {
    for (let n = 0; n < requests; n += 1) {
      await clock.advance(Math.floor((HOUR / requests) * 0.9 * random()));
      await ask(system);
    }
    await clock.advance(HOUR - (clock.now() % HOUR));
  }
  await clock.advance(7 * MINUTE);
}

/** Asks a few times a minute until an alarm takes a state. */
async function until(system: Runtime, clock: ManualClock, state: "ALARM" | "OK"): Promise<void> {
  const stateNow = () => system.alarms().find(({ alarmName }) => alarmName === FAILING)?.state;
  for (let minute = 0; minute < 30 && stateNow() !== state; minute += 1) {
    await ask(system);
    await clock.advance(MINUTE / 2);
    await ask(system);
    await clock.advance(MINUTE / 2);
  }
}

interface Camera {
  readonly browser: Browser;
  readonly system: Runtime;
  readonly directory: string;
}

interface Shot {
  readonly hash: string;
  /** What must be drawn. */
  readonly wait: string;
  readonly width: number;
  readonly height: number;
  readonly colorScheme?: "light" | "dark";
  readonly density?: number;
}

/** A page as a reader sees it, once what a shot waits for is drawn. */
async function framed({ browser, system }: Camera, shot: Shot): Promise<Page> {
  const { hash, wait, width, height, colorScheme = "light", density = 1.5 } = shot;
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme,
    deviceScaleFactor: density,
    timezoneId: "America/Los_Angeles",
  });
  await page.goto(`${system.addresses.page}/${hash}`);
  await page.waitForSelector(wait);
  // The last chart is drawn in a task after the selector's.
  await page.waitForFunction(
    "document.querySelectorAll('.chart-plot').length === document.querySelectorAll('.u-wrap').length",
  );
  return page;
}

async function picture(camera: Camera, name: string, shot: Shot): Promise<void> {
  const page = await framed(camera, shot);
  await page.screenshot({ path: join(camera.directory, name) });
  await page.close();
}

async function frame(
  camera: Camera,
  caption: string,
  shot: Pick<Shot, "hash" | "wait">,
): Promise<StoryFrame> {
  const page = await framed(camera, { ...shot, width: 1100, height: 690, density: 1 });
  const jpeg = await page.screenshot({ type: "jpeg", quality: 68 });
  await page.close();
  return { caption, jpeg };
}

const DASHBOARD = { hash: "#/dashboards?range=3h", wait: ".grid .u-wrap canvas" } as const;

/** The outage and its end, with a picture of each step. */
async function story(camera: Camera, clock: ManualClock): Promise<readonly StoryFrame[]> {
  const { system } = camera;
  const frames = [await frame(camera, "A quiet morning: every alarm is OK.", DASHBOARD)];
  system.setFault({ kind: "throttle", rate: 1 });
  for (let n = 0; n < 3; n += 1) await ask(system);
  frames.push(
    await frame(camera, "Bedrock throttles: the Shortcut gets errors.", {
      hash: "#/requests",
      wait: "table.requests .result-failed",
    }),
  );
  await until(system, clock, "ALARM");
  // The on-call engineer comes some minutes later.
  for (let minute = 0; minute < 7; minute += 1) {
    await ask(system);
    await clock.advance(MINUTE);
  }
  frames.push(
    await frame(camera, "Minutes later: which alarms, since when, how urgent.", {
      ...DASHBOARD,
      wait: ".level-alarm",
    }),
  );
  const alarm = { hash: `#/alarms/${FAILING}`, wait: ".card.selected .alarm-chart canvas" };
  frames.push(await frame(camera, "The alarm: what it saw, in words and against its threshold.", alarm));
  const mail = system
    .mails()
    .find(({ alarmName, subject }) => alarmName === FAILING && subject.startsWith("ALARM"));
  const inbox = { hash: `#/inbox/${mail?.id ?? ""}`, wait: ".mail-body" };
  frames.push(await frame(camera, "The mail: what happened, what to do first, where to look.", inbox));
  await outagePictures(camera, { alarm, inbox });
  system.setFault({ kind: "off", rate: 1 });
  await until(system, clock, "OK");
  frames.push(
    await frame(camera, "The model is back: an answer is the proof, and OK is mailed.", {
      hash: "#/inbox",
      wait: ".mails",
    }),
  );
  return frames;
}

async function outagePictures(
  camera: Camera,
  { alarm, inbox }: Readonly<Record<"alarm" | "inbox", Pick<Shot, "hash" | "wait">>>,
): Promise<void> {
  const desk = { ...DASHBOARD, width: 1280, height: 1300 };
  await picture(camera, "page.png", desk);
  await picture(camera, "page-dark.png", { ...desk, colorScheme: "dark" });
  await picture(camera, "alarm.png", { ...alarm, width: 1280, height: 900 });
  await picture(camera, "phone.png", { ...inbox, width: 390, height: 844, density: 2 });
}

async function main(directory: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), "wrist-agent-"));
  const assemblyDirectory = join(work, "cdk.out");
  const context = { alarmEmail: "on-call@example.com", regions: "" };
  await synthesise({ projectDirectory: PROJECT, stage: STAGE, outDirectory: assemblyDirectory, context });
  const clock = new ManualClock(Math.floor(Date.now() / HOUR - BY_HOUR.length) * HOUR);
  const system = await startRuntime({
    assemblyDirectory,
    stage: STAGE,
    clock,
    requestColumns: REQUEST_COLUMNS,
    dataDirectory: join(work, "data"),
    ports: { page: 0, url: 0, aws: 0 },
    model: "scripted",
    latency: "believable",
    callerEnvironment: {},
  });
  const browser = await launchChromium();
  try {
    await dictateHours(system, clock);
    const frames = await story({ browser, system, directory }, clock);
    await writeFile(join(directory, "story.svg"), storySvg(frames, { width: 1100, height: 690 }));
  } finally {
    await browser.close();
    await system.stop();
    await rm(work, { recursive: true });
  }
}

await main(process.argv[2] ?? join(PROJECT, "docs", "images"));
