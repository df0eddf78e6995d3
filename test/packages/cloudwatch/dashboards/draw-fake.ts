import type { DashboardView } from "@wrist-agent/cloudwatch/dashboards/dashboard-view";
import { dashboardView, type DashboardRequest } from "@wrist-agent/cloudwatch/dashboards/dashboard";
import type { DashboardAlarm, DashboardPorts } from "@wrist-agent/cloudwatch/dashboards/drawing";
import type { ReadSeries } from "@wrist-agent/cloudwatch/metric";
import { QueryError } from "@wrist-agent/cloudwatch/metric";

export const MINUTE = 60_000;
export const endMs = Date.UTC(2026, 10, 1, 12, 2);
export const startMs = endMs - 3 * 60 * MINUTE;

const failures: DashboardAlarm = {
  definition: {
    alarmName: "failures",
    namespace: "App",
    metricName: "Failure",
    statistic: "Sum",
    periodSeconds: 300,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    threshold: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
  },
  state: "OK",
  stateUpdatedMs: 1000,
};
const alarms: Readonly<Record<string, DashboardAlarm>> = {
  failures,
  slow: {
    ...failures,
    definition: { ...failures.definition, alarmName: "slow" },
    state: "ALARM",
    stateUpdatedMs: 2,
  },
  share: {
    ...failures,
    definition: {
      alarmName: "share",
      metrics: [
        {
          id: "m1",
          label: "failed share",
          metricStat: {
            metric: { namespace: "App", metricName: "Failure", dimensions: {} },
            stat: "Average",
            periodSeconds: 60,
          },
        },
      ],
      evaluationPeriods: 1440,
      datapointsToAlarm: 4,
      threshold: 0.1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
    },
  },
  ratio: {
    ...failures,
    definition: {
      alarmName: "ratio",
      metrics: [
        {
          id: "m1",
          returnData: false,
          metricStat: {
            metric: { namespace: "App", metricName: "Failure", dimensions: {} },
            stat: "Sum",
            periodSeconds: 3600,
          },
        },
        { id: "e1", expression: "m1 / 2" },
      ],
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: "GreaterThanThreshold",
    },
  },
  any: { definition: { alarmName: "any", alarmRule: "ALARM(slow)" }, state: "ALARM", stateUpdatedMs: 3000 },
};

/** Every point has the number of its slot as its value; the second one is missing. */
export const readSeries: ReadSeries = (queries, { startMs: start, periodSeconds, slots }) =>
  queries
    .filter((query) => query.returnData !== false)
    .map(({ id, metricStat }) => ({
      id,
      label: metricStat?.metric.metricName ?? id,
      startMs: start,
      periodSeconds,
      values: Array.from({ length: slots }, (_, slot) => (slot === 1 ? undefined : slot)),
    }));

const ports: DashboardPorts = {
  readSeries,
  alarm: (arn) => alarms[arn.split(":").at(-1) ?? ""],
  logs: ({ query }) => {
    if (query.includes("broken")) throw new QueryError("unknown command broken");
    return { fields: ["@message"], rows: [{ "@message": query }] };
  },
};

export function draw(
  body: string | object,
  more: Partial<DashboardRequest & DashboardPorts> = {},
): DashboardView {
  return dashboardView({ name: "agent", body, startMs, endMs, ...more }, { ...ports, ...more });
}

export function drawWidget(
  properties: object,
  type = "metric",
  more: Partial<DashboardRequest & DashboardPorts> = {},
) {
  const view = draw({ widgets: [{ type, properties }] }, more);
  return { widget: view.widgets[0], notices: view.notices };
}

export function drawMetric(properties: object, more: Partial<DashboardRequest & DashboardPorts> = {}) {
  const { widget } = drawWidget(properties, "metric", more);
  if (widget?.type !== "metric") throw new Error(JSON.stringify(widget));
  return widget;
}

/** What the widget's queries were, as they came to the port. */
export function queriesOf(properties: object) {
  const seen: Parameters<ReadSeries>[] = [];
  drawMetric(properties, {
    readSeries: (...call) => {
      seen.push(call);
      return readSeries(...call);
    },
  });
  return seen;
}
