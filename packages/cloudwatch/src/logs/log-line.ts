import { isJsonObject, type JsonObject, jsonTextMembers } from "../json.ts";

/** A line of a Lambda function's log as a person reads it. */
export interface LogLine {
  /** `WARN` as the logger has it, `LAMBDA` for a line of Lambda itself, empty for plain text. */
  readonly level: string;
  /** What was said and every member beside it as `name=value`, `platform.report status=success …`. */
  readonly text: string;
  /** Frames of a stack, the innermost first. */
  readonly frames: readonly string[];
}

/** What the logger puts on each line, and what only CloudWatch reads. */
const LEFT_OUT: readonly string[] = [
  "_aws",
  "timestamp",
  "service",
  "sampling_rate",
  "xray_trace_id",
  "function_name",
  "function_arn",
  "function_memory_size",
  "function_request_id",
  "requestId",
];

/**
 * Reads a line of the logger, of Lambda itself in JSON, of EMF, or plain text; members that every line has
 * are left out.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export function readLogLine(message: string): LogLine {
  const members = jsonTextMembers(message);
  if (Object.keys(members).length === 0) return { level: "", text: message.trim(), frames: [] };
  const { type, record, level, message: said, at, ...rest } = members;
  if (typeof type === "string" && isJsonObject(record))
    return { level: "LAMBDA", text: `${type} ${pairsText(record)}`, frames: [] };
  const text = typeof said === "string" ? `${said} ${pairsText(rest)}` : pairsText(rest);
  return {
    level: typeof level === "string" ? level : "",
    text: text.trim(),
    frames: Array.isArray(at) ? at.map(String) : [],
  };
}

function pairsText(members: JsonObject): string {
  const own = Object.entries(members).filter(([name]) => !LEFT_OUT.includes(name));
  return flattenedMembers(Object.fromEntries(own))
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** Members with their texts, those of an object under `outer.inner`. */
export function flattenedMembers(members: JsonObject, prefix = ""): readonly (readonly [string, string])[] {
  return Object.entries(members).flatMap(([name, value]) =>
    isJsonObject(value)
      ? flattenedMembers(value, `${prefix}${name}.`)
      : [[`${prefix}${name}`, typeof value === "string" ? value : JSON.stringify(value)] as const],
  );
}
