import { describe, expect, test } from "vitest";
import type { DrawRequest } from "../../../local/drawing/protocol.ts";
import {
  bodyWithoutLogs,
  bodyWithPeriodsOf,
  type DashboardDrawingSources,
  drawDashboard,
  hasShortPeriods,
} from "../../../local/runtime/page-views.ts";

interface Widget {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

const hourly = (title: string, change: object = {}): Widget => ({
  type: "metric",
  properties: {
    title,
    view: "timeSeries",
    metrics: [
      ["Tiny", "Failure", { id: "m1", period: 3600, stat: "Sum" }],
      [{ expression: "m1 * 2", id: "e1" }],
    ],
    ...change,
  },
});

function drawn(widget: Widget, rangeSeconds: number): Widget["properties"] {
  const body = bodyWithPeriodsOf(JSON.stringify({ start: "-P1D", widgets: [widget] }), rangeSeconds);
  const { start, widgets } = JSON.parse(body) as { start: string; widgets: Widget[] };
  expect(start).toBe("-P1D");
  return widgets[0]?.properties ?? {};
}

const periodIn = ({ metrics }: Widget["properties"]): unknown =>
  ((metrics as unknown[][])[0]?.[2] as { period: number }).period;

describe("the period of an hourly chart", () => {
  test.each([
    [900, 60, "Requests per minute, by outcome"],
    [3600, 300, "Requests per 5 minutes, by outcome"],
    [10_800, 900, "Requests per 15 minutes, by outcome"],
    [43_200, 3600, "Requests per hour, by outcome"],
    [604_800, 3600, "Requests per hour, by outcome"],
  ])("over %d s is %d s, and its title says so", (rangeSeconds, period, title) => {
    const properties = drawn(hourly("Requests per hour, by outcome"), rangeSeconds);
    expect([periodIn(properties), properties.title]).toEqual([period, title]);
  });

  test("is named in a title that averages too", () => {
    const title = "Tokens per request, average of the hour";
    expect(drawn(hourly(title), 3600).title).toBe("Tokens per request, average of 5 minutes");
  });

  test("stays where a line is drawn at a value, since the value is one of an hour", () => {
    const annotations = { horizontal: [{ value: 3 }] };
    expect(periodIn(drawn(hourly("Failures per hour", { annotations }), 900))).toBe(3600);
  });

  test("stays for numbers, and a day stays a day", () => {
    expect(periodIn(drawn(hourly("Requests", { view: "singleValue" }), 900))).toBe(3600);
    const daily = hourly("Cost per day", { metrics: [["Tiny", "CostUsd", { period: 86_400 }]] });
    expect(drawn(daily, 900).metrics).toEqual([["Tiny", "CostUsd", { period: 86_400 }]]);
  });

  test("leaves expressions to the period of what they read", () => {
    expect((drawn(hourly("a"), 3600).metrics as unknown[])[1]).toEqual([{ expression: "m1 * 2", id: "e1" }]);
  });
});

test.each(["no JSON", "{}", '{"widgets":3}', '{"widgets":[1,{"type":"metric","properties":{"metrics":7}}]}'])(
  "a body like %s goes on to where it is refused",
  (body) => {
    expect(() => bodyWithPeriodsOf(body, 900)).not.toThrow();
  },
);

test("a body without its log queries keeps their places and titles, and everything else", () => {
  const log = {
    type: "log",
    x: 1,
    y: 2,
    width: 3,
    height: 4,
    properties: { title: "Last", query: "fields a" },
  };
  const other = hourly("Requests per hour");
  const body = bodyWithoutLogs(JSON.stringify({ start: "-P1D", widgets: [log, other, 7] }));
  expect(JSON.parse(body)).toEqual({
    start: "-P1D",
    widgets: [{ ...log, type: "text", properties: { markdown: "**Last**\n\nQuerying the log…" } }, other, 7],
  });
  expect(bodyWithoutLogs("no JSON")).toBe("no JSON");
});

describe("a young system opens", () => {
  const daily = { metrics: [["Tiny", "CostUsd", { period: 86_400, stat: "Sum" }]] };
  const number = { ...hourly("Requests"), properties: { ...hourly("").properties, view: "singleValue" } };
  const bodyOf = (...widgets: readonly object[]): string => JSON.stringify({ start: "-P31D", widgets });

  test.each<[string, string, boolean]>([
    ["an hourly chart", bodyOf(hourly("Requests per hour")), true],
    ["an hourly chart beside one of days", bodyOf(hourly("Requests"), hourly("Cost", daily)), true],
    ["no chart at all", bodyOf(), true],
    ["charts of days alone, with an hourly number", bodyOf(number, hourly("Cost", daily)), false],
    ["no JSON", "{", true],
  ])("a dashboard of %s on what it has: %s", (_of, body, isShort) => {
    expect(hasShortPeriods(body)).toBe(isShort);
  });

  test.each<[string, object, number]>([
    ["of days on its own range", daily, 31 * 86_400],
    ["of hours on the shortest range that shows everything", {}, 3600],
  ])("a dashboard %s", async (_of, change, seconds) => {
    const nowMs = Date.UTC(2026, 10, 23, 12);
    const drawn: DrawRequest[] = [];
    const body = bodyOf(hourly("Per hour", change));
    const sources = {
      dashboardStore: { find: () => ({ name: "a", body, modifiedMs: 0 }) },
      plan: { home: { home: { region: "us-west-2" } }, regions: [] },
      oldestMs: () => nowMs - 20 * 60_000,
      drawer: {
        draw: (request: DrawRequest) => {
          drawn.push(request);
          return Promise.resolve({ frame: "{}", widgets: [] });
        },
      },
    } as unknown as DashboardDrawingSources;
    const address = { template: "https://a.invalid/", local: "http://127.0.0.1/" };
    await drawDashboard(sources, { name: "a" }, { nowMs, address });
    expect(drawn.map(({ startMs, endMs }) => (endMs - startMs) / 1000)).toEqual([seconds]);
  });
});

test("a chart with a range of its own keeps its period", () => {
  expect(periodIn(drawn(hourly("Requests per hour", { start: "-P31D" }), 3600))).toBe(3600);
});
