import type { MetricDataQuery, MetricIdentity } from "./metric.ts";
import { partitionOf } from "./region.ts";

/** The three states of an alarm, as CloudWatch spells them. */
export const ALARM_STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;

/** One of {@link ALARM_STATES}. */
export type AlarmState = (typeof ALARM_STATES)[number];

/** Every comparison of a point with the threshold; the last three are for anomaly bands. */
export const COMPARISON_OPERATORS = [
  "GreaterThanOrEqualToThreshold",
  "GreaterThanThreshold",
  "LessThanThreshold",
  "LessThanOrEqualToThreshold",
  "LessThanLowerOrGreaterThanUpperThreshold",
  "LessThanLowerThreshold",
  "GreaterThanUpperThreshold",
] as const;

/** One of {@link COMPARISON_OPERATORS}. */
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number];

/** What stands in for points that are not there. */
export type TreatMissingData = "missing" | "ignore" | "breaching" | "notBreaching";

/** What every kind of alarm has. */
export interface AlarmBasics {
  readonly alarmName: string;
  readonly alarmDescription?: string;
  /** True when missing. */
  readonly actionsEnabled?: boolean;
  readonly okActions?: readonly string[];
  readonly alarmActions?: readonly string[];
  readonly insufficientDataActions?: readonly string[];
}

/** PutMetricAlarm in camel case: one metric, or `metrics` with exactly one returned series. */
export interface MetricAlarmDefinition extends AlarmBasics, Partial<MetricIdentity> {
  readonly statistic?: string;
  readonly extendedStatistic?: string;
  readonly periodSeconds?: number;
  readonly unit?: string;
  readonly metrics?: readonly MetricDataQuery[];
  readonly evaluationPeriods: number;
  /** `evaluationPeriods` when missing; then the texts differ too. */
  readonly datapointsToAlarm?: number;
  readonly threshold?: number;
  readonly thresholdMetricId?: string;
  readonly comparisonOperator: ComparisonOperator;
  /** `missing` when missing. */
  readonly treatMissingData?: TreatMissingData;
  /** `evaluate` when missing; percentile statistics only. */
  readonly evaluateLowSampleCountPercentile?: "evaluate" | "ignore";
  /** Sliding when missing. */
  readonly evaluationWindow?: { readonly wallClock: { readonly timezone?: string } };
  readonly warmUp?: { readonly minutes: number; readonly onlyAfterEnd?: boolean };
}

/** PutCompositeAlarm in camel case. */
export interface CompositeAlarmDefinition extends AlarmBasics {
  readonly alarmRule: string;
  readonly actionsSuppressor?: string;
  readonly actionsSuppressorWaitPeriodSeconds?: number;
  readonly actionsSuppressorExtensionPeriodSeconds?: number;
}

/** Any alarm that the engine evaluates. */
export type AlarmDefinition = MetricAlarmDefinition | CompositeAlarmDefinition;

/** AWS::CloudWatch::AlarmMuteRule: when the actions of which alarms are held back. */
export interface MuteRuleDefinition {
  readonly name: string;
  readonly description?: string;
  /** `cron(0 2 * * *)` with five fields, or `at(2026-12-24T18:00)`. */
  readonly expression: string;
  /** ISO 8601, `PT1M` to `P15D`. */
  readonly duration: string;
  /** An IANA name; UTC when missing. */
  readonly timezone?: string;
  /** No window opens before, epoch milliseconds; at once when missing. */
  readonly startMs?: number;
  /** Nothing is muted from then on, epoch milliseconds; never when missing. */
  readonly expireMs?: number;
  /** When the rule was put, epoch milliseconds; nobody says when missing. */
  readonly updatedMs?: number;
  readonly alarmNames: readonly string[];
}

/** What is known of an alarm at an instant; survives a restart as plain JSON. */
export interface AlarmStatus {
  readonly alarmName: string;
  readonly state: AlarmState;
  readonly stateReason: string;
  /** JSON text as DescribeAlarms returns it. */
  readonly stateReasonData?: string;
  /** Any change of state or reason data, epoch milliseconds. */
  readonly stateUpdatedMs: number;
  /** Change of the value, epoch milliseconds. */
  readonly stateTransitionedMs: number;
  /** When the definition was put or last changed, epoch milliseconds. */
  readonly configurationUpdatedMs: number;
  /** Present while a warm-up or an error keeps a metric alarm from being judged. */
  readonly evaluationState?: "IN_WARM_UP" | "EVALUATION_ERROR";
  /** Present while a composite alarm's actions are held back by its suppressor. */
  readonly actionsSuppressedBy?: ActionsSuppressedBy;
  readonly actionsSuppressedReason?: string;
}

/** Why a composite alarm's actions do not run now. */
export type ActionsSuppressedBy = "WaitPeriod" | "ExtensionPeriod" | "Alarm";

/** A child whose change of state made a composite alarm change. */
export interface TriggeringChild {
  readonly arn: string;
  readonly state: AlarmState;
  /** Epoch milliseconds. */
  readonly timestampMs: number;
}

/** Actions that were held back by a suppressor or a mute rule and run now; the state did not change now. */
export interface ReleasedActions {
  readonly by: "WaitPeriod" | "ExtensionPeriod" | "MuteWindow";
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** A change of an alarm's state, with the actions that are to run because of it. */
export interface Transition {
  readonly alarm: AlarmDefinition;
  readonly previous: AlarmStatus;
  readonly current: AlarmStatus;
  /** ARNs to act on; empty when actions are disabled, suppressed or muted. */
  readonly actions: readonly string[];
  /** Composite alarms only. */
  readonly triggeringChildren?: readonly TriggeringChild[];
  /** Set when this is no change of state, but the end of what held its actions back. */
  readonly released?: ReleasedActions;
}

/** What an alarm call refuses with: AWS's error code, its HTTP status, and CloudWatch's own message. */
export class AlarmError extends Error {
  readonly code: AlarmErrorCode;
  readonly httpStatus: number;

  constructor(code: AlarmErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AlarmError";
    this.code = code;
    this.httpStatus = HTTP_STATUS[code];
  }
}

/** Error codes as they stand on the wire. */
export type AlarmErrorCode =
  | "ValidationError"
  | "InvalidParameterValue"
  | "MissingParameter"
  | "InvalidParameterCombination"
  | "InvalidFormat"
  | "LimitExceeded"
  | "ResourceNotFound";

const HTTP_STATUS: Readonly<Record<AlarmErrorCode, number>> = {
  ValidationError: 400,
  InvalidParameterValue: 400,
  MissingParameter: 400,
  InvalidParameterCombination: 400,
  InvalidFormat: 400,
  LimitExceeded: 400,
  ResourceNotFound: 404,
};

/** Where alarms live; their ARNs and messages name both. */
export interface AlarmHome {
  readonly accountId: string;
  readonly region: string;
}

/** Tells a composite alarm from a metric alarm. */
export function isComposite(definition: AlarmDefinition): definition is CompositeAlarmDefinition {
  return "alarmRule" in definition;
}

/** The ARN of an alarm by its name. */
export function alarmArn(home: AlarmHome, alarmName: string): string {
  return `arn:${partitionOf(home.region)}:cloudwatch:${home.region}:${home.accountId}:alarm:${alarmName}`;
}

/** The name of an alarm that is referred to by name or ARN. */
export function alarmNameOf(reference: string): string {
  return reference.startsWith("arn:") ? reference.split(":").slice(6).join(":") : reference;
}

/** The status of an alarm that was just created. */
export function initialStatus(alarmName: string, nowMs: number): AlarmStatus {
  return {
    alarmName,
    state: "INSUFFICIENT_DATA",
    stateReason: "Unchecked: Initial alarm creation",
    stateUpdatedMs: nowMs,
    stateTransitionedMs: nowMs,
    configurationUpdatedMs: nowMs,
  };
}

const ACTIONS: Readonly<Record<AlarmState, (alarm: AlarmDefinition) => readonly string[] | undefined>> = {
  OK: (alarm) => alarm.okActions,
  ALARM: (alarm) => alarm.alarmActions,
  INSUFFICIENT_DATA: (alarm) => alarm.insufficientDataActions,
};

/** The actions that a definition has for a state, none while actions are disabled. */
export function alarmActionsFor(definition: AlarmDefinition, state: AlarmState): readonly string[] {
  return definition.actionsEnabled === false ? [] : (ACTIONS[state](definition) ?? []);
}

/** Whether two definitions say the same, whatever the order of their members. */
export function isSameDefinition(a: AlarmDefinition, b: AlarmDefinition): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
