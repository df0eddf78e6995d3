import type { MetricDataQuery, MetricIdentity, MetricStat } from "../metric.ts";
import type { MemberReader } from "./member-reader.ts";
import { present } from "./present.ts";

/** Reads one entry of an alarm's `Metrics` or of `MetricDataQueries`; `AccountId` is for the door to refuse. */
export function readQuery(read: MemberReader): MetricDataQuery {
  const metricStat = read.object("MetricStat");
  return present<MetricDataQuery>({
    id: read.required("Id", read.text("Id")),
    label: read.text("Label"),
    returnData: read.flag("ReturnData"),
    expression: read.text("Expression"),
    metricStat: metricStat && readMetricStat(metricStat),
    periodSeconds: read.number("Period"),
  });
}

function readMetricStat(read: MemberReader): MetricStat {
  return present<MetricStat>({
    metric: readIdentity(read.required("Metric", read.object("Metric"))),
    periodSeconds: read.required("Period", read.number("Period")),
    stat: read.required("Stat", read.text("Stat")),
    unit: read.text("Unit"),
  });
}

/** Reads `Namespace`, `MetricName` and `Dimensions`, which must name one metric. */
export function readIdentity(read: MemberReader): MetricIdentity {
  return {
    namespace: read.required("Namespace", read.text("Namespace")),
    metricName: read.required("MetricName", read.text("MetricName")),
    dimensions: readDimensions(read),
  };
}

/** Reads `Dimensions`; none when missing. */
export function readDimensions(read: MemberReader): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (read.objects("Dimensions") ?? []).map((entry) => [
      entry.required("Name", entry.text("Name")),
      entry.required("Value", entry.text("Value")),
    ]),
  );
}
