import {
  type AlarmHistoryItem,
  CloudWatchClient,
  type CompositeAlarm,
  type DescribeAlarmHistoryCommandInput,
  type MetricAlarm,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
  paginateListDashboards,
} from "@aws-sdk/client-cloudwatch";
import type { Severity } from "../../lib/names.ts";
import { type DeployedStack, physicalIds, readAllStacks, type StageConnection } from "./stage-connection.ts";

/** An alarm's state as AWS spells it. */
export type StageAlarmState = "ALARM" | "OK" | "INSUFFICIENT_DATA";

/** An alarm of a stage, here or in AWS. */
export interface StageAlarm {
  readonly alarmName: string;
  readonly region: string;
  readonly kind: "metric" | "composite";
  readonly state: StageAlarmState;
  /** Since when it is in this state, epoch milliseconds. */
  readonly sinceMs: number;
  readonly reason: string;
  readonly description: string;
  /** The condition in words; of a composite alarm its rule. */
  readonly condition: string;
  /** How loud it is: by the topic that its action goes to. `none` notifies nobody by itself. */
  readonly severity: Severity | "none";
  /** The composite alarm that notifies for it, as its own actions are off by design. */
  readonly notifiedBy?: string;
  /**
   * Why its actions are held back while they are: by an alarm, a waiting time, or because somebody switched
   * them off.
   */
  readonly suppressed?: string;
  /** The alarm as DescribeAlarms answered it. */
  readonly definition: MetricAlarm | CompositeAlarm;
}

/** DescribeAlarms takes so many names at once. */
const MAX_NAMES = 100;

function alarmNamesOf(stack: DeployedStack): readonly string[] {
  return [
    ...physicalIds(stack, "AWS::CloudWatch::Alarm"),
    ...physicalIds(stack, "AWS::CloudWatch::CompositeAlarm"),
  ];
}

/** Alarms that stacks made and CloudWatch does not have any more: somebody deleted them. */
export function missingAlarms(
  stacks: readonly DeployedStack[],
  alarms: readonly StageAlarm[],
): readonly string[] {
  const there = new Set(alarms.map(({ alarmName }) => alarmName));
  return stacks.flatMap(alarmNamesOf).filter((name) => !there.has(name));
}

/** Every alarm that the stacks of a stage made, those of the bill included, raised ones first. */
export async function readStageAlarms(
  stage: StageConnection,
  known?: readonly DeployedStack[],
): Promise<readonly StageAlarm[]> {
  const stacks = known ?? (await readAllStacks(stage));
  const found = await Promise.all(stacks.map((stack) => stackAlarms(stage, stack)));
  return withNotifiers(found.flat()).toSorted(byUrgency);
}

const SWITCHED_OFF = "its actions are switched off";

/**
 * An alarm without actions of its own that a composite one watches is not held back: the other one speaks for
 * it.
 */
function withNotifiers(alarms: readonly StageAlarm[]): readonly StageAlarm[] {
  const composites = alarms.filter(({ kind }) => kind === "composite");
  return alarms.map((alarm) => {
    const notifiedBy =
      alarm.suppressed === SWITCHED_OFF ? notifierOf(alarm.alarmName, composites) : undefined;
    if (notifiedBy === undefined) return alarm;
    const { suppressed: _suppressed, ...rest } = alarm;
    return { ...rest, severity: "none", notifiedBy };
  });
}

/** The composite with actions that watches an alarm, through others without actions where need be. */
function notifierOf(alarmName: string, composites: readonly StageAlarm[]): string | undefined {
  const watching = composites.filter(({ condition }) => isNamedIn(alarmName, condition));
  for (const { alarmName: name, suppressed } of watching) {
    const others = composites.filter((each) => each.alarmName !== name);
    const found = suppressed === SWITCHED_OFF ? notifierOf(name, others) : name;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a rule such as `ALARM("a") OR ALARM(b)` names an alarm. */
function isNamedIn(alarmName: string, rule: string): boolean {
  return rule.includes(`"${alarmName}"`) || rule.includes(`(${alarmName})`);
}

async function stackAlarms(stage: StageConnection, stack: DeployedStack): Promise<readonly StageAlarm[]> {
  const { region, stackName } = stack;
  const names = alarmNamesOf(stack);
  const found: StageAlarm[] = [];
  for (let from = 0; from < names.length; from += MAX_NAMES) {
    const AlarmNames = names.slice(from, from + MAX_NAMES);
    const call = { action: "cloudwatch:DescribeAlarms", on: `the alarms of ${stackName} in ${region}` };
    found.push(...(await stage.ask(call, () => describe(stage, region, AlarmNames))));
  }
  return found;
}

async function describe(
  stage: StageConnection,
  region: string,
  AlarmNames: string[],
): Promise<readonly StageAlarm[]> {
  const place = { region, topics: stage.names.topics };
  const described = await describeAlarms(stage.client(CloudWatchClient, region), { AlarmNames });
  return [
    ...described.metricAlarms.map((alarm) => metricAlarm(alarm, place)),
    ...described.compositeAlarms.map((alarm) => compositeAlarm(alarm, place)),
  ];
}

interface AlarmPlace {
  readonly region: string;
  readonly topics: StageConnection["names"]["topics"];
}

function metricAlarm(alarm: MetricAlarm, place: AlarmPlace): StageAlarm {
  return {
    ...commonPart(alarm, place),
    kind: "metric",
    condition: conditionText(alarm),
    ...(alarm.ActionsEnabled === false && { suppressed: SWITCHED_OFF }),
  };
}

function compositeAlarm(alarm: CompositeAlarm, place: AlarmPlace): StageAlarm {
  const by = alarm.ActionsSuppressedBy;
  const why =
    alarm.ActionsEnabled === false
      ? SWITCHED_OFF
      : by === undefined
        ? undefined
        : (alarm.ActionsSuppressedReason ?? `suppressed by ${by}`);
  return {
    ...commonPart(alarm, place),
    kind: "composite",
    condition: alarm.AlarmRule ?? "",
    ...(why !== undefined && { suppressed: why }),
  };
}

function commonPart(
  alarm: MetricAlarm | CompositeAlarm,
  { region, topics }: AlarmPlace,
): Omit<StageAlarm, "kind" | "condition" | "suppressed"> {
  const { AlarmName = "", StateValue = "INSUFFICIENT_DATA", StateReason = "", AlarmDescription = "" } = alarm;
  const since = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  return {
    alarmName: AlarmName,
    region,
    state: StateValue,
    sinceMs: since?.getTime() ?? 0,
    reason: StateReason,
    description: AlarmDescription,
    severity: severityOf(topicsOf(alarm.AlarmActions ?? []), topics),
    definition: alarm,
  };
}

/**
 * How loud an alarm is that notifies these topics; those that are not the stage's own, as the bill's, want
 * somebody within days.
 */
export function severityOf(named: readonly string[], topics: AlarmPlace["topics"]): StageAlarm["severity"] {
  if (named.includes(topics.page)) return "page";
  return named.length > 0 ? "ticket" : "none";
}

function topicsOf(actions: readonly string[]): readonly string[] {
  return actions.filter((arn) => arn.includes(":sns:")).flatMap((arn) => arn.split(":").slice(-1));
}

const COMPARISONS: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: ">=",
  GreaterThanThreshold: ">",
  LessThanThreshold: "<",
  LessThanOrEqualToThreshold: "<=",
  GreaterThanUpperThreshold: "above the band of",
  LessThanLowerThreshold: "below the band of",
  LessThanLowerOrGreaterThanUpperThreshold: "outside the band of",
};

/** `Sum of Failure >= 3 for 2 of 3 periods of 300 s`. */
function conditionText(alarm: MetricAlarm): string {
  const { EvaluationPeriods: of = 1, DatapointsToAlarm: count = of, Threshold, ThresholdMetricId } = alarm;
  const compared = COMPARISONS[alarm.ComparisonOperator ?? ""] ?? alarm.ComparisonOperator ?? "";
  const limit = Threshold ?? ThresholdMetricId ?? "";
  return `${watchedText(alarm)} ${compared} ${limit} for ${count} of ${of} periods of ${periodOf(alarm)} s`;
}

function watchedText({ MetricName, Statistic, ExtendedStatistic, Metrics = [] }: MetricAlarm): string {
  if (MetricName !== undefined) return `${Statistic ?? ExtendedStatistic ?? ""} of ${MetricName}`;
  const shown = Metrics.find(({ ReturnData }) => ReturnData !== false) ?? Metrics[0];
  if (shown?.Label !== undefined && shown.Label !== "") return shown.Label;
  const { MetricStat, Expression = "" } = shown ?? {};
  if (MetricStat === undefined) return Expression;
  return `${MetricStat.Stat ?? ""} of ${MetricStat.Metric?.MetricName ?? ""}`;
}

function periodOf({ Period, Metrics = [] }: MetricAlarm): number {
  const periods = Metrics.flatMap(({ Period: own, MetricStat }) => own ?? MetricStat?.Period ?? []);
  return Period ?? Math.max(0, ...periods);
}

const STATES: readonly StageAlarmState[] = ["ALARM", "INSUFFICIENT_DATA", "OK"];
const SEVERITIES: readonly StageAlarm["severity"][] = ["page", "ticket", "none"];

function byUrgency(a: StageAlarm, b: StageAlarm): number {
  return (
    STATES.indexOf(a.state) - STATES.indexOf(b.state) ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    a.alarmName.localeCompare(b.alarmName)
  );
}

/** Whether somebody is to be woken. */
export function isPageRaised(alarms: readonly Pick<StageAlarm, "state" | "severity">[]): boolean {
  return alarms.some(({ state, severity }) => state === "ALARM" && severity === "page");
}

/** Without it CloudWatch leaves composite alarms out. */
const AlarmTypes: ("MetricAlarm" | "CompositeAlarm")[] = ["MetricAlarm", "CompositeAlarm"];

/** Which alarms are described. */
export type WhichAlarms = { readonly AlarmNamePrefix: string } | { readonly AlarmNames: string[] };

/** Alarms as DescribeAlarms answers them. */
export interface DescribedAlarms {
  readonly metricAlarms: readonly MetricAlarm[];
  readonly compositeAlarms: readonly CompositeAlarm[];
}

/** Every alarm of both kinds, page after page. */
export async function describeAlarms(
  client: CloudWatchClient,
  which: WhichAlarms,
  abortSignal?: AbortSignal,
): Promise<DescribedAlarms> {
  const metricAlarms: MetricAlarm[] = [];
  const compositeAlarms: CompositeAlarm[] = [];
  const pages = paginateDescribeAlarms({ client }, { ...which, AlarmTypes }, { abortSignal });
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of pages) {
    metricAlarms.push(...MetricAlarms);
    compositeAlarms.push(...CompositeAlarms);
  }
  return { metricAlarms, compositeAlarms };
}

/** The history of alarms of both kinds, page after page. */
export async function describeAlarmHistory(
  client: CloudWatchClient,
  which: Omit<DescribeAlarmHistoryCommandInput, "AlarmTypes">,
): Promise<readonly AlarmHistoryItem[]> {
  const found: AlarmHistoryItem[] = [];
  for await (const { AlarmHistoryItems = [] } of paginateDescribeAlarmHistory(
    { client },
    { ...which, AlarmTypes },
  ))
    found.push(...AlarmHistoryItems);
  return found;
}

/** Names of the dashboards that begin so. */
export async function listDashboardNames(
  client: CloudWatchClient,
  DashboardNamePrefix: string,
): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { DashboardEntries = [] } of paginateListDashboards({ client }, { DashboardNamePrefix }))
    names.push(...DashboardEntries.map(({ DashboardName = "" }) => DashboardName));
  return names;
}
