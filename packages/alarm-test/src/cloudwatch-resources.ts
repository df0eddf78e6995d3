import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type {
  CompositeAlarmDefinition,
  MetricAlarmDefinition,
  MuteRuleDefinition,
} from "@wrist-agent/cloudwatch/alarm";
import {
  readCompositeAlarm,
  readMetricAlarm,
  withoutUndefined,
} from "@wrist-agent/cloudwatch/read-definition";
import { partitionOf } from "@wrist-agent/cloudwatch/region";
import { PropertyReader, readProperties, resourcePlace } from "./property-reader.ts";
import type { ResolvedResource } from "./resolved-stack.ts";
import { isStandIn } from "./physical-names.ts";
import { AssemblyError, InvalidResourceError } from "./template.ts";

const ACTION_LISTS = ["AlarmActions", "InsufficientDataActions", "OKActions"];

const ALARM_BASICS = [...ACTION_LISTS, "ActionsEnabled", "AlarmDescription", "AlarmName", "Tags"];

const METRIC_ALARM_PROPERTIES: ReadonlySet<string> = new Set([
  ...ALARM_BASICS,
  "ActionConfiguration",
  "ComparisonOperator",
  "DatapointsToAlarm",
  "Dimensions",
  "EvaluateLowSampleCountPercentile",
  "EvaluationCriteria",
  "EvaluationInterval",
  "EvaluationPeriods",
  "EvaluationWindow",
  "ExtendedStatistic",
  "MetricName",
  "Metrics",
  "Namespace",
  "Period",
  "Statistic",
  "Threshold",
  "ThresholdMetricId",
  "TreatMissingData",
  "Unit",
  "WarmUpConfiguration",
]);

const COMPOSITE_ALARM_PROPERTIES: ReadonlySet<string> = new Set([
  ...ALARM_BASICS,
  "ActionsSuppressor",
  "ActionsSuppressorExtensionPeriod",
  "ActionsSuppressorWaitPeriod",
  "AlarmRule",
]);

/**
 * Whose metrics an alarm may read: those of its own account, or of any (there is no other account on a
 * laptop).
 */
type Accounts = "own account" | "any account";

/**
 * Makes the engine's definition of an `AWS::CloudWatch::Alarm`; the name is made up when the template gives
 * none, as CloudFormation does.
 */
export function metricAlarmOf(
  resource: ResolvedResource,
  accounts: Accounts = "own account",
): MetricAlarmDefinition {
  const read = alarmProperties(resource, METRIC_ALARM_PROPERTIES);
  if (read.has("EvaluationCriteria"))
    throw new AssemblyError(
      `${resourcePlace(resource)} is a PromQL alarm, which is not supported: use metrics or expressions`,
    );
  if (accounts === "own account")
    for (const query of read.objects("Metrics") ?? []) refuseOtherAccount(query, resource);
  return readMetricAlarm(read, resource.ref());
}

function refuseOtherAccount(query: PropertyReader, resource: ResolvedResource): void {
  const account = query.text("AccountId");
  if (account === undefined || account === resource.accountId) return;
  const id = query.required("Id", query.text("Id"));
  throw new AssemblyError(
    `${resourcePlace(resource)} reads "${id}" from account ${account}, which is not emulated: read from ${resource.accountId}`,
  );
}

/**
 * Makes the engine's definition of an `AWS::CloudWatch::CompositeAlarm`; the name is made up when the
 * template gives none.
 */
export function compositeAlarmOf(resource: ResolvedResource): CompositeAlarmDefinition {
  return readCompositeAlarm(alarmProperties(resource, COMPOSITE_ALARM_PROPERTIES), resource.ref());
}

/** The properties of an alarm, if CloudFormation knows them all and none waits for a dynamic reference. */
function alarmProperties(resource: ResolvedResource, known: ReadonlySet<string>): PropertyReader {
  const place = resourcePlace(resource);
  const properties = resource.properties();
  const unknown = Object.keys(properties).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new InvalidResourceError(
      `Properties validation failed for resource ${resource.logicalId} with message: #: extraneous key [${unknown}] is not permitted`,
    );
  const entries = Object.entries(properties).map(([name, value]) => [
    name,
    alarmProperty(name, value, resource),
  ]);
  return new PropertyReader(Object.fromEntries(entries) as Readonly<Record<string, unknown>>, place);
}

function alarmProperty(name: string, value: unknown, resource: ResolvedResource): unknown {
  if (ACTION_LISTS.includes(name) && Array.isArray(value))
    return value.map((action) => actionOf(action, resource));
  if (name === "AlarmDescription" || name === "Tags") return value;
  const reference = dynamicReference(value);
  if (reference === undefined) return value;
  throw new AssemblyError(
    `${resourcePlace(resource)}.${name} needs {{resolve:${reference}}}: give its value under resolve`,
  );
}

/** The first `{{resolve:service:name}}` in a value, without its braces. */
function dynamicReference(value: unknown): string | undefined {
  if (typeof value === "string") return /\{\{resolve:([^}]*)\}\}/.exec(value)?.[1];
  const parts: readonly unknown[] = Array.isArray(value)
    ? value
    : isJsonObject(value)
      ? Object.values(value)
      : [];
  for (const part of parts) {
    const found = dynamicReference(part);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** An action of which only AWS knows the ARN is a topic as far as a test can see. */
function actionOf(action: unknown, { region, accountId }: ResolvedResource): unknown {
  if (typeof action !== "string" || action.startsWith("arn:")) return action;
  const reference = dynamicReference(action);
  if (reference === undefined && !isStandIn(action)) return action;
  const name = reference === undefined ? action : `<${reference}>`;
  return `arn:${partitionOf(region)}:sns:${region}:${accountId}:${name}`;
}

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?$/;

/** Makes the engine's definition of an `AWS::CloudWatch::AlarmMuteRule`. */
export function muteRuleOf(resource: ResolvedResource): MuteRuleDefinition {
  const read = readProperties(resource);
  const rule = read.required("Rule", read.object("Rule"));
  const schedule = rule.required("Schedule", rule.object("Schedule"));
  return withoutUndefined<MuteRuleDefinition>({
    name: resource.ref(),
    description: read.text("Description"),
    expression: schedule.required("Expression", schedule.text("Expression")),
    duration: schedule.required("Duration", schedule.text("Duration")),
    timezone: schedule.text("Timezone"),
    startMs: instantOf(read, "StartDate"),
    expireMs: instantOf(read, "ExpireDate"),
    alarmNames: read.object("MuteTargets")?.texts("AlarmNames") ?? [],
  });
}

function instantOf(read: PropertyReader, name: string): number | undefined {
  const text = read.text(name);
  if (text === undefined) return undefined;
  const ms = DATE_TIME.test(text) ? Date.parse(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`) : NaN;
  if (Number.isNaN(ms))
    throw new InvalidResourceError(`${name} is "${text}": give a time like 2026-12-24T18:00:00Z`);
  return ms;
}

/** A dashboard of the templates: its name and its body, JSON text as PutDashboard takes it. */
export interface DashboardSource {
  readonly name: string;
  readonly body: string;
}

/** Reads an `AWS::CloudWatch::Dashboard`. */
export function dashboardOf(resource: ResolvedResource): DashboardSource {
  const read = readProperties(resource);
  return { name: resource.ref(), body: read.required("DashboardBody", read.text("DashboardBody")) };
}
