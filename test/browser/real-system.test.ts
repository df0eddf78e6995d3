import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { synthesise } from "../../local/assembly/synthesise.ts";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { Runtime } from "../../local/runtime.ts";
import { launchChromium } from "../support/chromium.ts";
import { dictate } from "../support/dictation.ts";
import { RANGES } from "../../local/web/state/route.ts";
import { startScriptedRuntime } from "../support/scripted-runtime.ts";

const PROJECT = join(import.meta.dirname, "..", "..");
const MINUTE = 60_000;
const FAILING = "wrist-agent-development-failing-now";
/** As the page shows it. */
const SHORT = "failing-now";
const SUBJECT = ` "${FAILING}" in US West (Oregon)`;

let directory: string;
let browser: Browser;
let clock: ManualClock;
let system: Runtime;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "wrist-agent-browser-"));
  const assemblyDirectory = join(directory, "cdk.out");
  await synthesise({
    projectDirectory: PROJECT,
    stage: "development",
    outDirectory: assemblyDirectory,
    context: { alarmEmail: "on-call@example.com", probeMinutes: "0" },
  });
  clock = new ManualClock(Date.UTC(2026, 10, 23, 17, 0, 20));
  system = await startScriptedRuntime({
    assemblyDirectory,
    dataDirectory: join(directory, "data"),
    clock,
    requestColumns: [{ field: "outcome", label: "Outcome" }],
  });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await system.stop();
  await rm(directory, { recursive: true });
});

const ask = async (): Promise<number> =>
  (await dictate(system.addresses.functionUrl, system.token, { text: "water the fern tonight" })).status;

const stateOfFailing = () => system.alarms().find(({ alarmName }) => alarmName === FAILING)?.state;

/** Moves the clock on, with a request a minute, until the alarm takes the state. */
async function untilFailingIs(state: string): Promise<void> {
  for (let minute = 0; minute < 40 && stateOfFailing() !== state; minute += 1) {
    await ask();
    await clock.advance(MINUTE);
  }
  expect(stateOfFailing()).toBe(state);
}

async function open(page: Page, hash: string): Promise<void> {
  await page.goto(`${system.addresses.page}/${hash}`);
  await page.waitForSelector("#state:not(:has-text('Asking'))");
}

test("a reader of the page sees a request, a fault that they start, its alarm and mail, and the recovery", async () => {
  const problems: string[] = [];
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });

  await open(page, "#/requests");
  await page.waitForSelector(".empty");
  expect(await ask()).toBe(200);
  await page.waitForSelector("table.requests tbody tr:has-text('200')");
  await untilFailingIs("OK");

  await open(page, "#/setup");
  await page.click("summary:has-text('Faults')");
  await page.selectOption("form.fault select[name=kind]", "throttle");
  await page.fill("form.fault input[type=number]", "100");
  await page.click("text=Start fault");
  await page.waitForSelector(".fault-active:has-text('throttle on 100 %')");
  expect(await ask()).toBe(429);
  await page.click("nav[aria-label=Sections] >> text=Requests");
  await page.waitForSelector("table.requests tbody tr:has-text('429')");

  await untilFailingIs("ALARM");
  await page.waitForSelector(`#state:has-text('in ALARM'):has-text('${SHORT} (page) since')`);
  await page.click("nav[aria-label=Sections] >> text=Inbox");
  await page.click(`.mails a[title='ALARM:${SUBJECT}']`);
  await page.waitForSelector(".mail-body:has-text('has entered the ALARM state')");

  await page.click("nav[aria-label=Sections] >> text=Dashboards");
  await page.waitForSelector(".grid canvas");
  await page.waitForSelector(".log td:has-text('throttled')");

  await page.click("nav[aria-label=Sections] >> text=Setup");
  await page.click("text=End fault");
  await page.waitForSelector(".fault-active", { state: "detached" });
  expect(await ask()).toBe(200);
  await untilFailingIs("OK");
  await page.waitForSelector(`#state:not(:has-text('${SHORT}'))`);
  await page.click("nav[aria-label=Sections] >> text=Inbox");
  await page.waitForSelector(`.mails a[title='OK:${SUBJECT}']`);

  // Every range shows what there was, in periods of its own, and says what it shows.
  await page.click("nav[aria-label=Sections] >> text=Dashboards");
  for (const range of Object.keys(RANGES)) {
    await page.click(`nav[aria-label='Time range'] >> text='${range}'`);
    await page.waitForSelector(`nav[aria-label='Time range'] a[aria-current]:text-is('${range}')`);
    await page.waitForSelector("[aria-busy=false] .grid canvas");
    const number = page.locator(".widget[aria-label=Requests] .number-value");
    await expect.poll(() => number.textContent(), { message: range }).toMatch(/^[1-9]\d*$/);
    const counted = page.locator(".widget[aria-label^='Requests per'] .legend-value");
    await expect
      .poll(() => counted.allTextContents(), { message: range })
      .toContainEqual(expect.stringMatching(/^[1-9]/));
    expect(await page.locator(".widget.refused, .notice").count(), range).toBe(0);
  }
  expect(problems).toEqual([]);
});
