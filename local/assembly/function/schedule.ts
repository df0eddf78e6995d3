import { scheduleTimes, type ScheduleTimes } from "../../schedule/expression.ts";
import { AssemblyError } from "../assembly-error.ts";
import { present } from "../../cloudwatch/definition/present.ts";
import { placeOf, readProperties, type PropertyReader } from "../resource/property-reader.ts";
import type { ResolvedResource } from "../template/resolve-stacks.ts";

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
      `${placeOf(resource)} has a flexible time window, which is not emulated: use OFF`,
    );
  const target = read.required("Target", read.object("Target"));
  const times = timesOf(resource, read, read.text("ScheduleExpressionTimezone"));
  const startMs = instant(resource, read, "StartDate");
  return [
    present<ScheduleSource>({
      ...times,
      scheduleArn: resource.attribute("Arn"),
      startMs,
      endMs: instant(resource, read, "EndDate"),
      functionArn: functionArnOf(resource, target),
      input: target.text("Input"),
    }),
  ];
}

/** Reads the Lambda targets of an `AWS::Events::Rule` with a schedule; nothing comes of one that is disabled. */
export function scheduledRuleOf(resource: ResolvedResource): readonly ScheduleSource[] {
  const read = readProperties(resource);
  if (read.text("State") === "DISABLED") return [];
  if (read.has("EventPattern"))
    throw new AssemblyError(
      `${placeOf(resource)} has an event pattern, which is not emulated: use a schedule`,
    );
  const times = timesOf(resource, read, undefined);
  return (read.objects("Targets") ?? []).map((target) => {
    for (const name of ["InputPath", "InputTransformer"])
      if (target.has(name))
        throw new AssemblyError(`${placeOf(resource)} has ${name}, which is not emulated: use Input`);
    return present<ScheduleSource>({
      ...times,
      scheduleArn: resource.attribute("Arn"),
      startMs: undefined,
      endMs: undefined,
      functionArn: functionArnOf(resource, target),
      input: target.text("Input"),
    });
  });
}

function timesOf(
  resource: ResolvedResource,
  read: PropertyReader,
  timezone: string | undefined,
): Pick<ScheduleSource, "expression" | "times"> {
  const expression = read.required("ScheduleExpression", read.text("ScheduleExpression"));
  const times = scheduleTimes(expression, timezone);
  if ("refusal" in times) throw new AssemblyError(`${placeOf(resource)}: ${times.refusal}`);
  return { expression, times };
}

function functionArnOf(resource: ResolvedResource, target: PropertyReader): string {
  const arn = target.required("Arn", target.text("Arn"));
  if (/^arn:[^:]+:lambda:[^:]+:\d+:function:/.test(arn)) return arn;
  throw new AssemblyError(
    `${placeOf(resource)} has the target ${arn}, which is not emulated: use a Lambda function`,
  );
}

function instant(resource: ResolvedResource, read: PropertyReader, name: string): number | undefined {
  const text = read.text(name);
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms))
    throw new AssemblyError(`${placeOf(resource)}.${name} is ${text}: give a date and time`);
  return ms;
}
