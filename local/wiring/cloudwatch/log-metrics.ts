import type { Datum } from "../../cloudwatch/metric.ts";
import { parseEmf } from "../../cloudwatch/metrics/emf.ts";
import type { LogEvent } from "../../function/record.ts";

/** The metrics of one log event: what its embedded metric format says, and what `AWS/Logs` counts of its faults. */
export function logData(event: LogEvent, receivedMs: number): readonly Datum[] {
  const { data, parsingErrors, validationErrors } = parseEmf(event.message, receivedMs);
  return [
    ...data,
    ...errorCount(event, "EMFParsingErrors", parsingErrors),
    ...errorCount(event, "EMFValidationErrors", validationErrors),
  ];
}

/** No point without an error. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html */
function errorCount(event: LogEvent, metricName: string, count: number): readonly Datum[] {
  if (count === 0) return [];
  const dimensions = { LogGroupName: event.logGroupName };
  const { timestampMs } = event;
  return [{ namespace: "AWS/Logs", metricName, dimensions, timestampMs, unit: "Count", values: [count] }];
}
