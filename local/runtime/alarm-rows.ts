import {
  type AlarmDefinition,
  alarmNameOf,
  type AlarmStatus,
  isComposite,
} from "@wrist-agent/cloudwatch/alarm";
import { alarmCondition } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { alarmRuleCauses, parseAlarmRule } from "@wrist-agent/cloudwatch/alarms/alarm-rule";
import type { DescribedAlarm } from "@wrist-agent/cloudwatch/alarms/alarms";
import { MuteSchedule } from "@wrist-agent/cloudwatch/alarms/mute-rules";
import { alarmMetrics } from "cw-alarm-test/alarm-metrics";
import type { CloudWatchRegion } from "../monitoring/cloudwatch-region.ts";
import type { AlarmRow } from "../server/wire.ts";
import type { Plan } from "./plan.ts";

/** Items of an alarm's history that the page shows. */
const MAX_HISTORY_ITEMS = 50;

/** Every alarm with its state, in the templates' order. */
export function alarmRows(plan: Plan, nowMs: number): readonly AlarmRow[] {
  return plan.regions.flatMap((region) => {
    const all = region.alarms.describe();
    return all.map(({ definition, status }) => ({
      alarmName: definition.alarmName,
      description: definition.alarmDescription ?? "",
      stackName: stackOf(plan, definition.alarmName),
      state: status.state,
      stateReason: status.stateReason,
      sinceMs: status.stateTransitionedMs,
      condition: alarmCondition(definition),
      topics: topicsOf(definition),
      ...(isComposite(definition) && { causes: causesOf(definition.alarmRule) }),
      ...notifiedBy(definition, all),
      ...suppressionOf(region, { definition, status }, nowMs),
      ...noDataHere(definition),
      history: historyOf(region, definition.alarmName),
    }));
  });
}

function stackOf(plan: Plan, alarmName: string): string {
  const source = plan.emulated.alarms.find(({ definition }) => definition.alarmName === alarmName);
  return source?.stackName ?? "made through the AWS API";
}

/** An SNS topic's ARN ends in its name; other actions are nobody's mail. */
function topicsOf({ actionsEnabled = true, alarmActions = [] }: AlarmDefinition): readonly string[] {
  if (!actionsEnabled) return [];
  const parts = alarmActions.map((arn) => arn.split(":"));
  return parts.flatMap(([, , service, , , name]) => (service === "sns" && name ? [name] : []));
}

function causesOf(alarmRule: string): readonly string[] {
  return alarmRuleCauses(parseAlarmRule(alarmRule)).map(alarmNameOf);
}

function notifiedBy(
  { alarmName, actionsEnabled = true }: AlarmDefinition,
  all: readonly DescribedAlarm[],
): Pick<AlarmRow, "notifiedBy"> {
  if (actionsEnabled) return {};
  const parents = all
    .map(({ definition }) => definition)
    .filter((other) => isComposite(other) && causesOf(other.alarmRule).includes(alarmName));
  return { notifiedBy: parents.map((parent) => parent.alarmName) };
}

/** CloudWatch says of a suppressor why; a mute rule is looked up by its windows. */
function suppressionOf(
  { alarms }: CloudWatchRegion,
  { definition, status }: { readonly definition: AlarmDefinition; readonly status: AlarmStatus },
  nowMs: number,
): Pick<AlarmRow, "suppression"> {
  if (status.actionsSuppressedBy !== undefined)
    return {
      suppression: `suppressed (${status.actionsSuppressedBy}): ${status.actionsSuppressedReason ?? ""}`,
    };
  const muting = alarms
    .muteRules()
    .find(
      (rule) =>
        rule.alarmNames.includes(definition.alarmName) &&
        new MuteSchedule(rule).windowAt(nowMs) !== undefined,
    );
  return muting === undefined ? {} : { suppression: `muted by the alarm mute rule ${muting.name}` };
}

/** Namespaces that AWS alone fills, whatever happens on a laptop. */
const AWS_ONLY_NAMESPACES: Readonly<Record<string, string>> = {
  "AWS/Billing": "AWS/Billing has no data on this machine: nothing is billed here",
  "AWS/Bedrock": "AWS/Bedrock has no data on this machine: Bedrock itself publishes it",
};

function noDataHere(definition: AlarmDefinition): Pick<AlarmRow, "noDataHere"> {
  const reasons = alarmMetrics(definition).map(({ metric }) => AWS_ONLY_NAMESPACES[metric.namespace]);
  const [reason] = reasons;
  return reason !== undefined && reasons.every((one) => one !== undefined) ? { noDataHere: reason } : {};
}

/** Newest first. */
function historyOf(region: CloudWatchRegion, alarmName: string): AlarmRow["history"] {
  return region.alarms
    .history(alarmName)
    .slice(-MAX_HISTORY_ITEMS)
    .reverse()
    .map(({ timestampMs, historySummary }) => ({ timeMs: timestampMs, summary: historySummary }));
}
