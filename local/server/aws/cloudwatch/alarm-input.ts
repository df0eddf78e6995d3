import type {
  CompositeAlarmDefinition,
  MetricAlarmDefinition,
} from "../../../cloudwatch/alarm-definition.ts";
import { readCompositeAlarm, readMetricAlarm } from "../../../cloudwatch/definition/read-alarm.ts";
import { OTHER_ACCOUNTS } from "./query-input.ts";
import type { Reader } from "./reader.ts";

const NOT_HERE = {
  EvaluationCriteria: "PromQL alarms are not evaluated, use metrics or expressions",
  EvaluationInterval: "PromQL alarms are not evaluated, use metrics or expressions",
  Tags: "tags are not kept, leave them out",
} as const;

/** Reads a PutMetricAlarm request; the engine checks what it asks for. */
export function metricAlarmInput(read: Reader): MetricAlarmDefinition {
  read.refuse(NOT_HERE);
  for (const query of read.objects("Metrics") ?? []) query.refuse(OTHER_ACCOUNTS);
  return readMetricAlarm(read, nameIn(read));
}

/** Reads a PutCompositeAlarm request; the engine checks the rule. */
export function compositeAlarmInput(read: Reader): CompositeAlarmDefinition {
  read.refuse({ Tags: NOT_HERE.Tags });
  return readCompositeAlarm(read, nameIn(read));
}

function nameIn(read: Reader): string {
  return read.required("AlarmName", read.text("AlarmName"));
}
