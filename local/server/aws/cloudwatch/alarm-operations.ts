import type { AlarmDefinition, AlarmState } from "../../../cloudwatch/alarm-definition.ts";
import { readIdentity } from "../../../cloudwatch/definition/read-query.ts";
import type { AlarmHistoryItem } from "../../../cloudwatch/alarm/alarm-history.ts";
import type { StateSetting } from "../../../cloudwatch/alarm/alarm-limits.ts";
import { isComposite } from "../../../cloudwatch/alarm/alarm-status.ts";
import { alarmView } from "./alarm-view.ts";
import type { RegionAlarms } from "./cloudwatch-ports.ts";
import { page } from "./page.ts";
import type { Reader } from "./reader.ts";

const STATES = ["INSUFFICIENT_DATA", "ALARM", "OK"] as const satisfies readonly AlarmState[];
const TYPES = ["CompositeAlarm", "MetricAlarm"] as const;
const HISTORY_TYPES = [
  "ConfigurationUpdate",
  "StateUpdate",
  "Action",
  "AlarmContributorStateUpdate",
  "AlarmContributorAction",
] as const;

/** Alarms by name, prefix, state, action or kinship; composites only when `AlarmTypes` asks for them. */
export function describeAlarms(alarms: RegionAlarms, read: Reader): object {
  const types = typesOf(read);
  const names = read.texts("AlarmNames");
  const prefix = read.text("AlarmNamePrefix") ?? "";
  const state = read.word("StateValue", STATES);
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
  const { items, ...next } = page(matching, read, 50);
  const views = (type: string): object[] =>
    items.filter(({ definition }) => typeOf(definition) === type).map(alarmView);
  return { MetricAlarms: views("MetricAlarm"), CompositeAlarms: views("CompositeAlarm"), ...next };
}

function actionsOf({ okActions = [], alarmActions = [], insufficientDataActions = [] }: AlarmDefinition) {
  return [...okActions, ...alarmActions, ...insufficientDataActions];
}

function typeOf(definition: AlarmDefinition): string {
  return isComposite(definition) ? "CompositeAlarm" : "MetricAlarm";
}

/** Metric alarms alone unless asked otherwise, also in the history. */
function typesOf(read: Reader): readonly string[] {
  return read.has("AlarmTypes") ? (read.texts("AlarmTypes") ?? []) : [TYPES[1]];
}

/** Alarms on exactly this metric; AWS leaves out those with expressions and composites. */
export function describeAlarmsForMetric(alarms: RegionAlarms, read: Reader): object {
  const wanted = readIdentity(read);
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
export function describeAlarmHistory(alarms: RegionAlarms, read: Reader): object {
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
  const { items, ...next } = page(oldestFirst ? matching : matching.toReversed(), read, 100);
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
export function setAlarmState(alarms: RegionAlarms, read: Reader): object {
  const alarmName = read.required("AlarmName", read.text("AlarmName"));
  const reasonData = read.text("StateReasonData");
  const setting: StateSetting = {
    state: read.required("StateValue", read.word("StateValue", STATES)),
    reason: read.required("StateReason", read.text("StateReason")),
    ...(reasonData !== undefined && { reasonData }),
  };
  alarms.setState(alarmName, setting);
  return {};
}

/** The names that an operation on several alarms is about. */
export function alarmNames(read: Reader): readonly string[] {
  return read.required("AlarmNames", read.texts("AlarmNames"));
}
