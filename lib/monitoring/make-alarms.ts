import {
  type AlarmBase,
  AnomalyDetectionAlarm,
  type CfnAlarm,
  ComparisonOperator,
  CompositeAlarm,
  AlarmRule as CompositeRule,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { type AlarmFactory, notifySns } from "cdk-monitoring-constructs";
import type { Construct } from "constructs";
import type { Severity } from "../names.ts";
import type { AlarmRule, AnomalyBand } from "./alarm-row.ts";
import type { PlannedAlarm, PlannedComposite } from "./plan-alarms.ts";

/** CDK's word for each choice of what stands in for missing points. */
export const MISSING_DATA: Readonly<Record<AlarmRule["treatMissingData"], TreatMissingData>> = {
  ignore: TreatMissingData.IGNORE,
  notBreaching: TreatMissingData.NOT_BREACHING,
  breaching: TreatMissingData.BREACHING,
};

/** Alarms that were made, by their key in the alarm table. */
export type AlarmsByKey = ReadonlyMap<string, { readonly alarm: AlarmBase }>;

/** Where alarms are made, and whom they notify. */
export interface AlarmContext {
  readonly scope: Construct;
  readonly factory: AlarmFactory;
  readonly topics: Readonly<Record<Severity, ITopic>>;
}

/** Makes every alarm of a plan; composites come first in the result, the one that covers most at its head. */
export function makeAlarms(
  making: AlarmContext,
  plan: { readonly alarms: readonly PlannedAlarm[]; readonly composites: readonly PlannedComposite[] },
): AlarmsByKey {
  const made = new Map(plan.alarms.map((alarm) => [alarm.row.key, { alarm: makeAlarm(making, alarm) }]));
  const keys: string[] = [];
  for (const composite of plan.composites) {
    made.set(composite.row.key, { alarm: makeComposite(making, composite, made) });
    keys.unshift(composite.row.key);
  }
  const first = keys.flatMap((key) => [...made].filter(([other]) => other === key));
  return new Map([...first, ...made]);
}

function makeAlarm(making: AlarmContext, plan: PlannedAlarm): AlarmBase {
  const { threshold } = plan.rule;
  const alarm =
    typeof threshold === "number"
      ? thresholdAlarm(making, plan, threshold)
      : anomalyAlarm(making, plan, threshold);
  const resource = alarm.node.defaultChild as CfnAlarm;
  // Only the resource itself knows these properties.
  if (plan.window !== undefined) resource.evaluationWindow = plan.window;
  if (plan.rule.warmUpMinutes !== undefined) resource.warmUpConfiguration = warmUp(plan.rule.warmUpMinutes);
  if (!plan.notifies) resource.actionsEnabled = false;
  return alarm;
}

/**
 * The whole time: an expression that fills gaps has points from the first minute on, which would end it at
 * once.
 */
function warmUp(minutes: number): CfnAlarm.WarmUpConfigurationProperty {
  return { warmUpPeriodDurationInMinutes: minutes, onlyStartEvaluatingAfterWarmUpPeriodEnds: true };
}

function thresholdAlarm({ factory, topics }: AlarmContext, plan: PlannedAlarm, threshold: number): AlarmBase {
  const { row, rule } = plan;
  const topic = topics[plan.severity];
  return factory.addAlarm(rule.metric, {
    alarmNameSuffix: row.key,
    alarmNameOverride: plan.name,
    alarmDescription: plan.description,
    threshold,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    datapointsToAlarm: rule.datapointsToAlarm,
    evaluationPeriods: rule.evaluationPeriods,
    treatMissingData: MISSING_DATA[rule.treatMissingData],
    actionOverride: notifySns(topic, topic),
  }).alarm;
}

/** The factory of cdk-monitoring-constructs knows fixed thresholds alone. */
function anomalyAlarm(making: AlarmContext, plan: PlannedAlarm, { deviations }: AnomalyBand): AlarmBase {
  const { rule } = plan;
  const alarm = new AnomalyDetectionAlarm(making.scope, constructId(plan.row.key), {
    alarmName: plan.name,
    alarmDescription: plan.description,
    metric: rule.metric,
    stdDevs: deviations,
    comparisonOperator: ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD,
    datapointsToAlarm: rule.datapointsToAlarm,
    evaluationPeriods: rule.evaluationPeriods,
    treatMissingData: MISSING_DATA[rule.treatMissingData],
  });
  return notifyTopic(alarm, making.topics[plan.severity]);
}

/**
 * Its rule names the parts, as names are what a reader of the rule knows; hence the explicit dependencies.
 */
function makeComposite(making: AlarmContext, plan: PlannedComposite, made: AlarmsByKey): AlarmBase {
  const alarm = new CompositeAlarm(making.scope, constructId(plan.row.key), {
    compositeAlarmName: plan.name,
    alarmDescription: plan.description,
    alarmRule: CompositeRule.fromString(plan.rule),
    ...(plan.notifies ? {} : { actionsEnabled: false }),
  });
  for (const key of plan.row.children) {
    const part = made.get(key);
    if (part !== undefined) alarm.node.addDependency(part.alarm);
  }
  return notifyTopic(alarm, making.topics[plan.severity]);
}

function notifyTopic(alarm: AlarmBase, topic: ITopic): AlarmBase {
  alarm.addAlarmAction(new SnsAction(topic));
  alarm.addOkAction(new SnsAction(topic));
  return alarm;
}

/** `url-5xx` as `Url5xx`. */
function constructId(key: string): string {
  return key
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
