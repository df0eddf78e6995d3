import {
  alarmArn,
  type AlarmDefinition,
  type AlarmHome,
  isComposite,
  type MetricAlarmDefinition,
  type Transition,
} from "../alarm.ts";
import { alarmPeriodSeconds } from "../alarms/alarm-plan.ts";
import { javaDouble, longDate } from "../aws-text.ts";
import { consoleHost, regionName } from "../region.ts";
import { alarmSnsMessage } from "./sns-message.ts";

/** What CloudWatch publishes to a topic for a change of an alarm. */
interface AlarmNotification {
  readonly subject: string;
  /** JSON text: the message of every protocol that has none of its own. */
  readonly defaultMessage: string;
  readonly smsText: string;
  readonly emailText: string;
}

const SUBJECT_LIMIT = 100;
/** Recorded: an SMS keeps 90 characters of a long name, the dots among them. */
const SMS_NAME_LIMIT = 90;

/** Puts a transition into the words that reach topics, mailboxes and telephones. */
export function alarmNotification(transition: Transition, context: AlarmHome): AlarmNotification {
  return {
    subject: alarmNotificationSubject(transition, context),
    defaultMessage: alarmSnsMessage(transition, context),
    smsText: headline(transition, truncated(asciiName(transition), SMS_NAME_LIMIT), context),
    emailText: alarmEmailText(transition, context),
  };
}

/** The subject alone, for whoever counts notifications and sends none. */
export function alarmNotificationSubject(transition: Transition, context: AlarmHome): string {
  const room = SUBJECT_LIMIT - headline(transition, "", context).length;
  return headline(transition, truncated(asciiName(transition), room), context);
}

/** Subjects are ASCII: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
function asciiName({ current }: Transition): string {
  return current.alarmName.replaceAll(/[^\u0020-\u007e]+/g, "_");
}

function headline({ current }: Transition, shownName: string, { region }: AlarmHome): string {
  return `${current.state}: "${shownName}" in ${regionName(region)}`;
}

function truncated(name: string, limit: number): string {
  return name.length <= limit ? name : `${name.slice(0, limit - 3)}...`;
}

/** Widths of the label columns, after `- `. */
const DETAILS = 28;
const METRIC = 37;

type Line = readonly [label: string, value: string];

/** The text of the mail that SNS delivers for an alarm, word for word as CloudWatch writes it. */
function alarmEmailText(transition: Transition, home: AlarmHome): string {
  const { alarm, current } = transition;
  const sections = [
    opening(transition, home),
    `View this alarm in the AWS Management Console:\n${consoleLink(current.alarmName, home.region)}`,
    `Alarm Details:\n${lines(details(transition, home), DETAILS)}`,
    ...(isComposite(alarm) ? [children(transition)] : [threshold(alarm), monitored(alarm)]),
    `State Change Actions:\n${actions(alarm)}`,
  ];
  return `${sections.join("\n\n")}\n`;
}

function opening({ alarm, current }: Transition, home: AlarmHome): string {
  const start = `You are receiving this email because your Amazon CloudWatch Alarm "${alarm.alarmName}" in the ${regionName(home.region)} region has`;
  const when = longDate(current.stateTransitionedMs);
  return isComposite(alarm)
    ? `${start} transitioned to ${current.state} state on ${when}, because "${current.stateReason}".`
    : `${start} entered the ${current.state} state, because "${current.stateReason}" at "${when}".`;
}

function consoleLink(alarmName: string, region: string): string {
  const name = encodeURIComponent(alarmName);
  return `https://${region}.${consoleHost(region)}/cloudwatch/deeplink.js?region=${region}#alarmsV2:alarm/${name}`;
}

function details({ alarm, previous, current }: Transition, home: AlarmHome): readonly Line[] {
  return [
    ["Name:", alarm.alarmName],
    ["Description:", alarm.alarmDescription ?? ""],
    ["State Change:", `${previous.state} -> ${current.state}`],
    ...(isComposite(alarm) ? [["Alarm Rule:", alarm.alarmRule] as const] : []),
    ["Reason for State Change:", current.stateReason],
    ["Timestamp:", longDate(current.stateTransitionedMs)],
    ["AWS Account:", home.accountId],
    ["Alarm Arn:", alarmArn(home, alarm.alarmName)],
  ];
}

/** The line ends with a blank, as CloudWatch's does. */
function threshold(alarm: MetricAlarmDefinition): string {
  const { evaluationPeriods: n, datapointsToAlarm: m = n } = alarm;
  const bound = alarm.thresholdMetricId ?? javaDouble(alarm.threshold ?? 0);
  const period = alarm.periodSeconds ?? alarmPeriodSeconds(alarm.metrics ?? []);
  return `Threshold:\n- The alarm is in the ALARM state when the metric is ${alarm.comparisonOperator} ${bound} for at least ${m} of the last ${n} period(s) of ${period} seconds. `;
}

function monitored(alarm: MetricAlarmDefinition): string {
  if (alarm.metrics !== undefined)
    return `Monitored Metrics:\n${lines(expressionLines(alarm.metrics), DETAILS)}`;
  const dimensions = Object.entries(alarm.dimensions ?? {}).map(([name, value]) => `[${name} = ${value}]`);
  const metric: readonly Line[] = [
    ["MetricNamespace:", alarm.namespace ?? ""],
    ["MetricName:", alarm.metricName ?? ""],
    ["Dimensions:", dimensions.join(", ")],
    ["Period:", `${alarm.periodSeconds ?? 0} seconds`],
    ["Statistic:", alarm.statistic ?? alarm.extendedStatistic ?? ""],
    ["Unit:", alarm.unit ?? "not specified"],
    ["TreatMissingData:", alarm.treatMissingData ?? "missing"],
  ];
  return `Monitored Metric:\n${lines(metric, METRIC)}`;
}

function expressionLines(metrics: NonNullable<MetricAlarmDefinition["metrics"]>): readonly Line[] {
  return metrics
    .filter((query) => query.returnData !== false)
    .flatMap(({ expression, label }) => [
      ...(expression === undefined ? [] : [["MetricExpression:", expression] as const]),
      ...(label === undefined ? [] : [["MetricLabel:", label] as const]),
    ]);
}

function children({ triggeringChildren = [] }: Transition): string {
  const rows = triggeringChildren
    .slice(0, 10)
    .map((child) => `\n- ${child.arn}   ${child.state.padEnd(20)}${longDate(child.timestampMs)}`);
  return `Triggering children (max. 10):${rows.join("")}`;
}

function actions(alarm: AlarmDefinition): string {
  const list = (arns: readonly string[] = []): string => arns.map((arn) => `[${arn}]`).join(" ");
  return [
    `- OK: ${list(alarm.okActions)}`,
    `- ALARM: ${list(alarm.alarmActions)}`,
    `- INSUFFICIENT_DATA: ${list(alarm.insufficientDataActions)}`,
  ].join("\n");
}

function lines(rows: readonly Line[], width: number): string {
  return rows.map(([label, value]) => `- ${label.padEnd(width)}${value}`).join("\n");
}
