import type { Datum } from "@wrist-agent/cloudwatch/metric";
import { parseEmf } from "@wrist-agent/cloudwatch/metrics/emf";
import type { InvocationRecord, LogEvent, UrlRecord } from "../function/function-records.ts";
import type { JournalEntry } from "../journal/journal-entry.ts";

/** One metric that Lambda itself makes of a record; no point where `value` gives none. */
interface VendedMetric<Record> {
  readonly metricName: string;
  readonly unit: "Count" | "Milliseconds";
  readonly value: (record: Record) => number | undefined;
}

/** A throttled request did not run: it counts in Throttles alone. */
function whenRun(value: (record: InvocationRecord) => number) {
  return (record: InvocationRecord) => (record.status === "throttled" ? undefined : value(record));
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
const INVOCATION_METRICS: readonly VendedMetric<InvocationRecord>[] = [
  { metricName: "Invocations", unit: "Count", value: whenRun(() => 1) },
  { metricName: "Errors", unit: "Count", value: whenRun(({ status }) => Number(status !== "success")) },
  { metricName: "Duration", unit: "Milliseconds", value: whenRun(({ durationMs }) => durationMs) },
  { metricName: "Throttles", unit: "Count", value: ({ status }) => Number(status === "throttled") },
  {
    metricName: "ConcurrentExecutions",
    unit: "Count",
    value: whenRun(({ concurrentExecutions }) => concurrentExecutions),
  },
];

/** https://docs.aws.amazon.com/lambda/latest/dg/urls-monitoring.html */
const URL_METRICS: readonly VendedMetric<UrlRecord>[] = [
  { metricName: "UrlRequestCount", unit: "Count", value: () => 1 },
  {
    metricName: "Url4xxCount",
    unit: "Count",
    value: ({ status }) => Number(status >= 400 && status < 500),
  },
  { metricName: "Url5xxCount", unit: "Count", value: ({ status }) => Number(status >= 500) },
  { metricName: "UrlRequestLatency", unit: "Milliseconds", value: ({ latencyMs }) => latencyMs },
];

/** The `AWS/Lambda` data of one invocation, stamped with its start. */
export function invocationMetricData(record: InvocationRecord): readonly Datum[] {
  return vendedData(INVOCATION_METRICS, record, dimensionSets(record));
}

/** The `AWS/Lambda` data of one request to a Function URL, stamped with its start. */
export function urlMetricData(record: UrlRecord): readonly Datum[] {
  return vendedData(URL_METRICS, record, qualifiedSets(record));
}

type Origin = Pick<InvocationRecord, "functionName" | "qualifier" | "executedVersion" | "startMs">;

function vendedData<Record extends Origin>(
  rows: readonly VendedMetric<Record>[],
  record: Record,
  sets: readonly Datum["dimensions"][],
): readonly Datum[] {
  return rows.flatMap(({ metricName, unit, value }) => {
    const point = value(record);
    if (point === undefined) return [];
    return sets.map((dimensions) => ({
      namespace: "AWS/Lambda",
      metricName,
      dimensions,
      unit,
      timestampMs: record.startMs,
      values: [point],
    }));
  });
}

/** An invocation that names neither alias nor version counts for the function alone. */
function dimensionSets(origin: Origin): readonly Datum["dimensions"][] {
  if (origin.qualifier === "$LATEST") return [{ FunctionName: origin.functionName }];
  return qualifiedSets(origin);
}

/** Lambda publishes each point once per way of asking for it. */
function qualifiedSets({ functionName, qualifier, executedVersion }: Origin): readonly Datum["dimensions"][] {
  const resource = { FunctionName: functionName, Resource: `${functionName}:${qualifier}` };
  return [{ FunctionName: functionName }, resource, { ...resource, ExecutedVersion: executedVersion }];
}

/**
 * The metrics of one log event: what its embedded metric format says, and what `AWS/Logs` counts of its
 * faults.
 */
export function logMetricData(event: LogEvent, receivedMs: number): readonly Datum[] {
  const { data, parsingErrors, validationErrors } = parseEmf(event.message, receivedMs);
  return [
    ...data,
    ...errorCount(event, "EMFParsingErrors", parsingErrors),
    ...errorCount(event, "EMFValidationErrors", validationErrors),
  ];
}

/**
 * No point without an error.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
 */
function errorCount(event: LogEvent, metricName: string, count: number): readonly Datum[] {
  if (count === 0) return [];
  const dimensions = { LogGroupName: event.logGroupName };
  const { timestampMs } = event;
  return [{ namespace: "AWS/Logs", metricName, dimensions, timestampMs, unit: "Count", values: [count] }];
}

/** The data that an entry of the journal puts into CloudWatch; none of an entry that measures nothing. */
export function journalData(entry: JournalEntry): readonly Datum[] {
  switch (entry.kind) {
    case "log":
      return logMetricData(entry.event, entry.atMs);
    case "invocation":
      return invocationMetricData(entry.record);
    case "url":
      return urlMetricData(entry.record);
    case "metrics":
      return entry.data;
    default:
      return [];
  }
}
