import { describe, expect, test } from "vitest";
import { REQUEST_COLUMNS } from "../../bin/cli/request-columns.ts";
import { seriousFindings } from "../support/axe.ts";
import { browserPage } from "../support/browser-page.ts";
import { metricWidget } from "../support/demo-dashboard.ts";
import { layoutFaults } from "../support/layout-faults.ts";

const at = browserPage();

const SECTIONS = [
  "#/dashboards",
  "#/alarms/WristAgent-development-Failures",
  "#/requests",
  "#/requests/0b6f1c1e-0000-4000-8000-000000000001",
  "#/inbox",
  "#/inbox/mail-1",
  "#/setup",
  "#/docs/runbooks%2Ffailures.md",
] as const;

/** States of the system in which every section must stay readable. */
const STATES: Readonly<Record<string, () => void>> = {
  "in ALARM with a fault": () => {
    const { state } = at.fake;
    state.overview = { ...state.overview, fault: { kind: "throttle", rate: 0.25 } };
    state.mails = state.mails.map((mail) => ({ ...mail, firstFailedMs: mail.timeMs - 48_000 }));
  },
  quiet: () => {
    const { state } = at.fake;
    state.alarms = state.alarms.map((alarm, i) => ({
      ...alarm,
      state: i === 0 ? "INSUFFICIENT_DATA" : "OK",
      ...(i === 0 && { noDataHere: "nothing is billed here" }),
    }));
    state.requests = [];
    state.mails = [];
  },
  "of long names": () => {
    const { state } = at.fake;
    const long =
      "arn:aws:lambda:us-west-2:123456789012:function:wrist-agent-production-something-very-long:live";
    state.overview = {
      ...state.overview,
      functions: [long],
      notices: [`${long}:Resources.AgentBlueGreenGroup626F0469 does nothing here`],
      schedules: [
        {
          name: "wrist-agent-development-probe-health",
          functionName: long,
          expression: "rate(1 minute)",
          nextMs: null,
        },
      ],
    };
    state.alarms = state.alarms.map((alarm) => ({ ...alarm, topics: [`${long}-page`], stateReason: long }));
    state.mails = state.mails.map((mail) => ({ ...mail, to: `${"x".repeat(60)}@example.com` }));
  },
};

async function ready(hash: string): Promise<void> {
  await at.open(hash);
  await at.page.waitForSelector("main :is(.widget, .card, table, .empty, .mail-list):visible");
  if (hash.includes("alarms/")) await at.page.waitForSelector(".timeline");
  if (hash.includes("docs/")) await at.page.waitForSelector(".document li");
}

describe.each([390, 1024, 1440])("at %d pixels", (width) => {
  test.each(Object.keys(STATES))("nothing is cut, over its box or too small to tap, %s", async (name) => {
    STATES[name]?.();
    await at.page.setViewportSize({ width, height: 900 });
    const found: Record<string, readonly string[]> = {};
    for (const hash of SECTIONS) {
      await ready(hash);
      const faults = await layoutFaults(at.page);
      if (faults.length > 0) found[hash] = faults;
    }
    expect(found).toEqual({});
  });

  test("the list of requests shows whole columns, as many as fit", async () => {
    const { state } = at.fake;
    state.overview = { ...state.overview, requestColumns: REQUEST_COLUMNS };
    const line = {
      mode: "deepthink",
      outcome: "throttled",
      reason: "ServiceUnavailableException",
      InputTokens: 1220,
      OutputTokens: 4096,
      CostUsd: 0.000_84,
      attempts: 3,
      client: "3c83ebaf425c",
      version: "12",
    };
    const timeMs = state.overview.nowMs - 13 * 60_000;
    state.requests = state.requests.map((row, at) => ({
      ...row,
      timeMs,
      path: at === 0 ? "/apple-touch-icon.png" : "/",
      line,
    }));
    const box = at.page.locator(".request-list");
    for (const wide of [width, width + 90, width + 180, width + 270, width + 360]) {
      await at.page.setViewportSize({ width: wide, height: 900 });
      await ready("#/requests");
      const over = await box.evaluate((list) => list.scrollWidth - list.clientWidth);
      expect({ wide, over }).toEqual({ wide, over: 0 });
    }
    await at.page.setViewportSize({ width, height: 900 });
    const heads = await at.page.locator(".requests th:visible").allTextContents();
    const ofAll = ["time", "status", "total", "mode", "outcome"];
    expect(heads.filter((head) => ofAll.includes(head))).toEqual(ofAll);
    expect(heads).toHaveLength({ 390: 5, 1024: 11, 1440: 16 }[width] ?? 0);
  });

  test.each([
    ["faults", "summary:has-text('Faults')", ".fault-control > form"],
    ["a span of time", "summary:text-is('Custom')", ".custom-span > form"],
  ])("the form of %s stands within the page, and all of it within its frame", async (_of, button, form) => {
    await at.page.setViewportSize({ width, height: 900 });
    await ready("#/dashboards");
    await at.page.click(button);
    const outside = `(() => {
      const frame = document.querySelector("${form}").getBoundingClientRect();
      const page = { left: 0, right: innerWidth };
      const isOutside = (box, place) => box.width > 0 && (box.left < place.left - 0.5 || box.right > place.right + 0.5);
      const parts = [...document.querySelectorAll("${form} :is(select, input, button, label)")];
      return [
        ...(isOutside(frame, page) ? ["the form"] : []),
        ...parts.filter((part) => isOutside(part.getBoundingClientRect(), frame)).map((part) => part.outerHTML),
      ];
    })()`;
    expect(await at.page.evaluate(outside)).toEqual([]);
  });

  test("numbers of every length are whole, four cards to a row", async () => {
    const [view] = at.fake.state.dashboards;
    if (view === undefined) throw new Error("the demo has no dashboard");
    const number = (label: string, value: number) => ({
      id: label,
      label,
      yAxis: "left" as const,
      startMs: view.startMs,
      periodSeconds: 3600,
      values: [value],
    });
    const values = [54.5, 100, 0.000_84, 1_234_567, 59_900, 0.115];
    const widgets = values.map((value, i) =>
      metricWidget({
        title: i % 2 === 0 ? "Share (%)" : "Cost per answer (USD)",
        view: "singleValue",
        place: { x: (i % 4) * 6, y: Math.floor(i / 4) * 3, width: 6, height: 3 },
        series: [number("failed", value), number("answered as plain text", value)],
      }),
    );
    at.fake.state.dashboards = [{ ...view, widgets }];
    await at.page.setViewportSize({ width, height: 900 });
    await ready("#/dashboards");
    expect(await layoutFaults(at.page)).toEqual([]);
  });
});

test.each([390, 1280])("a table of log lines with ids is not over its card, at %d pixels", async (width) => {
  const [view] = at.fake.state.dashboards;
  if (view === undefined) throw new Error("the demo has no dashboard");
  const requestId = "a6e68906-97c5-4730-8045-38aaea14c0de";
  const rows = [{ "@timestamp": "2026-11-23 09:00:00.000", httpStatus: "429", requestId }];
  const table = {
    type: "log" as const,
    view: "table" as const,
    title: "Runs",
    fields: ["@timestamp", "httpStatus", "requestId"],
    rows,
    place: { x: 0, y: 0, width: 6, height: 5 },
  };
  at.fake.state.dashboards = [{ ...view, widgets: [table] }];
  await at.page.setViewportSize({ width, height: 900 });
  await ready("#/dashboards");
  const over = await at.page.locator(".log .scroll").evaluate((box) => box.scrollWidth - box.clientWidth);
  expect(over).toBeLessThanOrEqual(0);
  const cell = at.page.locator(".log td.clamp");
  expect(await cell.getAttribute("title")).toBe(requestId);
  expect(await cell.evaluate((one) => one.getBoundingClientRect().width)).toBeGreaterThan(70);
});

test("an axis is as wide as its texts, and no wider than it was where they are short", async () => {
  const [view] = at.fake.state.dashboards;
  if (view === undefined) throw new Error("the demo has no dashboard");
  const priced = (value: number, x: number) =>
    metricWidget({
      title: "Cost per answer (USD)",
      place: { x, y: 0, width: 12, height: 6 },
      series: [
        {
          id: "cost",
          label: "cost",
          yAxis: "left",
          startMs: view.startMs,
          periodSeconds: 3600,
          values: [value, value],
        },
      ],
    });
  at.fake.state.dashboards = [{ ...view, widgets: [priced(0.000_000_7, 0), priced(2, 12)] }];
  await at.page.setViewportSize({ width: 1440, height: 900 });
  await ready("#/dashboards");
  const widths = async (): Promise<readonly number[]> =>
    at.page.locator(".u-over").evaluateAll((all) => all.map((one) => (one as HTMLElement).offsetLeft));
  await expect.poll(async () => (await widths()).length).toBe(2);
  const [long = 0, short = 0] = await widths();
  expect(short).toBeLessThan(62);
  expect(long).toBeGreaterThan(short + 8);
});

test("a table of two lines is no half-empty card, and one beside a chart is as high as the chart", async () => {
  const [view] = at.fake.state.dashboards;
  if (view === undefined) throw new Error("the demo has no dashboard");
  const table = (place: { x: number; y: number; width: number; height: number }) => ({
    type: "log" as const,
    view: "table" as const,
    title: "Outcomes",
    fields: ["outcome", "requests"],
    rows: [{ outcome: "ok", requests: "2" }],
    place,
  });
  const chart = metricWidget({ title: "Requests", place: { x: 0, y: 7, width: 12, height: 6 } });
  const widgets = [
    table({ x: 0, y: 0, width: 24, height: 7 }),
    chart,
    table({ x: 12, y: 7, width: 12, height: 6 }),
  ];
  at.fake.state.dashboards = [{ ...view, widgets }];
  await at.page.setViewportSize({ width: 1440, height: 900 });
  await ready("#/dashboards");
  const heights = await at.page
    .locator(".grid .widget")
    .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().height)));
  expect(heights[0]).toBeLessThan(130);
  expect(heights.slice(1)).toEqual([292, 292]);
});

test.each([390, 1024, 1440])(
  "names of alarms without data are broken between words alone, at %d pixels",
  async (width) => {
    const [view] = at.fake.state.dashboards;
    if (view === undefined) throw new Error("the demo has no dashboard");
    const names = ["probe-failing", "failing-share", "duration", "intermittent-failures"];
    const alarms = names.map((name) => ({
      alarmName: `wrist-agent-development-${name}`,
      state: "INSUFFICIENT_DATA" as const,
      sinceMs: view.startMs,
    }));
    const widget = {
      type: "alarm" as const,
      title: "Alarms",
      place: { x: 0, y: 0, width: 16, height: 4 },
      alarms,
    };
    at.fake.state.dashboards = [{ ...view, widgets: [widget] }];
    const [row] = at.fake.state.alarms;
    if (row === undefined) throw new Error("the demo has no alarm");
    at.fake.state.alarms = alarms.map((alarm) => ({ ...row, ...alarm }));
    await at.page.setViewportSize({ width, height: 900 });
    await at.open("#/dashboards");
    await at.page.waitForSelector(".tile-name");
    const broken = await at.page.evaluate(`[...document.querySelectorAll(".tile-name")].flatMap((name) => {
    const text = name.firstChild;
    return [...text.data.matchAll(/[^-]+/g)].filter(({ index, 0: word }) => {
      const range = document.createRange();
      range.setStart(text, index);
      range.setEnd(text, index + word.length);
      return range.getClientRects().length > 1;
    }).map(([word]) => word);
  })`);
    expect(broken).toEqual([]);
  },
);

describe.each(["light", "dark"] as const)("in the %s scheme", (colorScheme) => {
  test.each(Object.keys(STATES))("axe finds nothing serious in any section, %s", async (name) => {
    STATES[name]?.();
    await at.page.emulateMedia({ colorScheme });
    const found: Record<string, readonly string[]> = {};
    for (const hash of SECTIONS) {
      await ready(hash);
      const findings = await seriousFindings(at.page);
      if (findings.length > 0) found[hash] = findings;
    }
    expect(found).toEqual({});
  });

  test("axe finds nothing serious in what opens over the page or in it", async () => {
    await at.page.emulateMedia({ colorScheme });
    const found: Record<string, readonly string[]> = {};
    const steps: readonly (readonly [string, string])[] = [
      ["#/dashboards", "summary:has-text('Faults')"],
      ["#/dashboards", "summary:text-is('Custom')"],
      ["#/dashboards", ".widget[aria-label=Latency] .enlarge"],
      ["#/dashboards", ".widget[aria-label=Latency] .legend button >> nth=0"],
      ["#/alarms/WristAgent-development-Failures", "text=Set state for a drill"],
    ];
    for (const [hash, press] of steps) {
      await ready(hash);
      await at.page.click(press);
      const findings = await seriousFindings(at.page);
      if (findings.length > 0) found[press] = findings;
      await at.page.reload();
    }
    expect(found).toEqual({});
  });
});
