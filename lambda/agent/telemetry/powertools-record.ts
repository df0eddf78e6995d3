import { Metrics } from "@aws-lambda-powertools/metrics";
import { METRIC_NAMESPACE, METRICS } from "../../contract/metrics.ts";
import type { Line } from "./line.ts";

/** Takes one finished line of text, without its newline. */
export type WriteLine = (text: string) => void;

/**
 * Records lines as EMF made by Powertools.
 *
 * Powertools makes the document and this file writes it: its own metadata holds strings only, and a number must stay one for
 * Logs Insights to average it.
 */
export function powertoolsRecord(services: readonly string[], write: WriteLine): (line: Line) => void {
  const byService = new Map(services.map((serviceName) => [serviceName, metricsOf(serviceName)]));
  return (line) => {
    const metrics = byService.get(line.service) ?? metricsOf(line.service);
    try {
      for (const [name, value] of line.metrics) metrics.addMetric(name, METRICS[name].unit, value);
      write(JSON.stringify({ ...line.properties, ...metrics.serializeMetrics() }));
    } finally {
      metrics.clearMetrics();
    }
  };
}

function metricsOf(serviceName: string): Metrics {
  return new Metrics({ namespace: METRIC_NAMESPACE, serviceName });
}
