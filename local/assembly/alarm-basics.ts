import type { AlarmBasics } from "../cloudwatch/alarm-definition.ts";
import { present, type PropertyReader } from "./property-reader.ts";
import type { ResolvedResource } from "./resolve-stacks.ts";

/** What metric and composite alarms share; the name is made up when the template gives none, as CloudFormation does. */
export function alarmBasics(resource: ResolvedResource, read: PropertyReader): AlarmBasics {
  return present<AlarmBasics>({
    alarmName: resource.ref(),
    alarmDescription: read.text("AlarmDescription"),
    actionsEnabled: read.flag("ActionsEnabled"),
    okActions: read.texts("OKActions"),
    alarmActions: read.texts("AlarmActions"),
    insufficientDataActions: read.texts("InsufficientDataActions"),
  });
}
