import type { ActionsSuppressedBy, CompositeAlarmDefinition } from "../alarm.ts";

/** What holds a composite alarm's actions back. */
export interface Suppression {
  readonly by: ActionsSuppressedBy;
  /** End of a period, epoch milliseconds; missing while the suppressor itself is in ALARM. */
  readonly untilMs?: number;
}

/** The suppressor at an instant. */
export interface SuppressorNow {
  readonly inAlarm: boolean;
  readonly nowMs: number;
}

/**
 * What a change of the composite's state leads to: actions wait for the suppressor, or are suppressed at once.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html
 */
export function suppressionOnChange(
  alarm: CompositeAlarmDefinition,
  suppressor: SuppressorNow,
): Suppression | undefined {
  if (alarm.actionsSuppressor === undefined) return undefined;
  if (suppressor.inAlarm) return { by: "Alarm" };
  return suppressionPeriod("WaitPeriod", alarm.actionsSuppressorWaitPeriodSeconds, suppressor.nowMs);
}

/** What holds actions back after the suppressor was looked at again. */
export function suppressionOnSuppressor(
  alarm: CompositeAlarmDefinition,
  suppression: Suppression,
  suppressor: SuppressorNow,
): Suppression | undefined {
  if (suppressor.inAlarm) return suppression.by === "Alarm" ? suppression : { by: "Alarm" };
  if (suppression.by !== "Alarm") return suppression;
  return suppressionPeriod(
    "ExtensionPeriod",
    alarm.actionsSuppressorExtensionPeriodSeconds,
    suppressor.nowMs,
  );
}

/** A period of no length holds nothing back. */
function suppressionPeriod(
  by: ActionsSuppressedBy,
  seconds: number | undefined,
  nowMs: number,
): Suppression | undefined {
  return seconds === undefined || seconds <= 0 ? undefined : { by, untilMs: nowMs + seconds * 1000 };
}
