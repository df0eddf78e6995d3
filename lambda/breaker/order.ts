import type { BreakerOrder } from "../contract/breaker.ts";

/** What CloudWatch sends to a Lambda action: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html */
export interface AlarmEvent {
  readonly order: "alarm";
  readonly alarmArn: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
}

/** Tells an alarm, the schedule and the operator apart; anything else is a mistake that is thrown back. */
export function orderOf(event: unknown): AlarmEvent | BreakerOrder {
  const { source, alarmArn, alarmData, order, until } = membersOf(event);
  if (source === "aws.cloudwatch") {
    const state = membersOf(membersOf(alarmData).state).value;
    return { order: "alarm", alarmArn: textOf(alarmArn), state: textOf(state) };
  }
  if (order === "watch" || order === "status" || order === "close") return { order };
  if (order === "open") return typeof until === "string" ? { order, until } : { order };
  throw new Error('the event is no order: send {"order":"status"}, {"order":"open"} or {"order":"close"}');
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
