import { Metrics } from "@aws-lambda-powertools/metrics";
import { METRIC_NAMESPACE, METRICS, PROBE_METRIC, probeServiceOf } from "../contract/metrics.ts";
import type { Line } from "./line.ts";

/** Takes one finished line of text, without its newline. */
export type WriteLine = (text: string) => void;

/**
 * Records runs as EMF made by Powertools, with the properties beside, as its metadata takes no numbers.
 *
 * A run is stamped with its start: the start lies in the schedule's minute whatever the run took, so points lie exactly an
 * interval apart and the alarm's window can be narrow.
 */
export function runRecord(stage: string, write: WriteLine): (line: Line) => void {
  const serviceName = probeServiceOf(stage);
  return ({ failed, startedMs, properties }) => {
    const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName });
    metrics.addMetric(PROBE_METRIC, METRICS[PROBE_METRIC].unit, failed);
    const { _aws, ...members } = metrics.serializeMetrics();
    write(JSON.stringify({ _aws: { ..._aws, Timestamp: startedMs }, ...members, ...properties }));
  };
}
