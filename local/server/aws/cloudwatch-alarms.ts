import {
  type AlarmDefinition,
  type AlarmState,
  type CompositeAlarmDefinition,
  isComposite,
  type MetricAlarmDefinition,
} from "@wrist-agent/cloudwatch/alarm";
import type { AlarmHistoryItem } from "@wrist-agent/cloudwatch/alarms/alarm-history";
import type { StateSetting } from "@wrist-agent/cloudwatch/alarms/alarm-limits";
import type { DescribedAlarm } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { MetricDataQuery } from "@wrist-agent/cloudwatch/metric";
import {
  readCompositeAlarm,
  readMetricAlarm,
  readMetricIdentity,
} from "@wrist-agent/cloudwatch/read-definition";
import {
  checkMaxRecords,
  type InputReader,
  pageOfItems,
  UNSUPPORTED_QUERY_MEMBERS,
} from "./cloudwatch-input.ts";
import { dimensionsView } from "./cloudwatch-metrics.ts";
import type { RegionAlarms } from "./cloudwatch-ports.ts";
import { AwsError } from "./service.ts";

const UNSUPPORTED_ALARM_MEMBERS = {
  EvaluationCriteria: "PromQL alarms are not evaluated, use metrics or expressions",
  EvaluationInterval: "PromQL alarms are not evaluated, use metrics or expressions",
} as const;

/** Reads a PutMetricAlarm request; the engine checks what it asks for. */
export function metricAlarmInput(read: InputReader): MetricAlarmDefinition {
  read.refuse(UNSUPPORTED_ALARM_MEMBERS);
  for (const query of read.objects("Metrics") ?? []) query.refuse(UNSUPPORTED_QUERY_MEMBERS);
  return readMetricAlarm(read, alarmNameIn(read));
}

/** Reads a PutCompositeAlarm request; the engine checks the rule. */
export function compositeAlarmInput(read: InputReader): CompositeAlarmDefinition {
  return readCompositeAlarm(read, alarmNameIn(read));
}

function alarmNameIn(read: InputReader): string {
  return read.required("AlarmName", read.text("AlarmName"));
}

const ALARM_STATES = ["INSUFFICIENT_DATA", "ALARM", "OK"] as const satisfies readonly AlarmState[];
const ALARM_TYPES = ["CompositeAlarm", "MetricAlarm"] as const;
const HISTORY_TYPES = [
  "ConfigurationUpdate",
  "StateUpdate",
  "Action",
  "AlarmContributorStateUpdate",
  "AlarmContributorAction",
] as const;

/** Alarms by name, prefix, state, action or kinship; composites only when `AlarmTypes` asks for them. */
export function describeAlarms(alarms: RegionAlarms, read: InputReader): object {
  const types = typesOf(read);
  const names = read.texts("AlarmNames");
  checkListing(read, names);
  const prefix = read.text("AlarmNamePrefix") ?? "";
  const state = read.word("StateValue", ALARM_STATES);
  const action = read.text("ActionPrefix") ?? "";
  read.refuse({
    ChildrenOfAlarmName: "read the AlarmRule",
    ParentsOfAlarmName: "read the composites' AlarmRule",
  });
  const matching = alarms
    .describe()
    .filter(({ definition }) => types.includes(typeOf(definition)))
    .filter(({ definition }) => names?.includes(definition.alarmName) ?? true)
    .filter(({ definition }) => definition.alarmName.startsWith(prefix))
    .filter(({ status }) => state === undefined || status.state === state)
    .filter(({ definition }) => action === "" || actionsOf(definition).some((arn) => arn.startsWith(action)))
    .sort((a, b) => (a.definition.alarmName < b.definition.alarmName ? -1 : 1));
  const { items, ...next } = pageOfItems(matching, read, 50);
  const views = (type: string): object[] =>
    items.filter(({ definition }) => typeOf(definition) === type).map(alarmView);
  return { MetricAlarms: views("MetricAlarm"), CompositeAlarms: views("CompositeAlarm"), ...next };
}

const MAX_RECORDS = 100;

function checkListing(read: InputReader, names: readonly string[] | undefined): void {
  checkMaxRecords(read, MAX_RECORDS);
  if (names !== undefined && names.length > MAX_RECORDS)
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value '[${names.join(", ")}]' at 'alarmNames' failed to satisfy constraint: Member must have length less than or equal to ${MAX_RECORDS}`,
    );
  if (names !== undefined && names.length > 0 && read.has("AlarmNamePrefix"))
    throw new AwsError(
      "InvalidParameterCombination",
      "AlarmNamePrefix and AlarmNames.member are mutually exclusive",
    );
}

function actionsOf({ okActions = [], alarmActions = [], insufficientDataActions = [] }: AlarmDefinition) {
  return [...okActions, ...alarmActions, ...insufficientDataActions];
}

function typeOf(definition: AlarmDefinition): string {
  return isComposite(definition) ? "CompositeAlarm" : "MetricAlarm";
}

/** Metric alarms alone unless asked otherwise, also in the history. */
function typesOf(read: InputReader): readonly string[] {
  return read.has("AlarmTypes") ? (read.texts("AlarmTypes") ?? []) : [ALARM_TYPES[1]];
}

/** Alarms on exactly this metric; AWS leaves out those with expressions and composites. */
export function describeAlarmsForMetric(alarms: RegionAlarms, read: InputReader): object {
  const wanted = readMetricIdentity(read);
  const same = {
    statistic: read.text("Statistic"),
    extendedStatistic: read.text("ExtendedStatistic"),
    periodSeconds: read.number("Period"),
    unit: read.text("Unit"),
  };
  const found = alarms.describe().filter(({ definition }) => {
    if (isComposite(definition)) return false;
    const { namespace, metricName, dimensions = {} } = definition;
    if (namespace !== wanted.namespace || metricName !== wanted.metricName) return false;
    if (pairs(dimensions) !== pairs(wanted.dimensions)) return false;
    return Object.entries(same).every(
      ([name, value]) => value === undefined || definition[name as keyof typeof same] === value,
    );
  });
  return { MetricAlarms: found.map(alarmView) };
}

function pairs(dimensions: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(dimensions).sort());
}

/** What happened to alarms, newest first unless asked otherwise. */
export function describeAlarmHistory(alarms: RegionAlarms, read: InputReader): object {
  checkMaxRecords(read, MAX_RECORDS);
  const types = typesOf(read);
  const type = read.word("HistoryItemType", HISTORY_TYPES);
  const startMs = read.time("StartDate") ?? -Infinity;
  const endMs = read.time("EndDate") ?? Infinity;
  const oldestFirst =
    read.word("ScanBy", ["TimestampDescending", "TimestampAscending"]) === "TimestampAscending";
  const matching = alarms
    .history(read.text("AlarmName"))
    .filter((item) => types.includes(item.alarmType))
    .filter((item) => type === undefined || item.historyItemType === type)
    .filter(({ timestampMs }) => timestampMs >= startMs && timestampMs <= endMs);
  const { items, ...next } = pageOfItems(oldestFirst ? matching : matching.toReversed(), read, 100);
  return { AlarmHistoryItems: items.map(historyView), ...next };
}

function historyView(item: AlarmHistoryItem): object {
  return {
    AlarmName: item.alarmName,
    AlarmType: item.alarmType,
    Timestamp: item.timestampMs / 1000,
    HistoryItemType: item.historyItemType,
    HistorySummary: item.historySummary,
    HistoryData: item.historyData,
  };
}

/** Sets a state by hand; a changed one runs its actions. */
export function setAlarmState(alarms: RegionAlarms, read: InputReader): object {
  const alarmName = read.required("AlarmName", read.text("AlarmName"));
  const reasonData = read.text("StateReasonData");
  const setting: StateSetting = {
    state: read.required("StateValue", read.word("StateValue", ALARM_STATES)),
    reason: read.required("StateReason", read.text("StateReason")),
    ...(reasonData !== undefined && { reasonData }),
  };
  alarms.setState(alarmName, setting);
  return {};
}

/** The names that an operation on several alarms is about. */
export function requiredAlarmNames(read: InputReader): readonly string[] {
  return read.required("AlarmNames", read.texts("AlarmNames"));
}

/** An alarm as DescribeAlarms answers it in JSON: names of the API, times in epoch seconds. */
function alarmView({ arn, definition, status }: DescribedAlarm): object {
  return {
    AlarmName: definition.alarmName,
    AlarmArn: arn,
    AlarmDescription: definition.alarmDescription,
    AlarmConfigurationUpdatedTimestamp: status.configurationUpdatedMs / 1000,
    ActionsEnabled: definition.actionsEnabled ?? true,
    OKActions: definition.okActions ?? [],
    AlarmActions: definition.alarmActions ?? [],
    InsufficientDataActions: definition.insufficientDataActions ?? [],
    StateValue: status.state,
    StateReason: status.stateReason,
    StateReasonData: status.stateReasonData,
    StateUpdatedTimestamp: status.stateUpdatedMs / 1000,
    StateTransitionedTimestamp: status.stateTransitionedMs / 1000,
    EvaluationState: status.evaluationState,
    ActionsSuppressedBy: status.actionsSuppressedBy,
    ActionsSuppressedReason: status.actionsSuppressedReason,
    ...conditionView(definition),
  };
}

function conditionView(definition: AlarmDefinition): object {
  return isComposite(definition) ? compositeAlarmView(definition) : metricAlarmView(definition);
}

function compositeAlarmView(definition: CompositeAlarmDefinition): object {
  return {
    AlarmRule: definition.alarmRule,
    ActionsSuppressor: definition.actionsSuppressor,
    ActionsSuppressorWaitPeriod: definition.actionsSuppressorWaitPeriodSeconds,
    ActionsSuppressorExtensionPeriod: definition.actionsSuppressorExtensionPeriodSeconds,
  };
}

function metricAlarmView(definition: MetricAlarmDefinition): object {
  return {
    MetricName: definition.metricName,
    Namespace: definition.namespace,
    Statistic: definition.statistic,
    ExtendedStatistic: definition.extendedStatistic,
    Dimensions: dimensionsView(definition.dimensions ?? {}),
    Period: definition.periodSeconds,
    Unit: definition.unit,
    EvaluationPeriods: definition.evaluationPeriods,
    DatapointsToAlarm: definition.datapointsToAlarm,
    Threshold: definition.threshold,
    ThresholdMetricId: definition.thresholdMetricId,
    ComparisonOperator: definition.comparisonOperator,
    TreatMissingData: definition.treatMissingData,
    EvaluateLowSampleCountPercentile: definition.evaluateLowSampleCountPercentile,
    EvaluationWindow: definition.evaluationWindow && {
      WallClockWindow: { Timezone: definition.evaluationWindow.wallClock.timezone },
    },
    WarmUpConfiguration: definition.warmUp && {
      WarmUpPeriodDurationInMinutes: definition.warmUp.minutes,
      OnlyStartEvaluatingAfterWarmUpPeriodEnds: definition.warmUp.onlyAfterEnd,
    },
    Metrics: definition.metrics?.map(metricDataQueryView),
  };
}

/** A query as the API shows it. */
export function metricDataQueryView({
  id,
  label,
  returnData,
  expression,
  metricStat,
  periodSeconds,
}: MetricDataQuery): object {
  return {
    Id: id,
    Label: label,
    ReturnData: returnData,
    Expression: expression,
    Period: periodSeconds,
    MetricStat: metricStat && {
      Metric: {
        Namespace: metricStat.metric.namespace,
        MetricName: metricStat.metric.metricName,
        Dimensions: dimensionsView(metricStat.metric.dimensions),
      },
      Period: metricStat.periodSeconds,
      Stat: metricStat.stat,
      Unit: metricStat.unit,
    },
  };
}
