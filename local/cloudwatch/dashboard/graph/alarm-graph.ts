import type { MetricAlarmDefinition } from "../../alarm-definition.ts";
import type { HorizontalAnnotation, MetricWidgetView } from "../../dashboard-view.ts";
import type { MetricDataQuery, Series } from "../../metric.ts";
import { RefusedWidget, type Drawing } from "../drawing.ts";
import { optional } from "../members.ts";
import { graphGrid, periodFor } from "./widget-period.ts";

/** What an alarm puts into a metric widget: its name, the series that it watches, its threshold. */
export function alarmGraph(
  arn: string,
  drawing: Drawing,
): Pick<MetricWidgetView, "series" | "horizontal"> & { readonly title: string } {
  const definition = drawing.ports.alarm(arn)?.definition;
  if (definition === undefined) throw new RefusedWidget(`alarm ${arn} is not known here`);
  if ("alarmRule" in definition)
    throw new RefusedWidget(`alarm ${definition.alarmName} is composite: it has no graph`);
  const queries = queriesOf(definition);
  const asked = queries.flatMap((query) => query.metricStat?.periodSeconds ?? query.periodSeconds ?? []);
  const grid = graphGrid(
    drawing.range,
    periodFor(Math.max(60, ...asked), drawing.range, drawing.periodOverride),
  );
  return {
    title: definition.alarmName,
    series: drawing.ports.readSeries(queries, grid).map(viewOf),
    horizontal: thresholdOf(definition, Math.max(60, ...asked)),
  };
}

function viewOf(series: Series): MetricWidgetView["series"][number] {
  const { id, label, startMs, periodSeconds, values } = series;
  return { id, label, yAxis: "left", startMs, periodSeconds, values: values.map((value) => value ?? null) };
}

function queriesOf(definition: MetricAlarmDefinition): readonly MetricDataQuery[] {
  const { namespace, metricName, metrics, unit } = definition;
  if (metrics !== undefined) return metrics;
  if (namespace === undefined || metricName === undefined)
    throw new RefusedWidget(`alarm ${definition.alarmName} has no metric`);
  const metric = { namespace, metricName, dimensions: definition.dimensions ?? {} };
  return [
    {
      id: "m1",
      metricStat: {
        metric,
        periodSeconds: definition.periodSeconds ?? 300,
        stat: definition.statistic ?? definition.extendedStatistic ?? "Average",
        ...optional("unit", unit),
      },
    },
  ];
}

const SIGNS: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: ">=",
  GreaterThanThreshold: ">",
  LessThanThreshold: "<",
  LessThanOrEqualToThreshold: "<=",
};

function thresholdOf(
  definition: MetricAlarmDefinition,
  periodSeconds: number,
): readonly HorizontalAnnotation[] {
  const { threshold, comparisonOperator, evaluationPeriods, metricName } = definition;
  if (threshold === undefined) return [];
  const datapoints = definition.datapointsToAlarm ?? evaluationPeriods;
  const minutes = (evaluationPeriods * periodSeconds) / 60;
  const condition = `${metricName ?? "Expression"} ${SIGNS[comparisonOperator] ?? comparisonOperator} ${threshold}`;
  const label = `${condition} for ${datapoints} datapoints within ${minutes} minutes`;
  return [{ value: threshold, label, yAxis: "left" }];
}
