import {
  type AlarmDefinition,
  alarmNameOf,
  isComposite,
  type MetricAlarmDefinition,
  type Transition,
} from "@wrist-agent/cloudwatch/alarm";
import { alarmRuleCauses, parseAlarmRule } from "@wrist-agent/cloudwatch/alarms/alarm-rule";
import { alarmMetrics } from "cw-alarm-test/alarm-metrics";
import type { CloudWatchRegion } from "./cloudwatch-region.ts";

/** When a request failed at or after a moment for the first time, epoch milliseconds; `undefined` when none did. */
export type FirstFailedSince = (fromMs: number) => number | undefined;

/**
 * When the first failed request came that a change into ALARM counted: the first one since the oldest period that
 * breached. `undefined` for alarms that do not judge failures, and where no request failed.
 */
export function firstFailureOf(
  { alarm, current }: Transition,
  region: CloudWatchRegion,
  firstFailedSince: FirstFailedSince,
): number | undefined {
  // Without reason data nothing was evaluated: somebody has set the state.
  if (current.state !== "ALARM" || current.stateReasonData === undefined) return undefined;
  const fromMs = breachingSince(alarm, region);
  return fromMs === undefined ? undefined : firstFailedSince(fromMs);
}

/** The start of the oldest period that breaches, of an alarm that judges failures or of the alarms that raise it. */
function breachingSince(alarm: AlarmDefinition, region: CloudWatchRegion): number | undefined {
  if (isComposite(alarm)) {
    const causes = alarmRuleCauses(parseAlarmRule(alarm.alarmRule)).map(alarmNameOf);
    const starts = causes.flatMap((name) => {
      const cause = region.alarms.find(name);
      if (cause?.status.state !== "ALARM") return [];
      return breachingSince(cause.definition, region) ?? [];
    });
    return starts.length === 0 ? undefined : Math.min(...starts);
  }
  if (!judgesFailures(alarm)) return undefined;
  const breaching = region.alarms.evaluatedDatapoints(alarm.alarmName).filter((point) => point.breaching);
  return breaching.at(-1)?.startMs;
}

/** Names of metrics that count what went wrong: `Failure`, `Errors`, `Url5xxCount`, `ConfigFault`, `Throttles`. */
const FAILURE_METRIC = /fail|error|5xx|fault|throttl/i;

function judgesFailures(alarm: MetricAlarmDefinition): boolean {
  return alarmMetrics(alarm).some(({ metric }) => FAILURE_METRIC.test(metric.metricName));
}
