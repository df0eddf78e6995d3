import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { MetricWidgetView, SeriesView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";
import { startPageServer, type PageServer } from "../../local/server/page-server.ts";
import { launchChromium } from "../support/chromium.ts";
import { metricWidget } from "../support/demo-dashboard.ts";
import { poorTexts } from "../support/contrast.ts";
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
  const { api, subscribe, setFault, setAlarmState, changeSubscription, feedMetrics } = fake;
  return startPageServer({
    port,
    api,
    subscribe,
    setFault,
    setAlarmState,
    changeSubscription,
    feedMetrics,
    log: (message) => problems.push(message),
  });
}

async function open(hash = ""): Promise<void> {
  await page.goto(`${server.url}/${hash}`);
  await page.waitForSelector("#state:not(:has-text('Asking'))");
}

/** Waits: the title is set after the page is drawn. */
function titled(part: string): Promise<void> {
  return expect.poll(() => page.title()).toContain(part);
}

describe("the state of things", () => {
  test("the sentence follows an alarm without a reload", async () => {
    await open();
    await expect
      .poll(() => page.textContent("#state"))
      .toMatch(/^1 alarm in ALARM: Failures \(page\) since /);
    fake.state.alarms = fake.state.alarms.map((alarm) => ({ ...alarm, state: "OK" }));
    fake.changed();
    await page.waitForSelector("#state:has-text('All 5 alarms OK since')");
    expect(problems).toEqual([]);
  });

  test("an alarm's name in the sentence leads to the alarm, opened and in view", async () => {
    fake.state.alarms = fake.state.alarms.map((alarm) => ({ ...alarm, state: "ALARM" }));
    await page.setViewportSize({ width: 1280, height: 400 });
    await open();
    await page.click("#state a:has-text('Spend')");
    const card = page.locator(".card.selected");
    await card.waitFor();
    await expect.poll(() => card.locator("h3").textContent()).toBe("WristAgent-development-Spend");
    await expect.poll(() => card.locator(".alarm-body").isVisible()).toBe(true);
    await expect.poll(async () => (await card.boundingBox())?.y).toBeLessThan(400);
    await expect.poll(() => page.evaluate("document.activeElement.tagName")).toBe("SUMMARY");
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

  test("without a server nothing is said to be drawn, and what is asked of it says why it is not done", async () => {
    fake.state.overview = { ...fake.state.overview, fault: { kind: "throttle", rate: 0.001 } };
    await open("#/dashboards");
    await page.waitForSelector(".fault-active:has-text('throttle on 0.1 % of requests')");
    const { port } = server;
    await server.stop();
    await page.waitForSelector("#state:has-text('Disconnected since')");
    await page.click("nav[aria-label=Dashboards] >> text=Cost");
    await page.waitForSelector(
      ".empty:text-is('The local runtime does not answer: Cost is drawn as soon as it does.')",
    );
    await page.click("text=End fault");
    await page.waitForSelector(".fault-active:has-text('the local runtime does not answer')");
    server = await serve(port);
    await page.waitForSelector(".empty", { state: "detached" });
  });

  test("a stand-in says that it is one, and a real model does not", async () => {
    await open();
    await expect
      .poll(() => page.textContent(".banner"))
      .toBe("Answers come from a stand-in, not from a model.");
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
      ".alarm-tiles",
      ".log td",
      ".refused",
    ])
      await page.waitForSelector(part, { state: "attached" });
    const blank =
      '[...document.querySelectorAll("canvas")].filter((c) => !c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some(Boolean)).length';
    await expect.poll(() => page.evaluate(blank)).toBe(0);
    await expect.poll(() => page.textContent(".refused")).toContain("only AWS has");
    expect(problems).toEqual([]);
  });

  test("a tile of an alarm shows its short name, since when, and how urgent it is", async () => {
    await open();
    const tile = page.locator(".alarm-tiles a").first();
    await expect.poll(() => tile.textContent()).toMatch(/^FailuresALARMsince \d\d:\d\dpage$/);
    await expect.poll(() => tile.getAttribute("title")).toBe("WristAgent-development-Failures");
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
    await expect.poll(() => page.evaluate(red)).toBeGreaterThan(100);
  });

  describe("of few points", () => {
    const chart = async (change: Partial<MetricWidgetView>): Promise<void> => {
      const [view] = fake.state.dashboards;
      if (view === undefined) throw new Error("the demo has no dashboard");
      const place = { x: 0, y: 0, width: 24, height: 6 };
      fake.state.dashboards = [{ ...view, widgets: [metricWidget({ place, ...change })] }];
      await open();
      await page.waitForSelector(".grid canvas");
    };
    const line = (color: string, values: readonly (number | null)[]): SeriesView => {
      const startMs = fake.state.dashboards[0]?.startMs ?? 0;
      return { id: color, label: color, color, yAxis: "left", startMs, periodSeconds: 60, values };
    };
    /** Waits until the colour is there, and counts it. */
    const drawn = async (color: string): Promise<number> => {
      await expect.poll(() => pixels(color)).toBeGreaterThan(20);
      return pixels(color);
    };
    const pixels = (color: string): Promise<number> =>
      page.evaluate(`(() => {
        const c = document.querySelector("canvas");
        const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
        const wanted = [1, 3, 5].map((at) => parseInt("${color}".slice(at, at + 2), 16));
        let n = 0;
        for (let i = 0; i < d.length; i += 4) if (wanted.every((part, k) => Math.abs(d[i + k] - part) < 12)) n++;
        return n;
      })()`);

    test("a lone point is a dot, and so are two that are too close for a line", async () => {
      await chart({ series: [line("#3f7fd9", [null, 5, null])] });
      const lone = await drawn("#3f7fd9");
      await chart({ series: [line("#3f7fd9", [null, 5, 5, null])] });
      await expect.poll(() => pixels("#3f7fd9")).toBeGreaterThan(lone);
    });

    test("two lone points are two dots, without a stub of a line between them", async () => {
      const left = { min: 0, max: 60 };
      const dots = async (first: number | null, last: number | null): Promise<number> => {
        const values = Array.from({ length: 170 }, (_none, i) =>
          i === 166 ? first : i === 168 ? last : null,
        );
        await chart({ left, series: [line("#3f7fd9", values)] });
        return drawn("#3f7fd9");
      };
      expect(await dots(5, 50)).toBe((await dots(5, null)) + (await dots(null, 50)));
    });

    test("in a stack, what failed is seen though nothing was refused", async () => {
      const series = [line("#d62728", [null, 3, null]), line("#9467bd", [null, 0, null])];
      await chart({ stacked: true, series });
      await expect.poll(() => pixels("#d62728")).toBeGreaterThan(20);
      expect(await pixels("#9467bd")).toBe(0);
    });
  });

  test("a log widget of counts is drawn as bars, of texts as a table that says so", async () => {
    const [view] = fake.state.dashboards;
    if (view === undefined) throw new Error("the demo has no dashboard");
    const place = { x: 0, y: 0, width: 24, height: 6 };
    const log = { type: "log", place, view: "bar" } as const;
    const counts = { "bin(1d)": "2026-11-22 00:00:00.000", note: "3", event: "1" };
    fake.state.dashboards = [
      {
        ...view,
        widgets: [
          { ...log, title: "Per day", fields: ["bin(1d)", "note", "event"], rows: [counts] },
          { ...log, title: "Texts", fields: ["a", "b"], rows: [{ a: "x", b: "y" }] },
        ],
      },
    ];
    await open();
    await expect.poll(() => page.locator(".log-bars rect").count()).toBe(2);
    await expect
      .poll(() => page.getAttribute(".log-bars", "aria-label"))
      .toBe("Per day, bars. Nov 22 (UTC): note 3, event 1");
    await expect.poll(() => page.textContent(".log .widget-body .hint")).toContain("Shown as a table");
    expect(problems).toEqual([]);
  });

  test("a time range is a link that asks for that range", async () => {
    await open();
    const asked = page.waitForRequest((request) => request.url().includes("range=86400"));
    await page.click("nav[aria-label='Time range'] >> text=1d");
    await asked;
    await expect.poll(() => page.url()).toContain("range=1d");
  });
});

describe("the other sections", () => {
  test("a mail opens as plain text, with a link that can be followed and one to its alarm", async () => {
    await open("#/inbox");
    await page.click(".mails a");
    await expect.poll(() => page.textContent(".mail-body")).toContain("has entered the ALARM state.");
    await expect
      .poll(() => page.getAttribute(".mail-body a", "href"))
      .toBe("https://example.com/runbook/failures");
    await page.click(".mail dd a");
    await page.waitForSelector(".card.selected h3:has-text('WristAgent-development-Failures')");
  });

  test("a mail is unread until it is opened, also after a reload; the tab and the heading count", async () => {
    const [first] = fake.state.mails;
    if (first === undefined) throw new Error("the demo has no mail");
    await open();
    await titled("(1) ALARM");
    fake.state.mails = [{ ...first, id: "mail-2", subject: "OK: later" }, first];
    fake.changed();
    await titled("(2) ALARM");
    await page.click("nav[aria-label=Sections] >> text=Inbox");
    await expect.poll(() => page.textContent("h2")).toBe("Inbox, 2 unread");
    await page.click(".mails a[title='OK: later']");
    await titled("(1) ALARM");
    await page.reload();
    await page.waitForSelector("h2:has-text('Inbox, 1 unread')");
    await expect
      .poll(() => page.locator(".unread").allTextContents())
      .toEqual([expect.stringContaining("Failures")]);
    await page.click("text=Mark all as read");
    await page.waitForSelector("h2:text-is('Inbox')");
    await expect.poll(() => page.title()).toBe("ALARM · Wrist Agent development");
    expect(problems).toEqual([]);
  });

  test("a browser that keeps nothing still marks mails as read", async () => {
    await page.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get() { throw new Error('denied') } })",
    );
    await open("#/inbox");
    await page.waitForSelector("h2:has-text('Inbox, 1 unread')");
    await page.click(".mails a");
    await page.waitForSelector("h2:text-is('Inbox')");
    expect(problems).toEqual([]);
  });

  test("alarms stand by state and severity, and only what is in ALARM is open", async () => {
    await open("#/alarms");
    await expect
      .poll(() => page.locator(".alarm h3").first().textContent())
      .toBe("WristAgent-development-Failures");
    await expect.poll(() => page.locator(".alarm .severity").first().textContent()).toBe("page");
    await expect.poll(() => page.locator(".alarm details[open]").count()).toBe(1);
    await page.click(".alarm summary >> nth=1");
    fake.state.alarms = fake.state.alarms.map((alarm) => ({ ...alarm, stateReason: "Judged anew." }));
    fake.changed();
    await page.waitForSelector("dd:has-text('Judged anew.')");
    await expect.poll(() => page.locator(".alarm details[open]").count()).toBe(2);
  });

  test("the fault panel starts a fault and ends it", async () => {
    await open("#/inbox");
    await page.click("summary:has-text('Faults')");
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
    await expect.poll(() => page.textContent(".empty")).toContain("npm run cli -- ask");
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
    await page.waitForSelector("main >> text=<script>", { state: "attached" });
    expect(await page.locator("main script, main img, a[href^=javascript]").count()).toBe(0);
    await expect.poll(() => page.title()).toContain("Wrist Agent");
  }
  expect(problems).toEqual([]);
});

test("a phone shows an opened mail in place of the list, and leads back", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open("#/inbox");
  await page.click(".mails a");
  await page.waitForSelector(".mail-body");
  await expect.poll(() => page.locator(".mails").isVisible()).toBe(false);
  await page.click("text=All mails");
  await page.waitForSelector(".mails");
});

test("the keyboard alone reaches the sections and opens one", async () => {
  await open();
  await page.keyboard.press("Tab");
  await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Skip to content");
  await page.keyboard.press("Tab");
  await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe("Failures");
  const steps = ["Faults", "Dashboards", "Alarms"];
  for (const step of steps) {
    await page.keyboard.press("Tab");
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toContain(step);
  }
  await page.keyboard.press("Enter");
  await page.waitForSelector(".card.state-ALARM");
  await expect.poll(() => page.url()).toContain("#/alarms");
});

test.each(["", "#/alarms", "#/requests", "#/inbox/mail-1", "#/setup"])(
  "a phone shows %j without scrolling sideways",
  async (hash) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open(hash);
    await page.waitForSelector("main :is(.widget, .card, table)");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    const boxes = await Promise.all(
      (await page.locator("nav.sections a").all()).map((link) => link.boundingBox()),
    );
    for (const box of boxes) expect((box?.x ?? 0) + (box?.width ?? 999)).toBeLessThanOrEqual(360);
  },
);

describe.each(["light", "dark"] as const)("in the %s scheme", (colorScheme) => {
  test.each(["", "#/alarms", "#/requests", "#/inbox/mail-1", "#/setup"])(
    "every text of %j can be read as WCAG AA asks",
    async (hash) => {
      await page.emulateMedia({ colorScheme });
      fake.state.overview = { ...fake.state.overview, fault: { kind: "throttle", rate: 1 } };
      fake.state.alarms = fake.state.alarms.map((alarm, i) =>
        i === 1 ? { ...alarm, state: "INSUFFICIENT_DATA" } : alarm,
      );
      await open(hash);
      await page.waitForSelector("main :is(.widget, .card, table)");
      expect(await poorTexts(page)).toEqual([]);
    },
  );
});

test("a form over the page is closed by Escape, back at its button, and by a press elsewhere", async () => {
  await open("#/dashboards");
  await page.waitForSelector(".grid canvas");
  for (const button of ["Faults", "Custom"]) {
    const form = page.locator(`details:has(> summary:text-is('${button}')) form`);
    await page.click(`summary:text-is('${button}')`);
    await form.locator("select, input").first().focus();
    await page.keyboard.press("Escape");
    await expect.poll(() => form.isVisible()).toBe(false);
    await expect.poll(() => page.evaluate("document.activeElement.textContent")).toBe(button);
    await page.click(`summary:text-is('${button}')`);
    await form.locator("select, input").first().click();
    await expect.poll(() => form.isVisible()).toBe(true);
    await page.click("h1");
    await expect.poll(() => form.isVisible()).toBe(false);
  }
});

test("a reader who goes elsewhere while the page is first drawn gets there", async () => {
  await page.addInitScript(`
    new MutationObserver((changes, observer) => {
      if (document.querySelector("#page nav") === null) return;
      observer.disconnect();
      location.hash = "#/setup";
    }).observe(document, { childList: true, subtree: true });
  `);
  await open("#/alarms");
  await page.waitForSelector("nav [aria-current=page]:has-text('Setup')");
});

test("a document in a tab of its own leads to the alarms, where nothing is to go back to", async () => {
  await open("#/alarms");
  const opened = page.context().waitForEvent("page");
  await page.evaluate("void window.open('/#/docs/runbooks%2Ffailures.md')");
  const tab = await opened;
  await tab.click("text=Back");
  await tab.waitForSelector(".card.alarm");
  await tab.close();
});

test("what the keyboard is on has an outline", async () => {
  await open("#/alarms");
  await page.waitForSelector(".card");
  for (let n = 0; n < 12; n += 1) {
    await page.keyboard.press("Tab");
    await expect
      .poll(() => page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
      .toBe("solid");
  }
});

test("a live update moves nothing that did not change", async () => {
  await open();
  await page.waitForSelector(".grid canvas");
  const places = (): Promise<unknown> =>
    page.evaluate(
      "[...document.querySelectorAll('.widget, .headline, nav')].map((one) => JSON.stringify(one.getBoundingClientRect()))",
    );
  const before = await places();
  fake.state.requests = fake.state.requests.slice(1);
  fake.state.mails = [...fake.state.mails.map((mail) => ({ ...mail, id: "later" })), ...fake.state.mails];
  fake.changed();
  await page.waitForSelector("nav:has-text('2 unread')");
  expect(await places()).toEqual(before);
});

test("a moment is told in the reader's zone, and in UTC on hover", async () => {
  await page.close();
  page = await browser.newPage({ timezoneId: "Asia/Tokyo", viewport: { width: 1280, height: 800 } });
  fake.state.requests = fake.state.requests.map((row) => ({
    ...row,
    timeMs: Date.UTC(2026, 0, 2, 20, 30, 5),
  }));
  await open("#/requests");
  const time = page.locator("tbody time").first();
  await expect.poll(() => time.textContent()).toBe("Jan 3 05:30:05");
  await expect
    .poll(() => page.locator("tbody a").first().getAttribute("title"))
    .toMatch(/05:30:05 GMT\+9\n2026-01-02 20:30:05 UTC\n/);
  await expect
    .poll(() => page.textContent("footer"))
    .toBe("Times are in your zone, Asia/Tokyo; hover for UTC. Show UTC");
});
