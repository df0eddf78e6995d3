import type { CompositeAlarmDefinition } from "../cloudwatch/alarm-definition.ts";
import { alarmBasics } from "./alarm-basics.ts";
import { present, readProperties } from "./property-reader.ts";
import type { ResolvedResource } from "./resolve-stacks.ts";

/** Makes the engine's definition of an `AWS::CloudWatch::CompositeAlarm`. */
export function compositeAlarmOf(resource: ResolvedResource): CompositeAlarmDefinition {
  const read = readProperties(resource);
  return present<CompositeAlarmDefinition>({
    ...alarmBasics(resource, read),
    alarmRule: read.required("AlarmRule", read.text("AlarmRule")),
    actionsSuppressor: read.text("ActionsSuppressor"),
    actionsSuppressorWaitPeriodSeconds: read.number("ActionsSuppressorWaitPeriod"),
    actionsSuppressorExtensionPeriodSeconds: read.number("ActionsSuppressorExtensionPeriod"),
  });
}
