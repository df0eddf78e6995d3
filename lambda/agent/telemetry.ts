import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { agentServiceName, METRIC_NAMESPACE, METRICS, SERVICE_DIMENSION } from "../contract/metrics.ts";
import type { Telemetry } from "./agent.ts";
import { powertoolsReport } from "./report.ts";
import type { RequestLine } from "./request-line.ts";
import type { AgentSettings } from "./settings.ts";
import { type Trace, UNTRACED, xrayDaemon, xrayTrace } from "./trace.ts";

/** The telemetry that is deployed: Powertools for log and metrics, spans of our own when X-Ray is on. */
export function powertoolsTelemetry(settings: AgentSettings): Telemetry {
  return {
    report: powertoolsReport(new Logger({ serviceName: agentServiceName(settings.stage) })),
    record: emfRecord((text) => process.stdout.write(`${text}\n`), Date.now),
    trace: lambdaTrace(),
  };
}

/** Lambda sets the daemon's address when active tracing is on: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
function lambdaTrace(): Trace {
  const address = process.env.AWS_XRAY_DAEMON_ADDRESS;
  if (address === undefined || address === "") return () => UNTRACED;
  return xrayTrace({
    header: () => process.env._X_AMZN_TRACE_ID,
    send: xrayDaemon(address),
    now: () => Date.now(),
  });
}

/** Takes one finished line of text, without its newline. */
type WriteLine = (text: string) => void;

/** What of an EMF document does not change from request to request. */
interface EmfShape {
  readonly directives: readonly unknown[];
  readonly dimensions: Readonly<Record<string, unknown>>;
}

/**
 * Records lines as EMF whose directives Powertools makes, once for each set of metric names.
 *
 * Powertools checks and builds the same directives anew for every document, which costs more than all else of a line; and its
 * metadata holds strings only, while a number must stay one for Logs Insights to average it. `now` is epoch milliseconds.
 */
export function emfRecord(write: WriteLine, now: () => number): (line: RequestLine) => void {
  const shapes = new Map<string, EmfShape>();
  return ({ service, metrics, properties }) => {
    const key = metrics.reduce((names, [name]) => `${names} ${name}`, service);
    const shape = shapes.get(key) ?? emfShape(service, metrics);
    shapes.set(key, shape);
    const document: Record<string, unknown> = {
      _aws: { Timestamp: now(), CloudWatchMetrics: shape.directives },
      ...shape.dimensions,
    };
    for (const [name, value] of metrics) document[name] = value;
    write(JSON.stringify(Object.assign(document, properties)));
  };
}

function emfShape(serviceName: string, values: RequestLine["metrics"]): EmfShape {
  // Powertools would write a directive that names no metric.
  if (values.length === 0) return { directives: [], dimensions: { [SERVICE_DIMENSION]: serviceName } };
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName });
  for (const [name, value] of values) metrics.addMetric(name, METRICS[name].unit, value);
  const { _aws, ...members } = metrics.serializeMetrics();
  const dimensions = Object.entries(members).filter(([name]) => !Object.hasOwn(METRICS, name));
  return { directives: _aws.CloudWatchMetrics, dimensions: Object.fromEntries(dimensions) };
}
