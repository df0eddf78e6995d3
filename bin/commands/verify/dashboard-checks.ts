import { CloudWatchClient, GetDashboardCommand } from "@aws-sdk/client-cloudwatch";
import { alarmNameOf } from "@wrist-agent/cloudwatch/alarm";
import { metricRows } from "@wrist-agent/cloudwatch/dashboards/metric-rows";
import { isJsonObject, type JsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { awsErrorName } from "../../cli/aws-calls.ts";
import { errorMessage } from "../../cli/failure.ts";
import { physicalIds, type StageConnection } from "../../cli/stage-connection.ts";
import { type Check, fails, type Finding, passes, type Verification } from "./check.ts";
import { metricKey, metricText, quietReason, unemittedMetrics, type WatchedMetric } from "./metric-checks.ts";

/** What a dashboard's body shows. */
export interface ReadDashboard {
  readonly name: string;
  readonly metrics: readonly WatchedMetric[];
  /** ARNs of alarms that its widgets show. */
  readonly alarmArns: readonly string[];
  readonly wrong: readonly Finding[];
}

const REDEPLOY = "deploy the monitoring stack, which puts it back";

/** Reads a body, widget after widget; what cannot be read is a finding. */
export function readDashboard(name: string, text: string, region: string): ReadDashboard {
  const body = parseJsonObject(text);
  if (body === undefined || !Array.isArray(body.widgets))
    return {
      name,
      metrics: [],
      alarmArns: [],
      wrong: [fails(`${name} is no dashboard that can be parsed`, REDEPLOY)],
    };
  const metrics: WatchedMetric[] = [];
  const alarmArns: string[] = [];
  const wrong: Finding[] = [];
  for (const widget of body.widgets.filter(isJsonObject)) {
    const properties = isJsonObject(widget.properties) ? widget.properties : {};
    alarmArns.push(...alarmsOf(properties));
    if (widget.type !== "metric") continue;
    try {
      metrics.push(...metricsOf(properties, region));
    } catch (error) {
      wrong.push(fails(`${name}, ${titleOf(properties)}: ${errorMessage(error)}`, REDEPLOY));
    }
  }
  return { name, metrics, alarmArns, wrong };
}

/** A widget that shows one alarm has no metrics of its own. */
function metricsOf(properties: JsonObject, region: string): readonly WatchedMetric[] {
  if (properties.metrics === undefined) return [];
  return metricRows(properties).flatMap((row) =>
    row.metric === undefined ? [] : [{ ...row.metric, region: row.region ?? region }],
  );
}

function alarmsOf(properties: JsonObject): readonly string[] {
  const annotations = isJsonObject(properties.annotations) ? properties.annotations.alarms : undefined;
  return [properties.alarms, annotations].flatMap((list) =>
    Array.isArray(list) ? list.filter((arn): arn is string => typeof arn === "string") : [],
  );
}

function titleOf({ title }: JsonObject): string {
  return typeof title === "string" && title !== "" ? `"${title}"` : "a widget without a title";
}

/** What the widgets read that nobody emits, and the alarms that they show and that are not there. */
export function judgeDashboards(
  dashboards: readonly ReadDashboard[],
  {
    silent,
    alarmNames,
  }: { readonly silent: readonly WatchedMetric[]; readonly alarmNames: readonly string[] },
): readonly Finding[] {
  const keys = new Set(silent.map(metricKey));
  const wrong = dashboards.flatMap(({ name, metrics, alarmArns, wrong: own }) => [
    ...own,
    ...metrics
      .filter((metric) => keys.has(metricKey(metric)) && quietReason(metric) === undefined)
      .map((metric) => fails(`${name} reads ${metricText(metric)}, which nobody emits`, REDEPLOY)),
    ...alarmArns
      .map(alarmNameOf)
      .filter((alarm) => !alarmNames.includes(alarm))
      .map((alarm) => fails(`${name} shows ${alarm}, which is no alarm here`, REDEPLOY)),
  ]);
  const count = dashboards.reduce((sum, { metrics }) => sum + metrics.length, 0);
  return wrong.length > 0 ? wrong : [passes(`${dashboards.length} dashboards, ${count} metrics`)];
}

async function dashboards({ stage, alarms, now }: Verification): Promise<readonly Finding[]> {
  const names = physicalIds(stage.monitoring(), "AWS::CloudWatch::Dashboard");
  const read = await Promise.all(names.map((name) => oneDashboard(stage, name)));
  const all = read.flatMap((each) => each.metrics);
  const silent = await unemittedMetrics(stage, all, now());
  // Widgets may show alarms of the stage's other Regions, which are not read here.
  const elsewhere = read
    .flatMap(({ alarmArns }) => alarmArns)
    .filter((arn) => arn.split(":")[3] !== stage.region)
    .map(alarmNameOf);
  const alarmNames = [...(await alarms()).map(({ alarmName }) => alarmName), ...elsewhere];
  return judgeDashboards(read, { silent, alarmNames });
}

async function oneDashboard(stage: StageConnection, name: string): Promise<ReadDashboard> {
  const client = stage.client(CloudWatchClient);
  const call = { action: "cloudwatch:GetDashboard", on: `dashboard ${name}` };
  const text = await stage.ask(call, async () => {
    try {
      return (await client.send(new GetDashboardCommand({ DashboardName: name }))).DashboardBody ?? "";
    } catch (error) {
      if (["ResourceNotFound", "DashboardNotFoundError"].includes(awsErrorName(error))) return undefined;
      throw error;
    }
  });
  if (text !== undefined) return readDashboard(name, text, stage.region);
  return { name, metrics: [], alarmArns: [], wrong: [fails(`${name} is gone`, REDEPLOY)] };
}

/** Whether dashboards show what is there. */
export const DASHBOARD_CHECKS: readonly Check[] = [
  { id: "dashboards", title: "dashboards parse and read what is emitted", run: dashboards },
];
