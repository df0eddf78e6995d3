import { Logger } from "@aws-lambda-powertools/logger";
import { agentServiceName, METRIC_NAMESPACE, METRICS, SERVICE_DIMENSION } from "../contract/metrics.ts";
import type { Telemetry } from "./agent.ts";
import { powertoolsReport } from "./report.ts";
import type { RequestLine } from "./request-line.ts";
import type { AgentSettings } from "./settings.ts";
import { type Trace, UNTRACED, xrayDaemon, xrayTrace } from "./trace.ts";

/**
 * The telemetry that is deployed: Powertools for the log, EMF lines and spans of our own when X-Ray is on.
 */
export function powertoolsTelemetry(settings: AgentSettings): Telemetry {
  return {
    report: powertoolsReport(new Logger({ serviceName: agentServiceName(settings.stage) })),
    record: emfRecord((text) => process.stdout.write(`${text}\n`), Date.now),
    trace: lambdaTrace(),
  };
}

/**
 * Lambda sets the daemon's address when active tracing is on:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
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
  readonly directives: readonly MetricDirective[];
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
interface MetricDirective {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}

/**
 * Records lines as EMF; their directives are made once for each set of metric names.
 *
 * A test holds every line against the document that Powertools Metrics makes of the same values. It is not
 * deployed: it checks and builds the same directives again for every document, which costs more than all else
 * of a line, and its metadata holds strings only, while a number must stay one for Logs Insights to average
 * it. `now` is epoch milliseconds.
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

function emfShape(service: string, values: RequestLine["metrics"]): EmfShape {
  const dimensions = { [SERVICE_DIMENSION]: service };
  // A directive that names no metric is none.
  if (values.length === 0) return { directives: [], dimensions };
  const Metrics = values.map(([name]) => ({ Name: name, Unit: METRICS[name].unit }));
  const directive = { Namespace: METRIC_NAMESPACE, Dimensions: [[SERVICE_DIMENSION]], Metrics };
  return { directives: [directive], dimensions };
}
