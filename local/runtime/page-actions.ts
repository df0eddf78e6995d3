import { AlarmError } from "@wrist-agent/cloudwatch/alarm";
import type { MetricFeed } from "../server/page-api.ts";
import type { AlarmStateSetting, SubscriptionRequest } from "../server/wire.ts";
import type { Core } from "./core.ts";

/** Does what the links of SNS's mails do on AWS; gives the reason where they would do nothing. */
export function changeSubscription(
  { topicSubscriptions, eventLog }: Pick<Core, "topicSubscriptions" | "eventLog">,
  request: SubscriptionRequest,
  nowMs: number,
): string | undefined {
  const all = topicSubscriptions.list(nowMs);
  if (request.action === "unsubscribe") {
    const { subscriptionArn } = request;
    if (!all.some((one) => one.subscriptionArn === subscriptionArn))
      return `nobody is subscribed as ${subscriptionArn} any more`;
    eventLog.record({ kind: "subscription", atMs: nowMs, subscriptionArn });
    return undefined;
  }
  const { topicArn, token } = request;
  const asked = all.find((one) => one.topicArn === topicArn && one.pending?.token === token);
  if (asked === undefined)
    return "this confirmation is used up, or 48 hours are over: subscribe again for a new one";
  const { pending: _over, ...subscription } = asked;
  const { subscriptionArn } = subscription;
  eventLog.record({ kind: "subscription", atMs: nowMs, subscriptionArn, subscription });
  return undefined;
}

/**
 * Takes data as if AWS had them, in whatever namespace; gives the reason where their Region is none that runs
 * here.
 */
export function feedMetrics(
  { plan, eventLog }: Pick<Core, "plan" | "eventLog">,
  { region, data }: MetricFeed,
  nowMs: number,
): string | undefined {
  if (!plan.regions.some(({ home }) => home.region === region))
    return `Region ${region} does not run here: use ${plan.home.home.region} or another of its partition`;
  eventLog.record({ kind: "metrics", atMs: nowMs, region, data });
  return undefined;
}

/**
 * Sets an alarm's state as SetAlarmState does, its actions included; gives the reason where that is refused.
 */
export function setAlarmState(
  { plan, alarmEvaluator, listeners }: Pick<Core, "plan" | "alarmEvaluator" | "listeners">,
  { alarmName, state, reason }: AlarmStateSetting,
  nowMs: number,
): string | undefined {
  const region = plan.regions.find(({ alarms }) => alarms.find(alarmName) !== undefined);
  if (region === undefined) return `no alarm is called ${alarmName}`;
  try {
    alarmEvaluator.change(region, (alarms) => alarms.setState(alarmName, { state, reason }, nowMs), nowMs);
  } catch (error) {
    if (error instanceof AlarmError) return error.message;
    throw error;
  }
  listeners.notify(["alarms", "dashboard"]);
  return undefined;
}
