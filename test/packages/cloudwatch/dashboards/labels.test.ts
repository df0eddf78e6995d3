import { describe, expect, it } from "vitest";
import { fillDynamicLabel } from "@wrist-agent/cloudwatch/metrics/series-labels";
import type { ReadSeries } from "@wrist-agent/cloudwatch/metric";
import { drawMetric, drawWidget } from "./draw-fake.ts";

describe("labels", () => {
  it("say in what the metrics of a widget differ", () => {
    const { series } = drawMetric({
      metrics: [
        ["App", "A", "service", "chat"],
        ["App", "A", "service", "mail", { stat: "p90" }],
      ],
    });
    expect(series.map(({ label }) => label)).toEqual(["chat", "mail"]);
  });

  it("fill their dynamic parts in and name those that are not known", () => {
    const { widget, notices } = drawWidget({
      metrics: [["App", "A", { label: "${PROP('MetricName')} max ${MAX} ${NOW}" }]],
    });
    expect(widget).toMatchObject({ series: [{ label: "A max 36 ${NOW}" }] });
    expect(notices).toEqual(['widget 1: label of "row1": ${NOW} is not a value that labels can show']);
  });

  it("keep the names of the series of an array apart", () => {
    const two: ReadSeries = (queries, grid) =>
      ["one", "two"].map((label) => ({ ...grid, id: queries[0]?.id ?? "", label, values: [1] }));
    const labels = (label?: string) =>
      drawMetric(
        { metrics: [[{ expression: "SEARCH('a', 'Sum')", id: "e1", label }]] },
        { readSeries: two },
      ).series.map(({ id, label: shown }) => [id, shown]);
    expect(labels()).toEqual([
      ["e1.1", "one"],
      ["e1.2", "two"],
    ]);
    expect(labels("calls").map(([, shown]) => shown)).toEqual(["calls one", "calls two"]);
    expect(labels("[${LAST}] ${LABEL}").map(([, shown]) => shown)).toEqual(["[1] one", "[1] two"]);
  });
});

describe("dynamic parts of a label", () => {
  const facts = {
    label: "calls",
    startMs: Date.UTC(2026, 10, 1, 10),
    periodSeconds: 3600,
    values: [4, undefined, 1, 9.1234, null, 0.001234],
    endMs: Date.UTC(2026, 10, 3, 12),
    metric: { namespace: "App", metricName: "Calls", dimensions: { service: "chat" } },
    stat: "Sum",
    region: "us-west-2",
  };

  it.each([
    ["${LABEL} ${DATAPOINT_COUNT}", "calls 4"],
    ["${SUM} ${AVG}", "14.12 3.53"],
    ["${FIRST} ${LAST} ${MIN} ${MAX}", "4 0.00123 0.00123 9.12"],
    ["${FIRST_LAST_RANGE}, ${MIN_MAX_RANGE}", "4 - 0.00123, 0.00123 - 9.12"],
    ["${MAX_TIME}", "2026-11-01 13:00 UTC"],
    ["${FIRST_TIME_RELATIVE} ${LAST_TIME_RELATIVE}", "2d ago 45h ago"],
    ["${MIN_MAX_TIME_RANGE}", "2026-11-01 13:00 UTC - 2026-11-01 15:00 UTC"],
    ["${FIRST_LAST_TIME_RANGE_RELATIVE}", "2d ago - 45h ago"],
    ["${PROP('MetricName')} ${PROP('Namespace')} ${PROP('Dim.service')}", "Calls App chat"],
    ["${PROP('Stat')} ${PROP('Period')} ${PROP('Region')}", "Sum 3600 us-west-2"],
  ])("%s reads %s", (template, text) => {
    expect(fillDynamicLabel(template, facts)).toEqual({ text, unknown: [] });
  });

  it("are -- where there is no point", () => {
    const template = "${AVG} ${LAST} ${MAX_TIME} ${MIN_TIME_RELATIVE} ${FIRST_LAST_RANGE}";
    expect(fillDynamicLabel(template, { ...facts, values: [] }).text).toBe("-- -- -- -- -- - --");
  });

  it("count minutes under an hour", () => {
    const endMs = facts.startMs + 59 * 60_000;
    expect(fillDynamicLabel("${LAST_TIME_RELATIVE}", { ...facts, values: [1], endMs }).text).toBe("59m ago");
  });

  it("stay as they are when they are not known", () => {
    expect(fillDynamicLabel("${PROP('Dim.other')} ${MEDIAN}", facts)).toEqual({
      text: "${PROP('Dim.other')} ${MEDIAN}",
      unknown: ["${PROP('Dim.other')}", "${MEDIAN}"],
    });
  });
});
