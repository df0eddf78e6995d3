type Json = Readonly<Record<string, unknown>>;

/**
 * What is wrong with a line as EMF; empty when it is sound.
 *
 * Rules:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emfProblems(text: string): readonly string[] {
  if (text.includes("\n")) return ["more than one line"];
  const root = JSON.parse(text) as Json;
  const aws = root._aws as { Timestamp?: unknown; CloudWatchMetrics?: unknown } | undefined;
  if (!Number.isInteger(aws?.Timestamp)) return ["no integer _aws.Timestamp"];
  if (!Array.isArray(aws?.CloudWatchMetrics)) return ["no _aws.CloudWatchMetrics"];
  return (aws.CloudWatchMetrics as Json[]).flatMap((directive) => directiveProblems(directive, root));
}

function directiveProblems(directive: Json, root: Json): readonly string[] {
  const { Namespace: namespace, Dimensions: dimensions, Metrics: metrics } = directive;
  if (typeof namespace !== "string" || namespace === "") return ["no Namespace"];
  if (!Array.isArray(dimensions) || dimensions.length === 0) return ["no dimension set"];
  if (!Array.isArray(metrics) || metrics.length === 0 || metrics.length > 100)
    return ["no metrics, or over 100"];
  return [
    ...(dimensions as string[][]).flat().flatMap((name) => dimensionProblems(name, root[name])),
    ...(metrics as { Name: string }[]).flatMap(({ Name: name }) => valueProblems(name, root[name])),
  ];
}

function dimensionProblems(name: string, value: unknown): readonly string[] {
  return typeof value === "string" && value !== "" && value.length <= 1024
    ? []
    : [`dimension ${name} is no string`];
}

function valueProblems(name: string, value: unknown): readonly string[] {
  return typeof value === "number" && Number.isFinite(value) ? [] : [`metric ${name} is no number`];
}
