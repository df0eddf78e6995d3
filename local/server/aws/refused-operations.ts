import { notSupported, type Operation, type RestRoute } from "./service.ts";

const NO_STREAMS = "there is no Firehose delivery stream here that metrics could flow into";
const NO_MANAGED_RULES = "no service manages rules here: put a rule of your own";
const NO_OTEL = "metrics come by PutMetricData and in log lines here, not by OpenTelemetry";
const NO_KEYS = "what is kept here is not encrypted with a key";
const NO_RESOURCE_METRICS = "the metrics of this machine's services are always counted";

/** Operations of CloudWatch of which nothing would come here, and why. */
export const REFUSED_CLOUDWATCH_OPERATIONS: Readonly<Record<string, string>> = {
  PutMetricStream: NO_STREAMS,
  GetMetricStream: NO_STREAMS,
  ListMetricStreams: NO_STREAMS,
  StartMetricStreams: NO_STREAMS,
  StopMetricStreams: NO_STREAMS,
  DeleteMetricStream: NO_STREAMS,
  PutManagedInsightRules: NO_MANAGED_RULES,
  ListManagedInsightRules: NO_MANAGED_RULES,
  DescribeAlarmContributors: "an alarm watches one time series here",
  PutLogAlarm: "alarms watch metrics here: count the lines in a metric and put an alarm on it",
  GetDataset: NO_KEYS,
  AssociateDatasetKmsKey: NO_KEYS,
  DisassociateDatasetKmsKey: NO_KEYS,
  StartOTelEnrichment: NO_OTEL,
  StopOTelEnrichment: NO_OTEL,
  GetOTelEnrichment: NO_OTEL,
  UpdateOTelEnrichment: NO_OTEL,
  CreateResourceMetricsConfiguration: NO_RESOURCE_METRICS,
  GetResourceMetricsConfiguration: NO_RESOURCE_METRICS,
  UpdateResourceMetricsConfiguration: NO_RESOURCE_METRICS,
  DeleteResourceMetricsConfiguration: NO_RESOURCE_METRICS,
};

/** What answers these operations: an error that names the operation and says why. */
export function refusedOperations(
  refused: Readonly<Record<string, string>>,
): Readonly<Record<string, Operation>> {
  return Object.fromEntries(
    Object.entries(refused).map(([name, why]) => [
      name,
      () => {
        throw notSupported(name, why);
      },
    ]),
  );
}

const FROM_TEMPLATES =
  "functions come from the templates: add one to the application and start with --assembly cdk.out, or start again";
const NO_MAPPINGS = "nothing but a call, an alarm or a topic invokes a function here";

type RefusedRoute = readonly [name: string, method: string, path: RegExp, why: string];

const FUNCTION = String.raw`/2015-03-31/functions`;
const ONE = String.raw`/[^/]+`;

/**
 * Operations of Lambda of which nothing would come here.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
const REFUSED_LAMBDA_OPERATIONS: readonly RefusedRoute[] = [
  ["CreateFunction", "POST", new RegExp(`^${FUNCTION}/?$`), FROM_TEMPLATES],
  ["UpdateFunctionCode", "PUT", new RegExp(`^${FUNCTION}${ONE}/code$`), FROM_TEMPLATES],
  ["CreateAlias", "POST", new RegExp(`^${FUNCTION}${ONE}/aliases$`), FROM_TEMPLATES],
  ["DeleteAlias", "DELETE", new RegExp(`^${FUNCTION}${ONE}/aliases${ONE}$`), FROM_TEMPLATES],
  ["AddPermission", "POST", new RegExp(`^${FUNCTION}${ONE}/policy$`), "whoever reaches this port may invoke"],
  ["CreateEventSourceMapping", "POST", /^\/2015-03-31\/event-source-mappings\/?$/, NO_MAPPINGS],
  ["ListEventSourceMappings", "GET", /^\/2015-03-31\/event-source-mappings\/?$/, NO_MAPPINGS],
];

/** Routes that refuse by name what Lambda does and the local runtime does not. */
export function refusedLambdaRoutes(): readonly RestRoute[] {
  return REFUSED_LAMBDA_OPERATIONS.map(([name, method, path, why]) => ({
    method,
    path,
    answer: () => {
      throw notSupported(name, why, "InvalidParameterValueException");
    },
  }));
}
