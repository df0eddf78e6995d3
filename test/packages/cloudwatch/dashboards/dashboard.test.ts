import { describe, expect, it } from "vitest";
import { draw, drawMetric, drawWidget, endMs, MINUTE, startMs } from "./draw-fake.ts";

describe("a dashboard", () => {
  it.each(["{", "[]", "{}", '{"widgets":{}}'])(
    "with the body %s has no widgets and says what it must be",
    (body) => {
      const view = draw(body);
      expect(view.widgets).toEqual([]);
      expect(view.notices).toEqual(['the dashboard body must be a JSON object with an array "widgets"']);
    },
  );

  it("places widgets without a place in the first free one", () => {
    const text = { type: "text", properties: { markdown: "x" } };
    const view = draw({
      widgets: [
        { ...text, width: 20, height: 2 },
        { ...text, width: 4, height: 4 },
        { ...text, width: 12, height: 1 },
        text,
      ],
    });
    expect(view.widgets.map(({ place }) => [place.x, place.y])).toEqual([
      [0, 0],
      [20, 0],
      [0, 2],
      [12, 2],
    ]);
  });

  it("keeps the place that a widget names", () => {
    const view = draw({
      widgets: [{ type: "text", x: 3, y: 4, width: 5, height: 6, properties: { markdown: "x" } }],
    });
    expect(view.widgets[0]).toEqual({
      type: "text",
      place: { x: 3, y: 4, width: 5, height: 6 },
      markdown: "x",
      background: "solid",
    });
  });

  it.each(["explorer", "custom", "chart", "trace", "toString", ""])(
    "refuses the widget type %j by name",
    (type) => {
      expect(drawWidget({ title: "T" }, type).widget).toMatchObject({
        type: "refused",
        title: "T",
        reason: `widgets of type "${type}" are not drawn`,
      });
    },
  );

  it("names unknown and undrawn members wherever they are", () => {
    const { notices } = draw({
      start: "-PT3H",
      extra: 1,
      widgets: [
        {
          type: "metric",
          colour: "red",
          properties: {
            metrics: [["App", "Failure", { accountId: "1", wrong: true }]],
            timezone: "+0100",
            yAxis: { left: { minimum: 0 } },
            annotations: { horizontal: [{ value: 1, style: "dotted" }], diagonal: [] },
          },
        },
      ],
    });
    expect(notices).toEqual([
      'unknown member "extra"',
      'widget 1: unknown member "colour"',
      'widget 1: "timezone" is not drawn: times are shown in the browser\'s time zone',
      'widget 1: unknown member "diagonal"',
      'widget 1: unknown member "minimum"',
      'widget 1: horizontal annotation: unknown member "style"',
      'widget 1: metric "row1": "accountId" is not drawn: data of this machine are shown',
      'widget 1: metric "row1": unknown member "wrong"',
    ]);
  });
});

describe("periods of a graph", () => {
  const metrics = [["App", "A"]];
  const hours = (count: number) => ({ startMs: endMs - count * 60 * MINUTE });

  it.each([
    ["three hours at the widget's period", 3, [60, 60]],
    ["a day at a minute", 24, [60, 60]],
    ["three days in longer periods", 72, [60, 300]],
    ["thirty days by the hour", 720, [300, 3600]],
    ["half a year by six hours", 4380, [60, 21_600]],
    ["ten years by the day", 87_600, [60, 86_400]],
  ])("shows %s", (_, range, [period, expected]) => {
    expect(drawMetric({ metrics, period }, hours(range)).series[0]?.periodSeconds).toBe(expected);
  });

  it("obeys the widget when the body says inherit, up to what CloudWatch gives", () => {
    const body = (period: number) => ({
      periodOverride: "inherit",
      widgets: [{ type: "metric", properties: { metrics, period } }],
    });
    expect(draw(body(60), hours(720)).widgets[0]).toMatchObject({ series: [{ periodSeconds: 60 }] });
    expect(draw(body(1), hours(720)).widgets[0]).toMatchObject({
      type: "refused",
      reason: expect.stringContaining("at most 100800") as string,
    });
  });

  it("aligns buckets with the clock", () => {
    const series = drawMetric({ metrics, period: 300 }).series[0];
    expect(series?.startMs).toBe(Date.UTC(2026, 10, 1, 9, 0));
    expect(series?.values).toHaveLength(37);
    expect(series?.values.slice(0, 3)).toEqual([0, null, 2]);
  });

  it("reads one bucket over the whole range for a single value", () => {
    const properties = { metrics, view: "singleValue", setPeriodToTimeRange: true };
    expect(drawMetric(properties).series[0]).toMatchObject({ startMs, periodSeconds: 10_800, values: [0] });
    expect(drawMetric({ ...properties, view: "timeSeries" }).setPeriodToTimeRange).toBe(false);
  });

  it.each([
    [{ start: "-PT1H" }, { hour: 11, hours: 1, slots: 13 }],
    [
      { start: "-PT90M", end: "2026-11-01T06:00:00Z" },
      { hour: 4.5, hours: 1.5, slots: 18 },
    ],
    [
      { start: "2026-11-01T00:00:00Z", end: "2026-11-01T01:00:00Z" },
      { hour: 0, hours: 1, slots: 12 },
    ],
  ])("takes the widget's own range %j", (range, { hour, hours, slots }) => {
    const view = drawMetric({ metrics, ...range });
    const [series] = view.series;
    const ownStartMs = Date.UTC(2026, 10, 1) + hour * 60 * MINUTE;
    expect(series?.startMs).toBe(ownStartMs);
    expect(series?.values).toHaveLength(slots);
    expect(view.range?.endMs).toBe((view.range?.startMs ?? 0) + hours * 60 * MINUTE);
    expect(view.range?.startMs).toBeGreaterThanOrEqual(ownStartMs);
  });

  it("says no range of a widget that follows the dashboard's", () => {
    expect(drawMetric({ metrics })).not.toHaveProperty("range");
  });

  it.each(["-P1", "yesterday"])("refuses the start %s", (start) => {
    expect(drawWidget({ metrics, start }).widget).toMatchObject({ type: "refused" });
  });
});

describe("the look of a metric widget", () => {
  const metrics = [["App", "A"]];

  it.each(["timeSeries", "singleValue", "gauge", "bar", "pie", "table"])("can be %s", (view) => {
    expect(drawMetric({ metrics, view }).view).toBe(view);
  });

  it("is a line chart with a legend below unless it says otherwise, and no unknown view", () => {
    expect(drawMetric({ metrics })).toMatchObject({ view: "timeSeries", legend: "bottom", stacked: false });
    expect(drawWidget({ metrics, view: "radar" }).widget).toMatchObject({
      type: "refused",
      reason: expect.stringContaining('unknown view "radar"') as string,
    });
  });

  it("carries axes and annotations, without the invisible ones", () => {
    const widget = drawMetric({
      metrics,
      yAxis: { left: { min: 0, max: 1, label: "share", showUnits: false } },
      annotations: {
        horizontal: [
          { value: 1, label: "limit", color: "#d62728", fill: "above" },
          [{ value: 2, label: "from" }, { value: 3 }],
          { value: 9, visible: false },
          { value: 4, yAxis: "right", fill: "none" },
        ],
        vertical: [
          { value: "2026-11-01T11:00:00Z", fill: "after" },
          [{ value: "2026-11-01T10:00:00Z" }, { value: "2026-11-01T10:30:00Z" }],
        ],
      },
    });
    expect(widget.left).toEqual({ min: 0, max: 1, label: "share", showUnits: false });
    expect(widget.right).toBeUndefined();
    expect(widget.horizontal).toEqual([
      { value: 1, label: "limit", color: "#d62728", fill: "above", yAxis: "left" },
      { value: 2, toValue: 3, label: "from", yAxis: "left" },
      { value: 4, yAxis: "right" },
    ]);
    expect(widget.vertical).toEqual([
      { timeMs: endMs - 62 * MINUTE, fill: "after" },
      { timeMs: endMs - 122 * MINUTE, toTimeMs: endMs - 92 * MINUTE },
    ]);
  });

  it("names annotations that it cannot place", () => {
    const annotations = { horizontal: [{ label: "x" }], vertical: [{ value: "noon" }] };
    expect(drawWidget({ metrics, annotations }).notices).toHaveLength(2);
  });

  it("draws what an alarm watches, with its threshold", () => {
    const widget = drawMetric({ annotations: { alarms: ["arn:aws:cloudwatch:us-west-2:1:alarm:failures"] } });
    expect(widget.title).toBe("failures");
    expect(widget.series[0]).toMatchObject({ label: "Failure", periodSeconds: 300 });
    expect(widget.horizontal).toEqual([
      { value: 1, label: "Failure >= 1 for 2 datapoints within 15 minutes", yAxis: "left" },
    ]);
  });

  it.each([
    ["share", "failed share >= 0.1 for 4 datapoints within 24 hours"],
    ["ratio", "Expression > 1 for 1 datapoints within 1 hour"],
  ])("says of the alarm %s what is judged, by its name, and within which time", (alarm, label) => {
    const { horizontal } = drawMetric({ annotations: { alarms: [alarm] } });
    expect(horizontal.map((line) => line.label)).toEqual([label]);
  });

  it.each([
    ["nobody", "alarm nobody is not known here"],
    ["any", "alarm any is composite: it has no graph"],
  ])("refuses the graph of alarm %s", (arn, reason) => {
    expect(drawWidget({ annotations: { alarms: [arn] } }).widget).toMatchObject({ type: "refused", reason });
  });
});

describe("alarm and log widgets", () => {
  const all = ["slow", "failures", "any"];

  it.each([
    [{}, ["any", "failures", "slow"]],
    [{ sortBy: "stateUpdatedTimestamp" }, ["any", "slow", "failures"]],
    [{ sortBy: "timestamp" }, ["any", "failures", "slow"]],
    [{ states: ["ALARM"] }, ["any", "slow"]],
  ])("lists alarms with %j", (options, names) => {
    const { widget } = drawWidget({ alarms: all, ...options }, "alarm");
    expect(widget).toMatchObject({ type: "alarm", alarms: names.map((alarmName) => ({ alarmName })) });
  });

  it("names an alarm that is not known", () => {
    expect(drawWidget({ alarms: ["nobody"] }, "alarm").notices).toEqual([
      "widget 1: alarm nobody is not known here",
    ]);
  });

  it("shows the rows that a log query finds, or why there are none", () => {
    const query = "SOURCE 'g' | fields @message";
    expect(drawWidget({ query, view: "bar", title: "L" }, "log").widget).toMatchObject({
      type: "log",
      title: "L",
      view: "bar",
      fields: ["@message"],
      rows: [{ "@message": query }],
    });
    expect(drawWidget({ query: "broken" }, "log").widget).toMatchObject({ reason: "unknown command broken" });
    expect(drawWidget({}, "log").widget).toMatchObject({ reason: 'a log widget needs "query"' });
    expect(drawWidget({ query, queryLanguage: "SQL" }, "log").widget).toMatchObject({
      reason: "queries in SQL are not run: use the Logs Insights query language",
    });
  });
});
