import type { SubscriptionRequest } from "../server/wire.ts";
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
