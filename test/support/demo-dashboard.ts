import type {
  DashboardView,
  MetricWidgetView,
  SeriesView,
} from "@wrist-agent/cloudwatch/dashboards/dashboard-view";

/** Three hours, the range of {@link demoDashboard}. */
export const DEMO_RANGE_MS = 3 * 3_600_000;

const PERIOD_SECONDS = 300;
const POINTS = DEMO_RANGE_MS / 1000 / PERIOD_SECONDS;

type Shape = (index: number) => number | null;

function series(label: string, endMs: number, shape: Shape): SeriesView {
  return {
    id: label.toLowerCase().replaceAll(" ", "_"),
    label,
    yAxis: "left",
    startMs: endMs - DEMO_RANGE_MS,
    periodSeconds: PERIOD_SECONDS,
    values: Array.from({ length: POINTS }, (_none, index) => shape(index)),
  };
}

/** A metric widget with everything at its default; `change` says what differs. */
export function metricWidget(change: Partial<MetricWidgetView>): MetricWidgetView {
  return {
    type: "metric",
    place: { x: 0, y: 0, width: 6, height: 5 },
    view: "timeSeries",
    stacked: false,
    sparkline: false,
    setPeriodToTimeRange: false,
    legend: "bottom",
    series: [],
    horizontal: [],
    vertical: [],
    ...change,
  };
}

/**
 * A dashboard that holds every kind of widget: lines with a gap and a lonely point, thresholds, bands,
 * numbers.
 */
export function demoDashboard(name: string, endMs: number): DashboardView {
  const modes = ["note", "reminder", "event"].map((mode, m) =>
    series(mode, endMs, (i) => ((i * (m + 3)) % 4) + 1),
  );
  const tokens = [
    series("Input tokens", endMs, (i) => 180 + 60 * Math.sin(i / 4)),
    series("Output tokens", endMs, (i) => 90 + 30 * Math.cos(i / 3)),
  ];
  return {
    name,
    startMs: endMs - DEMO_RANGE_MS,
    endMs,
    notices: [],
    widgets: [
      {
        type: "text",
        place: { x: 0, y: 0, width: 24, height: 2 },
        background: "transparent",
        markdown:
          "## Is it up?\nFailures need action **within the hour**: [runbook](https://example.com/runbook). Drawn from the synthesised dashboard.",
      },
      metricWidget({
        place: { x: 0, y: 2, width: 12, height: 6 },
        title: "Failed requests",
        series: [series("Failures", endMs, (i) => (i > 24 && i < 30 ? i - 24 : 0))],
        horizontal: [{ value: 3, label: "alarm at 3", yAxis: "left", fill: "above" }],
        vertical: [{ timeMs: endMs - 0.36 * DEMO_RANGE_MS, label: "deployed", color: "#8762d4" }],
      }),
      metricWidget({
        place: { x: 12, y: 2, width: 12, height: 6 },
        title: "Latency",
        series: [
          series("p50", endMs, (i) =>
            (i > 8 && i < 14) || i > 30 ? (i === 33 ? 900 : null) : 700 + 90 * Math.sin(i / 3),
          ),
          series("Maximum", endMs, (i) =>
            (i > 8 && i < 14) || i > 30 ? (i === 33 ? 1600 : null) : 1300 + 300 * Math.sin(i / 2),
          ),
        ],
        left: { label: "milliseconds" },
        horizontal: [{ value: 400, toValue: 1000, label: "usual", color: "#2c9c6a", yAxis: "left" }],
      }),
      metricWidget({
        place: { x: 0, y: 8, width: 8, height: 3 },
        title: "Right now",
        view: "singleValue",
        sparkline: true,
        series: tokens,
      }),
      metricWidget({
        place: { x: 8, y: 8, width: 4, height: 5 },
        title: "Budget used",
        view: "gauge",
        left: { min: 0, max: 100 },
        series: [series("Percent", endMs, () => 38)],
      }),
      metricWidget({
        place: { x: 12, y: 8, width: 6, height: 5 },
        title: "By mode",
        view: "pie",
        setPeriodToTimeRange: true,
        series: modes,
      }),
      metricWidget({
        place: { x: 18, y: 8, width: 6, height: 5 },
        title: "By mode, as bars",
        view: "bar",
        series: modes,
      }),
      {
        type: "alarm",
        place: { x: 0, y: 11, width: 8, height: 5 },
        title: "Alarms",
        alarms: [
          { alarmName: "WristAgent-development-Failures", state: "ALARM" },
          { alarmName: "WristAgent-development-Duration", state: "OK" },
          { alarmName: "WristAgent-development-Errors", state: "OK" },
        ],
      },
      metricWidget({
        place: { x: 8, y: 13, width: 8, height: 5 },
        title: "Requests by mode",
        stacked: true,
        legend: "right",
        series: modes,
      }),
      metricWidget({
        place: { x: 16, y: 13, width: 8, height: 5 },
        title: "Summary",
        view: "table",
        series: tokens,
      }),
      {
        type: "log",
        place: { x: 0, y: 16, width: 8, height: 5 },
        title: "Last failures",
        view: "table",
        fields: ["@timestamp", "outcome", "reason"],
        rows: [{ "@timestamp": "2026-11-22 18:04:11", outcome: "throttled", reason: "ThrottlingException" }],
      },
      {
        type: "refused",
        place: { x: 8, y: 18, width: 16, height: 3 },
        title: "Explorer",
        reason: "explorer widgets need resource tags, which only AWS has",
      },
    ],
  };
}
