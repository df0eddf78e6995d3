import { CloudWatchClient, GetDashboardCommand, type MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { alarmNameOf } from "@wrist-agent/cloudwatch/alarm";
import { metricRows } from "@wrist-agent/cloudwatch/dashboards/metric-rows";
import { isJsonObject, type JsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { awsErrorName } from "../../cli/aws-calls.ts";
import { errorMessage } from "../../cli/failure.ts";
import type { StageAlarm } from "../../cli/stage-alarms.ts";
import { physicalIds, type StageConnection } from "../../cli/stage-connection.ts";
import {
  type Check,
  failingFinding,
  type Finding,
  orPasses,
  passingFinding,
  type Verification,
} from "./check.ts";
import { metricKey, metricText, quietReason, unemittedMetrics, type WatchedMetric } from "./metric-checks.ts";

/** Whom each alarm notifies: a topic, or a composite alarm that notifies in its place. */
export function judgeActions(alarms: readonly StageAlarm[]): readonly Finding[] {
  if (alarms.length === 0) return [failingFinding("the stacks have no alarm", "deploy the monitoring stack")];
  const wrong = alarms.flatMap((alarm) => {
    const { alarmName, severity, notifiedBy, definition } = alarm;
    if (notifiedBy !== undefined) return [];
    if (definition.ActionsEnabled === false)
      return [
        failingFinding(
          `${alarmName}: its actions are switched off`,
          `aws cloudwatch enable-alarm-actions --region ${alarm.region} --alarm-names ${alarmName}`,
        ),
      ];
    return severity === "none"
      ? [
          failingFinding(
            `${alarmName} has no action: nobody is notified`,
            "deploy the monitoring stack, which gives it its topic",
          ),
        ]
      : [];
  });
  const inPlace = alarms.filter(({ notifiedBy }) => notifiedBy !== undefined).length;
  return orPasses(
    wrong,
    `${alarms.length} alarms${inPlace === 0 ? "" : `, ${inPlace} of them through a composite`}`,
  );
}

/** Alarms that CloudWatch could not evaluate. */
export function judgeEvaluation(alarms: readonly StageAlarm[]): readonly Finding[] {
  const wrong = alarms.flatMap(({ alarmName, region, definition }) => {
    const state = "EvaluationState" in definition ? definition.EvaluationState : undefined;
    return state === "EVALUATION_ERROR" || state === "EVALUATION_FAILURE"
      ? [
          failingFinding(
            `${alarmName}: ${state}`,
            `aws cloudwatch describe-alarms --region ${region} --alarm-names ${alarmName} shows its expression; deploy the monitoring stack to put it back`,
          ),
        ]
      : [];
  });
  return orPasses(wrong, "no EVALUATION_ERROR");
}

/** The metrics that a metric alarm reads. */
export function alarmMetrics({ definition, region, kind }: StageAlarm): readonly WatchedMetric[] {
  if (kind === "composite") return [];
  const { Namespace, MetricName, Dimensions, Metrics = [] } = definition as MetricAlarm;
  const single = MetricName === undefined ? [] : [{ Namespace, MetricName, Dimensions }];
  const queried = Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
  return [...single, ...queried].map((metric) => ({
    region,
    namespace: metric.Namespace ?? "",
    metricName: metric.MetricName ?? "",
    dimensions: Object.fromEntries(
      (metric.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value] as const),
    ),
  }));
}

/** Alarms that wait for a metric which nobody emits, or the reason why there is none. */
export function judgeData(
  alarms: readonly StageAlarm[],
  silent: readonly WatchedMetric[],
): readonly Finding[] {
  const keys = new Set(silent.map(metricKey));
  const isSilent = (metric: WatchedMetric): boolean => keys.has(metricKey(metric));
  const findings = alarms.flatMap((alarm): readonly Finding[] =>
    alarmMetrics(alarm)
      .filter(isSilent)
      .map((metric) => {
        const reason = quietReason(metric);
        return reason === undefined
          ? failingFinding(
              `${alarm.alarmName}: there are no data of ${metricText(metric)} for two weeks`,
              "ask the agent once and verify again; if it stays, agent and monitoring stack are of different versions: deploy both",
            )
          : passingFinding(`${alarm.alarmName} has no data of ${metric.metricName}: ${reason}`);
      }),
  );
  const quiet = findings.filter(({ state }) => state === "passes");
  const wrong = findings.filter(({ state }) => state === "fails");
  return wrong.length > 0 ? wrong : [passingFinding(`${alarms.length} alarms`), ...quiet];
}

async function dataOfAlarms({ stage, alarms, now }: Verification): Promise<readonly Finding[]> {
  const all = await alarms();
  return judgeData(all, await unemittedMetrics(stage, all.flatMap(alarmMetrics), now()));
}

/** Whether alarms can do what they are for. */
export const ALARM_CHECKS: readonly Check[] = [
  {
    id: "alarm-actions",
    title: "every alarm notifies somebody",
    run: async ({ alarms }) => judgeActions(await alarms()),
  },
  { id: "alarm-data", title: "every alarm has a metric with data", run: dataOfAlarms },
  {
    id: "alarm-evaluation",
    title: "every alarm is evaluated",
    run: async ({ alarms }) => judgeEvaluation(await alarms()),
  },
];

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
      wrong: [failingFinding(`${name} is no dashboard that can be parsed`, REDEPLOY)],
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
      wrong.push(failingFinding(`${name}, ${titleOf(properties)}: ${errorMessage(error)}`, REDEPLOY));
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
      .map((metric) => failingFinding(`${name} reads ${metricText(metric)}, which nobody emits`, REDEPLOY)),
    ...alarmArns
      .map(alarmNameOf)
      .filter((alarm) => !alarmNames.includes(alarm))
      .map((alarm) => failingFinding(`${name} shows ${alarm}, which is no alarm here`, REDEPLOY)),
  ]);
  const count = dashboards.reduce((sum, { metrics }) => sum + metrics.length, 0);
  return wrong.length > 0 ? wrong : [passingFinding(`${dashboards.length} dashboards, ${count} metrics`)];
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
  return { name, metrics: [], alarmArns: [], wrong: [failingFinding(`${name} is gone`, REDEPLOY)] };
}

/** Whether dashboards show what is there. */
export const DASHBOARD_CHECKS: readonly Check[] = [
  { id: "dashboards", title: "dashboards parse and read what is emitted", run: dashboards },
];
