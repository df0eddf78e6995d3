import { describe, expect, test } from "vitest";
import { browserPage } from "../support/browser-page.ts";
import { poorTexts } from "../support/contrast.ts";
import { metricWidget } from "../support/demo-dashboard.ts";

const at = browserPage();
const CHART = ".grid .u-over";

async function opened(hash = "#/dashboards"): Promise<void> {
  await at.open(hash);
  await at.page.waitForSelector(".grid canvas");
}

describe("the time of a dashboard", () => {
  test("is zoomed by a drag, widened, and back at now; the address holds it", async () => {
    await opened();
    const box = await at.page.locator(CHART).first().boundingBox();
    if (box === null) throw new Error("no chart");
    await at.page.mouse.move(box.x + 40, box.y + 40);
    await at.page.mouse.down();
    await at.page.mouse.move(box.x + 200, box.y + 40, { steps: 4 });
    await at.page.mouse.up();
    await at.page.waitForSelector(".zoom");
    await expect.poll(() => at.page.url()).toMatch(/\?from=\d+&to=\d+$/);
    const spanOf = (url: string): number => {
      const query = new URLSearchParams(url.split("?")[1]);
      return Number(query.get("to")) - Number(query.get("from"));
    };
    const zoomed = spanOf(at.page.url());
    await at.page.click("text=Zoom out");
    await expect.poll(() => spanOf(at.page.url())).toBe(2 * zoomed);
    await at.page.click("text=Back to now");
    await at.page.waitForSelector(".zoom", { state: "detached" });
  });

  test("may be one of the reader's own, and two times that are none are refused", async () => {
    await opened();
    await at.page.click("summary:text-is('Custom')");
    await at.page.fill("input[name=from]", "2026-11-22T10:00:00");
    await at.page.fill("input[name=to]", "2026-11-22T10:00:00");
    await at.page.click(".custom-span button");
    await at.page.waitForSelector("text=Give two times at least a minute apart.");
    await at.page.fill("input[name=to]", "2026-11-22T12:00:00");
    await at.page.click(".custom-span button");
    await at.page.waitForSelector(".zoom:has-text('10:00')");
  });

  test("of the reader's own is typed in peace: a refresh of the dashboard takes nothing back", async () => {
    await opened();
    await at.page.click("summary:text-is('Custom')");
    await at.page.fill("input[name=from]", "2026-11-22T10:00:07");
    const [view] = at.fake.state.dashboards;
    if (view === undefined) throw new Error("the demo has no dashboard");
    at.fake.state.dashboards = [{ ...view, startMs: view.startMs + 60_000, endMs: view.endMs + 60_000 }];
    const before = await at.page.textContent(".as-of");
    at.fake.changed();
    await expect.poll(() => at.page.textContent(".as-of")).not.toBe(before);
    expect(await at.page.inputValue("input[name=from]")).toBe("2026-11-22T10:00:07");
  });

  test("stays when another dashboard is chosen, and after a reload and a step back", async () => {
    await opened("#/dashboards?range=1d");
    await at.page.click("nav[aria-label=Dashboards] >> text=Cost");
    await expect.poll(() => at.page.url()).toMatch(/WristAgent-development-Cost\?range=1d$/);
    await at.page.reload();
    await at.page.waitForSelector("nav[aria-label='Time range'] a[aria-current]:text-is('1d')");
    await at.page.goBack();
    await expect.poll(() => at.page.url()).toMatch(/#\/dashboards\?range=1d$/);
  });

  test("is chosen from a form that stays where it is while another dashboard is drawn, and ends where a span ends", async () => {
    await opened();
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await at.page.route("**/api/dashboard?*Cost*", async (route) => {
      await held;
      await route.continue();
    });
    const custom = at.page.locator("summary:text-is('Custom')");
    const before = await custom.boundingBox();
    await at.page.click("nav[aria-label=Dashboards] >> text=Cost");
    await at.page.waitForSelector(".empty:has-text('Drawing')");
    expect(await custom.boundingBox()).toEqual(before);
    release?.();
    await at.page.waitForSelector(".empty", { state: "detached" });
    const { endMs = 0 } = at.fake.state.dashboards[0] ?? {};
    await at.open(`#/dashboards?from=${endMs - 600_000}&to=${endMs}`);
    await expect.poll(() => at.page.textContent(".as-of")).toMatch(/^Up to \d\d:\d\d:\d\d$/);
  });

  test("says as of when it is, and its age once that matters", async () => {
    const [view] = at.fake.state.dashboards;
    if (view === undefined) throw new Error("the demo has no dashboard");
    await opened();
    await expect.poll(() => at.page.textContent(".as-of")).toMatch(/^As of \d\d:\d\d:\d\d$/);
    const endMs = at.fake.state.overview.nowMs - 5 * 60_000;
    at.fake.state.dashboards = [{ ...view, endMs }];
    at.fake.changed();
    await expect
      .poll(() => at.page.textContent(".as-of"))
      .toMatch(/^As of \d\d:\d\d:\d\d, 5 min( \d+ s)? ago$/);
  });

  test("stands still while it is paused", async () => {
    await opened();
    await at.page.click("text=Pause");
    const [view] = at.fake.state.dashboards;
    if (view === undefined) throw new Error("the demo has no dashboard");
    at.fake.state.dashboards = [{ ...view, widgets: [] }];
    at.fake.changed();
    await at.page.click("nav[aria-label=Dashboards] >> nth=0");
    await expect.poll(() => at.page.locator(".grid canvas").count()).toBeGreaterThan(0);
    await expect.poll(() => at.page.textContent(".as-of")).toMatch(/^Paused, as of \d\d:\d\d:\d\d/);
    await at.page.click("text=Resume");
    await at.page.waitForSelector(".grid canvas", { state: "detached" });
  });

  test("is shown in UTC if the reader wants, and remembered", async () => {
    const page = await at.browser.newPage({ timezoneId: "Asia/Tokyo" });
    await page.goto(`${at.url}/#/dashboards`);
    await page.click("text=Show UTC");
    await page.waitForSelector("footer:has-text('Times are in UTC.')");
    await page.reload();
    await page.waitForSelector("footer:has-text('Times are in UTC.')");
    await page.close();
  });

  test("is the same in charts and in bars of log lines, local or UTC", async () => {
    const [view] = at.fake.state.dashboards;
    if (view === undefined) throw new Error("the demo has no dashboard");
    const place = { x: 0, y: 0, width: 24, height: 6 };
    const fields = ["bin(1h)", "note"];
    const rows = [{ "bin(1h)": "2026-11-22 20:00:00.000", note: "3" }];
    const log = { type: "log", place, view: "bar", title: "Per hour", fields, rows } as const;
    at.fake.state.dashboards = [{ ...view, widgets: [log] }];
    const page = await at.browser.newPage({ timezoneId: "Asia/Tokyo" });
    await page.goto(`${at.url}/#/dashboards`);
    await page.waitForSelector(".log-bars-names:has-text('Nov 23 05:00')");
    await page.click("text=Show UTC");
    await page.reload();
    await page.waitForSelector(".log-bars-names:has-text('Nov 22 20:00')");
    await page.close();
  });

  test("says within seconds that a server is frozen", async () => {
    await opened();
    await at.page.clock.install();
    await at.page.route("**/api/events", () => undefined);
    await at.page.reload();
    await at.page.waitForSelector(".grid canvas");
    await at.page.clock.runFor(9000);
    await at.page.waitForSelector("#state:has-text('Disconnected since')");
  });
});

test("a dashboard on a range that is not on offer names it, and a range leads away from it and back", async () => {
  const [view] = at.fake.state.dashboards;
  if (view === undefined) throw new Error("the demo has no dashboard");
  at.fake.state.dashboards = [{ ...view, startMs: view.endMs - 31 * 86_400_000 }];
  await opened();
  const current = at.page.locator("nav[aria-label='Time range'] a[aria-current]");
  await expect.poll(() => current.allTextContents()).toEqual(["31 d"]);
  await at.page.click("nav[aria-label='Time range'] >> text=1w");
  await expect.poll(() => current.allTextContents()).toEqual(["1w"]);
  await at.page.goBack();
  await expect.poll(() => current.allTextContents()).toEqual(["31 d"]);
});

test("dashboards are called by what tells them apart", async () => {
  const names = ["on-call", "cost"].map((title) => `wrist-agent-development-us-west-2-${title}`);
  const { state } = at.fake;
  state.overview = { ...state.overview, dashboards: names };
  await at.open("#/dashboards");
  const tabs = at.page.locator("nav[aria-label=Dashboards] a");
  await expect.poll(() => tabs.allTextContents()).toEqual(["on-call", "cost"]);
  const [first = ""] = names;
  state.overview = { ...state.overview, dashboards: [first, first.replace("us-west-2", "eu-west-1")] };
  at.fake.changed();
  await expect.poll(() => tabs.allTextContents()).toEqual(["us-west-2-on-call", "eu-west-1-on-call"]);
});

test("what the first picture waits for is asked while the script still loads, and once", async () => {
  const asked: string[] = [];
  let askedAll: (() => void) | undefined;
  const first = ["/api/overview", "/api/alarms", "/api/mails"];
  const all = new Promise<void>((resolve) => (askedAll = resolve));
  at.page.on("request", (request) => {
    asked.push(new URL(request.url()).pathname);
    if (first.every((path) => asked.includes(path))) askedAll?.();
  });
  // Were one of them asked by the script, the script would never come.
  await at.page.route("**/main.js", async (route) => {
    await all;
    await route.continue();
  });
  await opened();
  for (const path of first) expect(asked.filter((one) => one === path)).toEqual([path]);
  expect(at.problems).toEqual([]);
});

test("the charts of a dashboard come first, its log queries in a second answer that holds nothing else", async () => {
  const asked: string[] = [];
  at.page.on("request", (request) => {
    if (request.url().includes("/api/dashboard?")) asked.push(request.url());
  });
  await opened();
  await expect.poll(() => asked.length).toBe(2);
  expect(asked[0]).toContain("logs=later");
  expect(asked[1]).toMatch(/base=\d+$/);
});

test.each([
  [
    "the first dashboard",
    "#/dashboards?range=1d",
    [/\?range=86400&logs=later$/, /\?name=WristAgent-development&range=86400&base=/],
  ],
  [
    "a dashboard by its name",
    "#/dashboards/WristAgent-development",
    [/\?name=WristAgent-development&logs=later$/, /\?name=WristAgent-development&base=/],
  ],
])(
  "%s that a page opens on is asked for before the page is drawn, and once",
  async (_which, hash, queries) => {
    const asked: string[] = [];
    let overviewAsked = 0;
    at.page.on("request", (request) => {
      if (request.url().includes("/api/dashboard?")) asked.push(request.url());
    });
    let release: (() => void) | undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await at.page.route("**/api/overview", async (route) => {
      overviewAsked += 1;
      await held;
      await route.continue();
    });
    await at.page.goto(`${at.url}/${hash}`);
    await expect.poll(() => asked.length).toBe(1);
    expect(overviewAsked).toBe(1);
    release?.();
    await at.page.waitForSelector(".grid canvas, .grid .widget");
    await expect.poll(() => asked.length).toBe(2);
    expect(asked).toEqual(queries.map((query) => expect.stringMatching(query) as unknown));
  },
);

test("a page that opens elsewhere asks for no dashboard", async () => {
  const asked: string[] = [];
  at.page.on("request", (request) => {
    if (request.url().includes("/api/dashboard?")) asked.push(request.url());
  });
  await at.open("#/alarms");
  await at.page.waitForSelector("main .alarm, main details, main .card");
  expect(asked).toEqual([]);
});

describe("a chart", () => {
  test("shows the values under the cursor, and the cursor in every chart", async () => {
    await opened();
    const box = await at.page.locator(CHART).first().boundingBox();
    if (box === null) throw new Error("no chart");
    await at.page.mouse.move(box.x + box.width / 2, box.y + 40);
    await expect.poll(() => at.page.locator(".chart-tip:visible").count()).toBeGreaterThan(1);
    await expect.poll(() => at.page.textContent(".chart-tip:visible")).toContain("Failures: ");
  });

  test("leaves one series alone by a click on its name, and brings the others back", async () => {
    await opened();
    const legend = at.page.locator(".widget[aria-label=Latency] .legend");
    await legend.locator("button").first().click();
    await expect.poll(() => legend.locator("li.off").count()).toBe(1);
    expect(await poorTexts(at.page)).toEqual([]);
    await expect.poll(() => legend.locator("button").first().getAttribute("aria-pressed")).toBe("true");
    await legend.locator("button").first().click();
    await expect.poll(() => legend.locator("li.off").count()).toBe(0);
  });

  test("is drawn when it has room, never as a speck for none, and again as large as its place becomes", async () => {
    await at.page.addInitScript(`
      window.narrow = new CSSStyleSheet();
      narrow.replaceSync(".chart-plot { width: 0; right: auto !important; }");
      document.adoptedStyleSheets = [narrow];
    `);
    await at.open("#/dashboards");
    await at.page.waitForSelector(".chart-plot", { state: "attached" });
    await at.page.waitForSelector(".log td");
    expect(await at.page.locator(".chart-plot canvas").count()).toBe(0);
    await at.page.evaluate("document.adoptedStyleSheets = []");
    const misfits = `[...document.querySelectorAll(".chart-plot")].filter((plot) => {
      const { offsetWidth, offsetHeight } = plot.querySelector(".u-wrap") ?? {};
      return offsetWidth !== plot.clientWidth || offsetHeight !== plot.clientHeight;
    }).length`;
    await expect.poll(() => at.page.evaluate(misfits)).toBe(0);
    await at.page.setViewportSize({ width: 900, height: 800 });
    await expect.poll(() => at.page.evaluate(misfits)).toBe(0);
    expect(at.problems).toEqual([]);
  });

  test("with a range of its own is drawn over it, whatever the dashboard's is", async () => {
    const [view] = at.fake.state.dashboards;
    if (view === undefined) throw new Error("the demo has no dashboard");
    const startMs = view.endMs - 30 * 86_400_000;
    // Its one point lies in the middle of its own range, long before the dashboard's.
    const values = Array.from({ length: 31 }, (_none, day) => (day === 15 ? 3 : null));
    const line = { id: "a", label: "spent", color: "#3f7fd9", yAxis: "left" as const };
    const place = { x: 0, y: 0, width: 24, height: 6 };
    const series = [{ ...line, startMs, periodSeconds: 86_400, values }];
    const range = { startMs, endMs: view.endMs };
    at.fake.state.dashboards = [{ ...view, widgets: [metricWidget({ place, range, series })] }];
    await opened();
    const blue = `(() => {
      const c = document.querySelector("canvas");
      const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
      let n = 0;
      for (let i = 0; i < d.length; i += 4)
        if (Math.abs(d[i] - 0x3f) + Math.abs(d[i + 1] - 0x7f) + Math.abs(d[i + 2] - 0xd9) < 30) n++;
      return n;
    })()`;
    await expect.poll(() => at.page.evaluate(blue)).toBeGreaterThan(10);
  });

  test("takes the whole place alone, in the address too", async () => {
    await opened();
    await at.page.click(".widget[aria-label=Latency] .enlarge");
    await at.page.waitForSelector(".alone .widget");
    await expect.poll(() => at.page.url()).toContain("widget=2");
    await at.page.reload();
    await at.page.waitForSelector(".alone canvas");
    await expect.poll(() => at.page.locator(".widget").count()).toBe(1);
    await at.page.click(".alone .enlarge");
    await at.page.waitForSelector(".grid");
  });

  test("of counts without any says that nothing was counted, and names its unit and steps", async () => {
    const [view] = at.fake.state.dashboards;
    if (view === undefined) throw new Error("the demo has no dashboard");
    const series = { id: "a", label: "requests", stat: "Sum", yAxis: "left" as const };
    const place = { x: 0, y: 0, width: 24, height: 6 };
    const times = { startMs: view.startMs, periodSeconds: 300 };
    at.fake.state.dashboards = [
      {
        ...view,
        widgets: [
          metricWidget({ place, title: "Requests", series: [{ ...series, ...times, values: [null] }] }),
        ],
      },
    ];
    await opened();
    await expect.poll(() => at.page.textContent(".no-data")).toBe("Nothing was counted in this time range");
    await expect.poll(() => at.page.textContent(".widget-period")).toBe("per 5 min");
    const [empty] = at.fake.state.dashboards[0]?.widgets ?? [];
    if (empty?.type !== "metric") throw new Error("no widget");
    at.fake.state.dashboards = [{ ...view, widgets: [{ ...empty, left: { label: "requests" } }] }];
    at.fake.changed();
    await at.page.waitForSelector(".no-data >> text='No requests in this time range'");
  });
});

test("a button of a text widget is drawn as one, and leads where it says", async () => {
  const [view] = at.fake.state.dashboards;
  if (view === undefined) throw new Error("the demo has no dashboard");
  const place = { x: 0, y: 0, width: 24, height: 3 };
  const markdown = "[button:primary:Runbook](https://example.com/runbook)";
  at.fake.state.dashboards = [{ ...view, widgets: [{ type: "text", place, background: "solid", markdown }] }];
  await at.open("#/dashboards");
  const button = at.page.locator(".text a.button-primary");
  await button.waitFor();
  expect([await button.textContent(), await button.getAttribute("href")]).toEqual([
    "Runbook",
    "https://example.com/runbook",
  ]);
});
