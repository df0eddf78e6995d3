import type {
  AlarmDefinition,
  AlarmState,
  MetricAlarmDefinition,
} from "../../cloudwatch/alarm-definition.ts";
import { AlarmError } from "../../cloudwatch/alarm/alarm-error.ts";
import type { AlarmHistoryItem } from "../../cloudwatch/alarm/alarm-history.ts";
import type { StateSetting } from "../../cloudwatch/alarm/alarm-limits.ts";
import { isComposite } from "../../cloudwatch/alarm/alarm-status.ts";
import type { DescribedAlarm } from "../../cloudwatch/alarm/alarms.ts";
import { alarmView } from "./alarm-view.ts";
import { AwsError } from "./aws-error.ts";
import { page } from "./page.ts";
import type { Input, JsonService, Operation } from "./service.ts";

/** The alarms behind the endpoint; whoever implements it knows the time and acts on transitions. */
export interface AlarmDesk {
  describe(): readonly DescribedAlarm[];
  history(alarmName?: string): readonly AlarmHistoryItem[];
  setState(alarmName: string, setting: StateSetting): void;
  enableActions(alarmNames: readonly string[]): void;
  disableActions(alarmNames: readonly string[]): void;
  delete(alarmNames: readonly string[]): void;
}

const STATES: readonly AlarmState[] = ["INSUFFICIENT_DATA", "ALARM", "OK"];

/** CloudWatch's operations on alarms, in JSON 1.0 with the error codes of the query protocol. */
export function cloudwatchService(desk: AlarmDesk): JsonService {
  return {
    protocol: "json",
    version: "1.0",
    targetPrefix: "GraniteServiceVersion20100801",
    queryErrorCodes: {},
    operations: {
      DescribeAlarms: (input) => describeAlarms(desk, input),
      DescribeAlarmHistory: (input) => describeAlarmHistory(desk, input),
      SetAlarmState: refusing((input) => {
        desk.setState(text(input, "AlarmName"), stateSetting(input));
        return {};
      }),
      EnableAlarmActions: refusing((input) => {
        desk.enableActions(texts(input, "AlarmNames"));
        return {};
      }),
      DisableAlarmActions: refusing((input) => {
        desk.disableActions(texts(input, "AlarmNames"));
        return {};
      }),
      DeleteAlarms: refusing((input) => {
        desk.delete(texts(input, "AlarmNames"));
        return {};
      }),
    },
  };
}

/** Lets the engine's refusals out as errors of the API. */
function refusing(operation: Operation): Operation {
  return async (input, call) => {
    try {
      return await operation(input, call);
    } catch (error) {
      if (error instanceof AlarmError) throw new AwsError(error.code, error.message, error.httpStatus);
      throw error;
    }
  };
}

function describeAlarms(desk: AlarmDesk, input: Input): object {
  const types = input.AlarmTypes === undefined ? ["MetricAlarm"] : texts(input, "AlarmTypes");
  const names = input.AlarmNames === undefined ? undefined : texts(input, "AlarmNames");
  const prefix = optionalText(input, "AlarmNamePrefix") ?? "";
  const state = optionalText(input, "StateValue");
  const matching = desk
    .describe()
    .filter(({ definition }) => types.includes(typeOf(definition)))
    .filter(({ definition }) => names?.includes(definition.alarmName) ?? true)
    .filter(({ definition }) => definition.alarmName.startsWith(prefix))
    .filter(({ status }) => state === undefined || status.state === state)
    .sort((a, b) => (a.definition.alarmName < b.definition.alarmName ? -1 : 1));
  const { items, ...next } = page(matching, input, 50);
  const views = (composite: boolean): object[] =>
    items.filter(({ definition }) => isComposite(definition) === composite).map(alarmView);
  return { MetricAlarms: views(false), CompositeAlarms: views(true), ...next };
}

function typeOf(definition: AlarmDefinition | MetricAlarmDefinition): string {
  return isComposite(definition) ? "CompositeAlarm" : "MetricAlarm";
}

function describeAlarmHistory(desk: AlarmDesk, input: Input): object {
  const type = optionalText(input, "HistoryItemType");
  const startMs = typeof input.StartDate === "number" ? input.StartDate * 1000 : -Infinity;
  const endMs = typeof input.EndDate === "number" ? input.EndDate * 1000 : Infinity;
  const oldestFirst = input.ScanBy === "TimestampAscending";
  const matching = desk
    .history(optionalText(input, "AlarmName"))
    .filter((item) => type === undefined || item.historyItemType === type)
    .filter(({ timestampMs }) => timestampMs >= startMs && timestampMs <= endMs)
    .sort((a, b) => (oldestFirst ? a.timestampMs - b.timestampMs : b.timestampMs - a.timestampMs));
  const { items, ...next } = page(matching, input, 100);
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

function stateSetting(input: Input): StateSetting {
  const wanted = text(input, "StateValue");
  const state = STATES.find((known) => known === wanted);
  if (state === undefined)
    throw new AwsError(
      "ValidationError",
      `1 validation error detected: Value '${wanted}' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [${STATES.join(", ")}]`,
    );
  const reasonData = optionalText(input, "StateReasonData");
  return { state, reason: text(input, "StateReason"), ...(reasonData !== undefined && { reasonData }) };
}

function text(input: Input, name: string): string {
  const value = optionalText(input, name);
  if (value !== undefined) return value;
  throw new AwsError("MissingParameter", `The parameter ${name} is required.`);
}

function optionalText(input: Input, name: string): string | undefined {
  const value = input[name];
  return typeof value === "string" ? value : undefined;
}

function texts(input: Input, name: string): string[] {
  const value = input[name];
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw new AwsError("MissingParameter", `The parameter ${name} is required.`);
}
