interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Export?: { readonly Name: string } }>>;
}

/** A metric that a template reads, as text where it refers to another stack. */
export interface MetricRead {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, unknown>>;
}

/** Every metric that the alarms and dashboards of a template read; expressions are read for their metrics. */
export function metricsIn(text: string): readonly MetricRead[] {
  const { Resources } = JSON.parse(text) as Template;
  const alarms = Object.values(Resources).filter(({ Type }) => Type === "AWS::CloudWatch::Alarm");
  return [
    ...alarms.flatMap(({ Properties = {} }) => alarmMetrics(Properties)),
    ...dashboardsIn(text).flatMap(({ widgets }) => metricsDrawn(widgets)),
  ];
}

interface AlarmMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: unknown }[];
}

function alarmMetrics(properties: Readonly<Record<string, unknown>>): readonly MetricRead[] {
  const queries = properties.Metrics as readonly { MetricStat?: { Metric: AlarmMetric } }[] | undefined;
  const read = queries?.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : [])) ?? [
    properties as unknown as AlarmMetric,
  ];
  return read.map(({ Namespace, MetricName, Dimensions = [] }) => ({
    namespace: Namespace,
    name: MetricName,
    dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
  }));
}

/** A widget of a dashboard's body. */
export interface Widget {
  readonly type: string;
  readonly y: number;
  readonly properties: {
    readonly title?: string;
    readonly view?: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly annotations?: { readonly horizontal?: readonly { readonly label?: string }[] };
    readonly region?: string;
    readonly query?: string;
  };
}

/** A dashboard's body, with its name. */
export interface Dashboard {
  readonly name: string;
  /** How far back it looks, as `-PT24H`. */
  readonly start?: string;
  readonly widgets: readonly Widget[];
}

/** The dashboards of a template, with every reference replaced by a word. */
export function dashboardsIn(text: string): readonly Dashboard[] {
  const dashboards = Object.values((JSON.parse(text) as Template).Resources).filter(
    ({ Type }) => Type === "AWS::CloudWatch::Dashboard",
  );
  return dashboards.map(({ Properties = {} }) => ({
    name: Properties.DashboardName as string,
    ...(JSON.parse(flat(Properties.DashboardBody)) as Omit<Dashboard, "name">),
  }));
}

/** Every metric that widgets draw, as often as they do. */
export function metricsDrawn(widgets: readonly Widget[]): readonly MetricRead[] {
  const rows = widgets.flatMap(({ properties }) => properties.metrics ?? []);
  return rows.filter(([first]) => typeof first === "string").map(metricOf);
}

function metricOf([namespace, name, ...others]: readonly unknown[]): MetricRead {
  const words = others.filter((word) => typeof word === "string");
  const pairs = words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1]] as const] : []));
  return { namespace: String(namespace), name: String(name), dimensions: Object.fromEntries(pairs) };
}

/** Text with every reference replaced by a word. */
function flat(value: unknown): string {
  if (typeof value === "string") return value;
  const join = (value as { "Fn::Join"?: [string, readonly unknown[]] })["Fn::Join"];
  return join ? join[1].map(flat).join(join[0]) : "reference";
}

/**
 * Properties that end in Name and name nothing of their own, or only within a role, function or service of
 * AWS.
 */
const NO_PHYSICAL_NAME = new Set([
  "AWS::CodeDeploy::DeploymentGroup DeploymentConfigName",
  "AWS::CodeDeploy::DeploymentGroup DeploymentGroupName",
  "AWS::IAM::Policy PolicyName",
  "AWS::Lambda::Alias FunctionName",
  "AWS::Lambda::Alias Name",
  "AWS::Lambda::Version FunctionName",
  "AWS::CloudWatch::Alarm MetricName",
  "AWS::SNS::Topic DisplayName",
]);

/** Physical names and exports in a template, with their kind; text alone, as a reference is no name. */
export function namesIn(text: string): readonly string[] {
  const { Resources, Outputs = {} } = JSON.parse(text) as Template;
  const physical = Object.values(Resources).flatMap(({ Type, Properties = {} }) =>
    Object.entries(Properties)
      .filter(([key, value]) => key.endsWith("Name") && typeof value === "string")
      .filter(([key]) => !NO_PHYSICAL_NAME.has(`${Type} ${key}`))
      .map(([key, value]) => `${Type} ${key} ${String(value)}`),
  );
  const exported = Object.values(Outputs).flatMap(({ Export }) => (Export ? [`export ${Export.Name}`] : []));
  return [...physical, ...exported];
}

/** Names that are there more than once. */
export function twice(names: readonly string[]): readonly string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}
