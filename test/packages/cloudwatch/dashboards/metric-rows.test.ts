import { describe, expect, it } from "vitest";
import { type MetricDataQuery, QueryError } from "@wrist-agent/cloudwatch/metric";
import { drawMetric, drawWidget, queriesOf } from "./draw-fake.ts";

describe("the metrics array", () => {
  it("writes shorthand out", () => {
    const [call] = queriesOf({
      metrics: [
        ["App", "Errors", "service", "chat", "op", "send"],
        [".", "Duration", ".", ".", ".", "."],
        ["..."],
        ["...", "read"],
        ["...", "op", "."],
        [{ expression: "row1/2", id: "e1" }],
        [".", "Last", ".", "other"],
      ],
    });
    const metrics = call?.[0].map(({ metricStat, expression }) =>
      metricStat === undefined
        ? expression
        : [metricStat.metric.metricName, ...Object.entries(metricStat.metric.dimensions).flat()],
    );
    expect(metrics).toEqual([
      ["Errors", "service", "chat", "op", "send"],
      ["Duration", "service", "chat", "op", "send"],
      ["Duration", "service", "chat", "op", "send"],
      ["Duration", "service", "chat", "op", "read"],
      ["Duration", "service", "chat", "op", "read"],
      "row1/2",
      ["Last", "service", "other"],
    ]);
  });

  it("takes statistic, period and Region from the widget unless the row has its own", () => {
    const calls = queriesOf({
      stat: "Sum",
      period: 60,
      metrics: [
        ["App", "A"],
        ["App", "B", { stat: "p90", period: 3600 }],
      ],
    });
    expect(calls.map(([, grid]) => grid.periodSeconds)).toEqual([60, 3600]);
    expect(calls[0]?.[0].map((query) => [query.metricStat?.stat, query.returnData])).toEqual([
      ["Sum", true],
      ["p90", false],
    ]);
  });

  it("reads an expression at the longest period of what it uses", () => {
    const calls = queriesOf({
      period: 60,
      metrics: [
        [{ expression: "m1/m2", id: "e1" }],
        [{ expression: "e1*100", id: "e2" }],
        ["App", "A", { id: "m1", visible: false, period: 300 }],
        ["App", "B", { id: "m2", visible: false, period: 900 }],
        [{ expression: "SUM(METRICS())", id: "e3" }],
        [{ expression: "e4", id: "e4" }],
      ],
    });
    expect(
      calls.map(([queries, grid]) => [
        grid.periodSeconds,
        queries.filter((q) => q.returnData).map((q) => q.id),
      ]),
    ).toEqual([
      [900, ["e1", "e2", "e3"]],
      [60, ["e4"]],
    ]);
  });

  it("reads a search at the period that it asks for", () => {
    const period = (expression: string) =>
      queriesOf({ metrics: [[{ expression, id: "e1" }]] })[0]?.[1].periodSeconds;
    expect(period("SUM([SEARCH('{App} x', 'Sum', 900)]) * -1")).toBe(900);
    expect(period("SEARCH('{App} x', 'Sum')")).toBe(300);
    expect(period("SEARCH(")).toBe(300);
  });

  it("does not draw invisible rows and keeps the order of the others", () => {
    const { series } = drawMetric({
      metrics: [
        ["App", "A", { period: 3600, color: "#ff0000", yAxis: "right" }],
        ["App", "B", { visible: false }],
        ["App", "C"],
      ],
    });
    expect(series.map(({ label, color, yAxis }) => [label, color, yAxis])).toEqual([
      ["A", "#ff0000", "right"],
      ["C", undefined, "left"],
    ]);
  });

  it.each([
    [[1], "metrics[0] must be an array"],
    [[["App", 5]], "metrics[0] holds 5: use text before the options"],
    [[[".", "A"]], 'metrics[0] has "." with nothing above to repeat'],
    [[["App"]], "metric [App] must be a namespace, a name, and names and values of dimensions"],
    [
      [["App", "A", "service"]],
      "metric [App, A, service] must be a namespace, a name, and names and values of dimensions",
    ],
    [[], 'a metric widget needs "metrics" or "annotations.alarms"'],
  ])("refuses %j with its reason", (metrics, reason) => {
    expect(drawWidget({ metrics }).widget).toMatchObject({ type: "refused", reason });
  });

  it("asks for the Region of the widget, and of a row where it has its own", () => {
    const metrics = [
      ["App", "A"],
      ["App", "B", { region: "us-east-1" }],
      [{ expression: "m1 + m2", id: "e1" }],
    ];
    const asked: (string | undefined)[] = [];
    drawWidget({ region: "eu-west-1", metrics }, "metric", {
      readSeries: (queries: readonly MetricDataQuery[]) => {
        asked.push(...queries.map(({ region }) => region));
        return [];
      },
    });
    expect(asked).toEqual(["eu-west-1", "us-east-1", "eu-west-1"]);
  });

  it("shows a mistake in a query in the widget's place, and lets a bug through", () => {
    const metrics = [["App", "A"]];
    const failing = (error: Error) => () => {
      throw error;
    };
    expect(
      drawWidget({ metrics }, "metric", { readSeries: failing(new QueryError("unknown x")) }).widget,
    ).toMatchObject({
      type: "refused",
      reason: "unknown x",
    });
    expect(() => drawWidget({ metrics }, "metric", { readSeries: failing(new TypeError("bug")) })).toThrow(
      "bug",
    );
  });
});
