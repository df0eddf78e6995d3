import type { AlarmState, MetricAlarmDefinition } from "../alarm.ts";
import type { MetricDataQuery, Series } from "../metric.ts";
import type {
  AlarmWidgetView,
  HorizontalAnnotation,
  MetricWidgetView,
  WidgetPlace,
} from "./dashboard-view.ts";
import { type DashboardAlarm, type Drawing, RefusedWidget } from "./drawing.ts";
import { graphGrid, widgetPeriod } from "./time-range.ts";
import { choiceAt, listAt, optionalMember, textAt, undrawnMembers } from "./widget-members.ts";
import { type JsonObject } from "../json.ts";

const SORTS = ["default", "stateUpdatedTimestamp", "timestamp"] as const;
/** Alarms first, as the console lists them. */
const URGENCY: Readonly<Record<AlarmState, number>> = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 };

type Order = (a: DashboardAlarm, b: DashboardAlarm) => number;

const byName: Order = (a, b) => (a.definition.alarmName < b.definition.alarmName ? -1 : 1);
const byRecency: Order = (a, b) => b.stateUpdatedMs - a.stateUpdatedMs;
const byState: Order = (a, b) => URGENCY[a.state] - URGENCY[b.state];

const ORDERS: Readonly<Record<(typeof SORTS)[number], Order>> = {
  default: byName,
  stateUpdatedTimestamp: (a, b) => byState(a, b) || byRecency(a, b),
  timestamp: byRecency,
};

/** Draws an alarm status widget; alarms that are not known are named. */
export function drawAlarmWidget(
  properties: JsonObject,
  place: WidgetPlace,
  drawing: Drawing,
): AlarmWidgetView {
  undrawnMembers("alarm", properties).forEach(drawing.notice);
  const states = listAt(properties, "states");
  const alarms = listAt(properties, "alarms")
    .flatMap((arn) => knownAlarm(String(arn), drawing))
    .filter(({ state }) => states.length === 0 || states.includes(state))
    .sort(ORDERS[choiceAt(properties, "sortBy", SORTS)])
    .map(({ definition, state }) => ({ alarmName: definition.alarmName, state }));
  return { type: "alarm", place, ...optionalMember("title", textAt(properties, "title")), alarms };
}

function knownAlarm(arn: string, { ports, notice }: Drawing): readonly DashboardAlarm[] {
  const alarm = ports.alarm(arn);
  if (alarm === undefined) notice(`alarm ${arn} is not known here`);
  return alarm === undefined ? [] : [alarm];
}

/** What an alarm puts into a metric widget: its name, the series that it watches, its threshold. */
export function alarmGraph(
  arn: string,
  drawing: Drawing,
): Pick<MetricWidgetView, "series" | "horizontal"> & { readonly title: string } {
  const definition = drawing.ports.alarm(arn)?.definition;
  if (definition === undefined) throw new RefusedWidget(`alarm ${arn} is not known here`);
  if ("alarmRule" in definition)
    throw new RefusedWidget(`alarm ${definition.alarmName} is composite: it has no graph`);
  // An alarm reads its own Region, which its ARN names; one that is named without an ARN is of the Region
  // asked.
  const region = /^arn:[^:]+:cloudwatch:([^:]+):/.exec(arn)?.[1];
  const queries = queriesOf(definition).map((query) => ({ ...query, ...optionalMember("region", region) }));
  const asked = queries.flatMap((query) => query.metricStat?.periodSeconds ?? query.periodSeconds ?? []);
  const grid = graphGrid(
    drawing.range,
    widgetPeriod(Math.max(60, ...asked), drawing.range, drawing.periodOverride),
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
        ...optionalMember("unit", unit),
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
  const { threshold, comparisonOperator, evaluationPeriods } = definition;
  if (threshold === undefined) return [];
  const datapoints = definition.datapointsToAlarm ?? evaluationPeriods;
  const condition = `${judgedName(definition)} ${SIGNS[comparisonOperator] ?? comparisonOperator} ${threshold}`;
  const label = `${condition} for ${datapoints} datapoints within ${windowText(evaluationPeriods * periodSeconds)}`;
  return [{ value: threshold, label, yAxis: "left" }];
}

/** What is judged, by its name; an expression without a label has none. */
function judgedName({ metricName, metrics = [] }: MetricAlarmDefinition): string {
  const judged = metrics.find(({ returnData }) => returnData !== false);
  return metricName ?? judged?.label ?? judged?.metricStat?.metric.metricName ?? "Expression";
}

/** A length of time in hours where they are whole. */
function windowText(seconds: number): string {
  const [count, unit] = seconds % 3600 === 0 ? [seconds / 3600, "hour"] : [seconds / 60, "minute"];
  return `${count} ${count === 1 ? unit : `${unit}s`}`;
}
