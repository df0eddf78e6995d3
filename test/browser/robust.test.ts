import { describe, expect, test } from "vitest";
import { browserPage } from "../support/browser-page.ts";

const at = browserPage();

describe("all tabs of a browser", () => {
  test("share one stream of events, and the next one listens when its tab is closed", async () => {
    const context = await at.browser.newContext();
    const streams: string[] = [];
    const tabs = await Promise.all(
      ["a", "b", "c", "d", "e", "f", "g"].map(async (name) => {
        const tab = await context.newPage();
        tab.on("request", (request) => {
          if (request.url().endsWith("/api/events")) streams.push(name);
        });
        await tab.goto(`${at.url}/#/alarms`);
        await tab.waitForSelector("#state:has-text('in ALARM')");
        return { name, tab };
      }),
    );
    expect(streams).toHaveLength(1);
    at.fake.state.alarms = at.fake.state.alarms.map((alarm) => ({ ...alarm, state: "OK" }));
    at.fake.changed();
    for (const { tab } of tabs) await tab.waitForSelector("#state:has-text('All 5 alarms OK')");
    const [listening] = streams;
    await tabs.find(({ name }) => name === listening)?.tab.close();
    await expect.poll(() => streams.length).toBe(2);
    const left = tabs.filter(({ name }) => name !== listening);
    at.fake.state.alarms = at.fake.state.alarms.map((alarm) => ({ ...alarm, state: "ALARM" }));
    at.fake.changed();
    for (const { tab } of left) await tab.waitForSelector("#state:has-text('5 alarms in ALARM')");
    await context.close();
  });
});

describe("an answer that makes no sense", () => {
  test.each<[string, unknown, unknown]>([
    ["a start in words", "soon", 1_795_978_800_000],
    ["a start as text", "1795978800000", 1_795_982_400_000],
    ["no end", 1_795_978_800_000, null],
    ["an end before the start", 1_795_978_800_000, 1_795_978_800_000],
  ])("with %s is said in place of a dashboard, and the page goes on", async (_what, startMs, endMs) => {
    const [view] = at.fake.state.dashboards;
    if (view === undefined) throw new Error("the demo has no dashboard");
    at.fake.state.dashboards = [{ ...view, startMs, endMs } as typeof view];
    await at.open();
    await at.page.waitForSelector(".notice:has-text('a span of time that is none')");
    await at.page.click("nav[aria-label=Sections] >> text=Alarms");
    await at.page.waitForSelector(".card.alarm");
    expect(at.problems).toEqual([]);
  });

  test("of points without a time is drawn without them", async () => {
    const [view] = at.fake.state.dashboards;
    if (view === undefined) throw new Error("the demo has no dashboard");
    const widgets = view.widgets.map((widget) =>
      widget.type === "metric"
        ? {
            ...widget,
            series: widget.series.map((one) => ({ ...one, startMs: "soon" as unknown as number })),
          }
        : widget,
    );
    at.fake.state.dashboards = [{ ...view, widgets }];
    await at.open();
    await at.page.waitForSelector(".grid canvas");
    expect(at.problems).toEqual([]);
  });
});
