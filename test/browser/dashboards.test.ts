import { describe, expect, test } from "vitest";
import { browserPage } from "../support/browser-page.ts";
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

  test("stays when another dashboard is chosen, and after a reload and a step back", async () => {
    await opened("#/dashboards?range=1d");
    await at.page.click("nav[aria-label=Dashboards] >> text=Cost");
    await expect.poll(() => at.page.url()).toMatch(/WristAgent-development-Cost\?range=1d$/);
    await at.page.reload();
    await at.page.waitForSelector("nav[aria-label='Time range'] a[aria-current]:text-is('1d')");
    await at.page.goBack();
    await expect.poll(() => at.page.url()).toMatch(/#\/dashboards\?range=1d$/);
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
    await expect.poll(() => legend.locator("button").first().getAttribute("aria-pressed")).toBe("true");
    await legend.locator("button").first().click();
    await expect.poll(() => legend.locator("li.off").count()).toBe(0);
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
    await expect
      .poll(() => at.page.textContent(".no-data"))
      .toBe("No requests in this time range: nothing was counted");
    await expect.poll(() => at.page.textContent(".widget-period")).toBe("per 5 min");
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
