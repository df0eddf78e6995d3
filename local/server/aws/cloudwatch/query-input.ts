import { present } from "../../../assembly/property-reader.ts";
import type { MetricDataQuery, MetricIdentity, MetricStat } from "../../../cloudwatch/metric.ts";
import { AwsError } from "../aws-error.ts";
import type { Reader } from "./reader.ts";

/** Reads one entry of `MetricDataQueries` or of an alarm's `Metrics`. */
export function queryInput(read: Reader): MetricDataQuery {
  read.refuse({ AccountId: "leave it out, there is one account" });
  const metricStat = read.object("MetricStat");
  return present<MetricDataQuery>({
    id: read.required("Id", read.text("Id")),
    label: read.text("Label"),
    returnData: read.flag("ReturnData"),
    expression: read.text("Expression"),
    metricStat: metricStat && metricStatInput(metricStat),
    periodSeconds: read.number("Period"),
  });
}

function metricStatInput(read: Reader): MetricStat {
  return present<MetricStat>({
    metric: identityInput(read.required("Metric", read.object("Metric"))),
    periodSeconds: read.required("Period", read.number("Period")),
    stat: read.required("Stat", read.text("Stat")),
    unit: read.text("Unit"),
  });
}

/** Reads `Namespace`, `MetricName` and `Dimensions`, which must name one metric. */
export function identityInput(read: Reader): MetricIdentity {
  return {
    namespace: read.required("Namespace", read.text("Namespace")),
    metricName: read.required("MetricName", read.text("MetricName")),
    dimensions: dimensionsInput(read),
  };
}

/** Reads `Dimensions`; none when missing. */
export function dimensionsInput(read: Reader): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (read.objects("Dimensions") ?? []).map((entry) => [
      entry.required("Name", entry.text("Name")),
      entry.required("Value", entry.text("Value")),
    ]),
  );
}

/** A span of time, epoch milliseconds; `endMs` is exclusive. */
export interface RangeInput {
  readonly startMs: number;
  readonly endMs: number;
}

/** Reads `StartTime` and `EndTime`, in this order. */
export function rangeInput(read: Reader): RangeInput {
  const startMs = read.required("StartTime", read.time("StartTime"));
  const endMs = read.required("EndTime", read.time("EndTime"));
  if (startMs < endMs) return { startMs, endMs };
  throw new AwsError("ValidationError", "The parameter StartTime must be less than the parameter EndTime.");
}

/** Refuses a period that no metric can be read with. */
export function checkPeriod(periodSeconds: number): void {
  if ([1, 5, 10, 20, 30].includes(periodSeconds) || (periodSeconds > 0 && periodSeconds % 60 === 0)) return;
  throw new AwsError(
    "InvalidParameterValue",
    `The value ${periodSeconds} for parameter Period is invalid: it must be 1, 5, 10, 20, 30 or a multiple of 60.`,
  );
}
