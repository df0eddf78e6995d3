import type { ScheduleSource } from "../../assembly/function/schedule.ts";

/** One run of a schedule. */
export interface ScheduledRun {
  readonly id: string;
  /** When it was due, epoch milliseconds. */
  readonly timeMs: number;
}

/** The event that a schedule's function gets: its input, or the one that EventBridge makes up. */
export function scheduledEvent(source: ScheduleSource, run: ScheduledRun): unknown {
  if (source.input === undefined) return ownEvent(source, run);
  const text = withAttributes(source.input, source, run);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
function withAttributes(
  input: string,
  { scheduleArn }: ScheduleSource,
  { id, timeMs }: ScheduledRun,
): string {
  const attributes: Readonly<Record<string, string>> = {
    "<aws.scheduler.schedule-arn>": scheduleArn,
    "<aws.scheduler.scheduled-time>": isoSeconds(timeMs),
    "<aws.scheduler.execution-id>": id,
    "<aws.scheduler.attempt-number>": "1",
  };
  return Object.entries(attributes).reduce((text, [name, value]) => text.replaceAll(name, value), input);
}

/** EventBridge Scheduler writes the empty detail as text, rules of EventBridge as an object. */
function ownEvent({ scheduleArn }: ScheduleSource, { id, timeMs }: ScheduledRun): unknown {
  const [, , service = "", region = "", account = ""] = scheduleArn.split(":");
  return {
    version: "0",
    id,
    "detail-type": "Scheduled Event",
    source: `aws.${service}`,
    account,
    time: isoSeconds(timeMs),
    region,
    resources: [scheduleArn],
    detail: service === "scheduler" ? "{}" : {},
  };
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
