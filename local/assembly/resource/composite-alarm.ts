import type { CompositeAlarmDefinition } from "../../cloudwatch/alarm-definition.ts";
import { readCompositeAlarm } from "../../cloudwatch/definition/read-alarm.ts";
import { readProperties } from "./property-reader.ts";
import type { ResolvedResource } from "../template/resolve-stacks.ts";

/** Makes the engine's definition of an `AWS::CloudWatch::CompositeAlarm`; the name is made up when the template gives none. */
export function compositeAlarmOf(resource: ResolvedResource): CompositeAlarmDefinition {
  return readCompositeAlarm(readProperties(resource), resource.ref());
}
