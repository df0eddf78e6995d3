import { Metrics } from "@aws-lambda-powertools/metrics";
import { METRIC_NAMESPACE, METRICS, SERVICE_DIMENSION } from "../../contract/metrics.ts";
import type { Line } from "./line.ts";

/** Takes one finished line of text, without its newline. */
export type WriteLine = (text: string) => void;

/** What of an EMF document does not change from request to request. */
interface Shape {
  readonly directives: readonly unknown[];
  readonly dimensions: Readonly<Record<string, unknown>>;
}

/**
 * Records lines as EMF whose directives Powertools makes, once for each set of metric names.
 *
 * Powertools checks and builds the same directives anew for every document, which costs more than all else of a line; and its
 * metadata holds strings only, while a number must stay one for Logs Insights to average it. `now` is epoch milliseconds.
 */
export function powertoolsRecord(write: WriteLine, now: () => number): (line: Line) => void {
  const shapes = new Map<string, Shape>();
  return ({ service, metrics, properties }) => {
    const key = metrics.reduce((names, [name]) => `${names} ${name}`, service);
    const shape = shapes.get(key) ?? shapeOf(service, metrics);
    shapes.set(key, shape);
    const document: Record<string, unknown> = {
      _aws: { Timestamp: now(), CloudWatchMetrics: shape.directives },
      ...shape.dimensions,
    };
    for (const [name, value] of metrics) document[name] = value;
    write(JSON.stringify(Object.assign(document, properties)));
  };
}

function shapeOf(serviceName: string, values: Line["metrics"]): Shape {
  // Powertools would write a directive that names no metric.
  if (values.length === 0) return { directives: [], dimensions: { [SERVICE_DIMENSION]: serviceName } };
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName });
  for (const [name, value] of values) metrics.addMetric(name, METRICS[name].unit, value);
  const { _aws, ...members } = metrics.serializeMetrics();
  const dimensions = Object.entries(members).filter(([name]) => !Object.hasOwn(METRICS, name));
  return { directives: _aws.CloudWatchMetrics, dimensions: Object.fromEntries(dimensions) };
}
