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

/**
 * A request to the Function URL as far as a fault is concerned; what the caller did wrong counts as neither.
 */
export interface JudgedRequest {
  readonly timeMs: number;
  readonly result: "good" | "failed";
  /** Whether nobody dictated it: the probe or a deployment asked. */
  readonly isSynthetic: boolean;
  /**
   * Method and path: a good answer of another one, such as to a question for health, says nothing of this
   * one.
   */
  readonly route: string;
}

/** The first failed request of a fault, as a mail of ALARM dates it. */
export interface FirstFailure {
  readonly firstFailedMs: number;
  /** Set where requests of the probe alone have failed. */
  readonly firstFailedBy?: "probe";
}

/**
 * When the fault began behind a change into ALARM, as requests saw it; `undefined` for alarms that do not
 * judge failures, and where no request failed.
 */
export function firstFailureOf(
  { alarm, current }: Transition,
  region: CloudWatchRegion,
  requestsJudged: () => readonly JudgedRequest[],
): FirstFailure | undefined {
  // Without reason data nothing was evaluated: somebody has set the state.
  if (current.state !== "ALARM" || current.stateReasonData === undefined) return undefined;
  const fromMs = breachingSince(alarm, region);
  return fromMs === undefined ? undefined : firstFailure(requestsJudged(), fromMs);
}

/**
 * The first failed request of the fault that breached from a moment on: what people sent, and the probe's
 * where of those none has failed. A fault goes back beyond that moment, to the last good answer that anybody
 * got to the same method and path.
 */
export function firstFailure(requests: readonly JudgedRequest[], fromMs: number): FirstFailure | undefined {
  const people = firstOfFault(requests, fromMs, false);
  if (people !== undefined) return { firstFailedMs: people };
  const probe = firstOfFault(requests, fromMs, true);
  return probe === undefined ? undefined : { firstFailedMs: probe, firstFailedBy: "probe" };
}

/** When the fault first failed a request of one kind, people's or the probe's, epoch milliseconds. */
function firstOfFault(
  requests: readonly JudgedRequest[],
  fromMs: number,
  isSynthetic: boolean,
): number | undefined {
  const isFailed = (request: JudgedRequest): boolean =>
    request.result === "failed" && request.isSynthetic === isSynthetic;
  const inWindow = requests.find((request) => request.timeMs >= fromMs && isFailed(request));
  const route = (inWindow ?? requests.findLast(isFailed))?.route;
  const alike = requests.filter((request) => request.route === route);
  const until = inWindow === undefined ? alike.length : alike.indexOf(inWindow);
  const lastGood = alike.findLastIndex(({ result }, i) => i < until && result === "good");
  const first = alike.slice(lastGood + 1, until).find(isFailed);
  return (first ?? inWindow)?.timeMs;
}

/**
 * The start of the oldest period that breaches, of an alarm that judges failures or of the alarms that raise
 * it.
 */
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

/**
 * Names of metrics that count what went wrong: `Failure`, `Errors`, `Url5xxCount`, `ConfigFault`,
 * `Throttles`.
 */
const FAILURE_METRIC = /fail|error|5xx|fault|throttl/i;

function judgesFailures(alarm: MetricAlarmDefinition): boolean {
  return alarmMetrics(alarm).some(({ metric }) => FAILURE_METRIC.test(metric.metricName));
}
