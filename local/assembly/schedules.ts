import { scheduleTimes, type ScheduleTimes } from "@wrist-agent/cloudwatch/schedule-expression";
import { AssemblyError } from "cw-alarm-test/template";
import { withoutUndefined } from "@wrist-agent/cloudwatch/read-definition";
import { resourcePlace, readProperties, type PropertyReader } from "cw-alarm-test/property-reader";
import type { ResolvedResource } from "cw-alarm-test/resolved-stack";

/** A function that is invoked by the clock. */
export interface ScheduleSource {
  readonly scheduleArn: string;
  /** `rate(5 minutes)`, as the template says it. */
  readonly expression: string;
  readonly times: ScheduleTimes;
  /** No run before, epoch milliseconds; none is too early when missing. */
  readonly startMs?: number;
  /** No run from here on, epoch milliseconds; for ever when missing. */
  readonly endMs?: number;
  /** ARN of a function, an alias or a version. */
  readonly functionArn: string;
  /** The event as text; EventBridge's own when missing. */
  readonly input?: string;
}

/** Reads an `AWS::Scheduler::Schedule`; nothing comes of one that is disabled. */
export function scheduleOf(resource: ResolvedResource): readonly ScheduleSource[] {
  const read = readProperties(resource);
  if (read.text("State") === "DISABLED") return [];
  const window = read.object("FlexibleTimeWindow")?.text("Mode") ?? "OFF";
  if (window !== "OFF")
    throw new AssemblyError(
      `${resourcePlace(resource)} has a flexible time window, which is not emulated: use OFF`,
    );
  const target = read.required("Target", read.object("Target"));
  const times = readTimes(resource, read, read.text("ScheduleExpressionTimezone"));
  const startMs = readInstant(resource, read, "StartDate");
  return [
    withoutUndefined<ScheduleSource>({
      ...times,
      scheduleArn: resource.attribute("Arn"),
      startMs,
      endMs: readInstant(resource, read, "EndDate"),
      functionArn: functionArnOf(resource, target),
      input: target.text("Input"),
    }),
  ];
}

/**
 * Reads the Lambda targets of an `AWS::Events::Rule` with a schedule; nothing comes of one that is disabled.
 */
export function scheduledRuleOf(resource: ResolvedResource): readonly ScheduleSource[] {
  const read = readProperties(resource);
  if (read.text("State") === "DISABLED") return [];
  if (read.has("EventPattern"))
    throw new AssemblyError(
      `${resourcePlace(resource)} has an event pattern, which is not emulated: use a schedule`,
    );
  const times = readTimes(resource, read, undefined);
  return (read.objects("Targets") ?? []).map((target) => {
    for (const name of ["InputPath", "InputTransformer"])
      if (target.has(name))
        throw new AssemblyError(`${resourcePlace(resource)} has ${name}, which is not emulated: use Input`);
    return withoutUndefined<ScheduleSource>({
      ...times,
      scheduleArn: resource.attribute("Arn"),
      startMs: undefined,
      endMs: undefined,
      functionArn: functionArnOf(resource, target),
      input: target.text("Input"),
    });
  });
}

function readTimes(
  resource: ResolvedResource,
  read: PropertyReader,
  timezone: string | undefined,
): Pick<ScheduleSource, "expression" | "times"> {
  const expression = read.required("ScheduleExpression", read.text("ScheduleExpression"));
  const times = scheduleTimes(expression, timezone);
  if ("refusal" in times) throw new AssemblyError(`${resourcePlace(resource)}: ${times.refusal}`);
  return { expression, times };
}

function functionArnOf(resource: ResolvedResource, target: PropertyReader): string {
  const arn = target.required("Arn", target.text("Arn"));
  if (/^arn:[^:]+:lambda:[^:]+:\d+:function:/.test(arn)) return arn;
  throw new AssemblyError(
    `${resourcePlace(resource)} has the target ${arn}, which is not emulated: use a Lambda function`,
  );
}

function readInstant(resource: ResolvedResource, read: PropertyReader, name: string): number | undefined {
  const text = read.text(name);
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new AssemblyError(`${resourcePlace(resource)}.${name} is ${text}: give a date and time`);
  return ms;
}
