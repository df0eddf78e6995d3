import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startPageServer, type PageServer } from "../../local/server/page-server.ts";
import { launchChromium } from "../support/chromium.ts";
import { demoState } from "../support/demo-page.ts";
import { fakePage, quietState, type FakePage } from "../support/fake-page.ts";

const HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=1</script>';

let browser: Browser;
let fake: FakePage;
let server: PageServer;
let page: Page;
let problems: string[];

beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());

beforeEach(async () => {
  problems = [];
  fake = fakePage(demoState(Date.now()));
  server = await serve(0);
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) problems.push(message.text());
  });
});
afterEach(async () => {
  await page.close();
  await server.stop();
});

function serve(port: number): Promise<PageServer> {
  const { api, subscribe, setFault } = fake;
  return startPageServer({ port, api, subscribe, setFault, log: (message) => problems.push(message) });
}

async function open(hash = ""): Promise<void> {
  await page.goto(`${server.url}/${hash}`);
  await page.waitForSelector("#state:not(:has-text('Asking'))");
}

describe("the state of things", () => {
  test("the sentence follows an alarm without a reload", async () => {
    await open();
    expect(await page.textContent("#state")).toMatch(/^1 alarm in ALARM: Failures since /);
    fake.state.alarms = fake.state.alarms.map((alarm) => ({ ...alarm, state: "OK" }));
    fake.changed();
    await page.waitForSelector("#state:has-text('All 5 alarms OK since')");
    expect(problems).toEqual([]);
  });

  test("a restarted server is noticed, said and found again", async () => {
    await open();
    const { port } = server;
    await server.stop();
    await page.waitForSelector("#state:has-text('Disconnected since')");
    server = await serve(port);
    await page.waitForSelector("#state:has-text('1 alarm in ALARM')");
  });

  test("a stand-in says that it is one, and a real model does not", async () => {
    await open();
    expect(await page.textContent(".banner")).toBe("Answers come from a stand-in, not from a model.");
    fake.state.overview = { ...fake.state.overview, model: "bedrock" };
    fake.changed();
    await page.waitForSelector(".banner", { state: "detached" });
  });
});

describe("dashboards", () => {
  test("every kind of widget is drawn, lines on canvases that are not blank", async () => {
    await open();
    await page.waitForSelector(".grid canvas");
    for (const part of [
      ".chart canvas",
      ".number",
      ".gauge path",
      ".pie-slice",
      ".bar-fill",
      ".alarm-chips",
      ".log td",
      ".refused",
    ])
      expect(await page.locator(part).count(), part).toBeGreaterThan(0);
    const blank = await page.evaluate(
      `[...document.querySelectorAll("canvas")].filter((c) => !c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(Boolean)).length`,
    );
    expect(blank).toBe(0);
    expect(await page.textContent(".refused")).toContain("only AWS has");
    expect(problems).toEqual([]);
  });

  test("a tile of an alarm shows its short name and tells the whole", async () => {
    await open();
    const tile = page.locator(".alarm-chips a").first();
    expect(await tile.textContent()).toBe("Failures");
    expect(await tile.getAttribute("aria-label")).toBe("WristAgent-development-Failures");
  });

  test("a threshold is drawn in the colour of alarms", async () => {
    await open();
    await page.waitForSelector(".grid canvas");
    const red = `(() => {
      const c = document.querySelector("canvas");
      const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
      let n = 0;
      for (let i = 0; i < d.length; i += 4) if (d[i] > 160 && d[i + 1] < 60 && d[i + 2] < 60 && d[i + 3] > 200) n++;
      return n;
    })()`;
    expect(await page.evaluate(red)).toBeGreaterThan(100);
  });

  test("a time range is a link that asks for that range", async () => {
    await open();
    const asked = page.waitForRequest((request) => request.url().includes("range=86400"));
    await page.click("nav[aria-label='Time range'] >> text=1d");
    await asked;
    expect(page.url()).toContain("range=1d");
  });
});

describe("the other sections", () => {
  test("a mail opens as plain text with a link that can be followed", async () => {
    await open("#/inbox");
    await page.click(".mails a");
    expect(await page.textContent(".mail-body")).toContain("has entered the ALARM state.");
    expect(await page.getAttribute(".mail-body a", "href")).toBe("https://example.com/runbook/failures");
  });

  test("the fault panel starts a fault and ends it", async () => {
    await open("#/setup");
    await page.fill("input[type=number]", "25");
    await page.click("text=Start fault");
    await page.waitForSelector(".fault-active:has-text('throttle on 25 %')");
    expect(fake.state.overview.fault).toEqual({ kind: "throttle", rate: 0.25 });
    await page.click("text=End fault");
    await page.waitForSelector(".fault-active", { state: "detached" });
    expect(fake.state.overview.fault.kind).toBe("off");
  });

  test("a system without anything says what to do", async () => {
    Object.assign(fake.state, quietState(Date.now()));
    await open("#/requests");
    expect(await page.textContent(".empty")).toContain("npm run cli -- ask");
  });
});

test("text that looks like HTML is shown as text everywhere", async () => {
  const [view] = fake.state.dashboards;
  if (view === undefined) throw new Error("the demo has no dashboard");
  const place = { x: 0, y: 0, width: 24, height: 3 };
  fake.state.dashboards = [
    {
      ...view,
      notices: [HOSTILE],
      widgets: [
        { type: "text", place, background: "solid", markdown: `${HOSTILE}\n\n[x](javascript:alert(1))` },
        { type: "refused", place: { ...place, y: 3 }, title: HOSTILE, reason: HOSTILE },
      ],
    },
  ];
  fake.state.alarms = fake.state.alarms.map((alarm) => ({
    ...alarm,
    alarmName: HOSTILE,
    description: HOSTILE,
  }));
  fake.state.requests = fake.state.requests.map((row) => ({
    ...row,
    requestId: HOSTILE,
    line: { mode: HOSTILE },
  }));
  fake.state.mails = fake.state.mails.map((mail) => ({ ...mail, subject: HOSTILE, body: HOSTILE }));
  for (const hash of ["", "#/alarms", "#/requests", "#/inbox/mail-1"]) {
    await open(hash);
    await page.waitForSelector("main >> text=<script>");
    expect(await page.locator("main script, main img, a[href^=javascript]").count()).toBe(0);
    expect(await page.title()).toContain("Wrist Agent");
  }
  expect(problems).toEqual([]);
});

test("the keyboard alone reaches the sections and opens one", async () => {
  await open();
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to content");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".card.state-ALARM");
  expect(page.url()).toContain("#/alarms");
});

test.each(["", "#/alarms", "#/requests", "#/inbox/mail-1", "#/setup"])(
  "a phone shows %j without scrolling sideways",
  async (hash) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open(hash);
    await page.waitForSelector("main :is(.widget, .card, table)");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
  },
);
