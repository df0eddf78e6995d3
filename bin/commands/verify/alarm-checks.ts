import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { StageAlarm } from "../../cli/stage-alarms.ts";
import { type Check, fails, type Finding, orPasses, passes, type Verification } from "./check.ts";
import { metricKey, metricText, quietReason, unemittedMetrics, type WatchedMetric } from "./metric-checks.ts";

/** Who is told by each alarm: a topic, or a composite alarm that is told in its place. */
export function judgeActions(alarms: readonly StageAlarm[]): readonly Finding[] {
  if (alarms.length === 0) return [fails("the stacks have no alarm", "deploy the monitoring stack")];
  const wrong = alarms.flatMap((alarm) => {
    const { alarmName, severity, notifiedBy, definition } = alarm;
    if (notifiedBy !== undefined) return [];
    if (definition.ActionsEnabled === false)
      return [
        fails(
          `${alarmName}: its actions are switched off`,
          `aws cloudwatch enable-alarm-actions --region ${alarm.region} --alarm-names ${alarmName}`,
        ),
      ];
    return severity === "none"
      ? [
          fails(
            `${alarmName} has no action: nobody is told`,
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
          fails(
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
          ? fails(
              `${alarm.alarmName}: nobody has emitted ${metricText(metric)} for a fortnight`,
              "ask the agent once and verify again; if it stays, agent and monitoring stack are of different versions: deploy both",
            )
          : passes(`${alarm.alarmName} has no data of ${metric.metricName}: ${reason}`);
      }),
  );
  const quiet = findings.filter(({ state }) => state === "passes");
  const wrong = findings.filter(({ state }) => state === "fails");
  return wrong.length > 0 ? wrong : [passes(`${alarms.length} alarms`), ...quiet];
}

async function dataOfAlarms({ stage, alarms, now }: Verification): Promise<readonly Finding[]> {
  const all = await alarms();
  return judgeData(all, await unemittedMetrics(stage, all.flatMap(alarmMetrics), now()));
}

/** Whether alarms can do what they are for. */
export const ALARM_CHECKS: readonly Check[] = [
  {
    id: "alarm-actions",
    title: "every alarm tells somebody",
    run: async ({ alarms }) => judgeActions(await alarms()),
  },
  { id: "alarm-data", title: "every alarm has a metric with data", run: dataOfAlarms },
  {
    id: "alarm-evaluation",
    title: "every alarm is evaluated",
    run: async ({ alarms }) => judgeEvaluation(await alarms()),
  },
];
