import { LogsQueryError } from "@wrist-agent/cloudwatch/logs/query-reader";
import { AwsError, type Input } from "./service.ts";

/** A member that is a text, if it is there. */
export function text(input: Input, member: string): string | undefined {
  const value = input[member];
  if (value === undefined || typeof value === "string") return value;
  throw invalid(`${member} is not a text`);
}

/** A member that is a list of texts, if it is there. */
export function texts(input: Input, member: string): readonly string[] | undefined {
  const value = input[member];
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw invalid(`${member} is not a list of texts`);
}

/** A member that is a number, if it is there. */
export function number(input: Input, member: string): number | undefined {
  const value = input[member];
  if (value === undefined || typeof value === "number") return value;
  throw invalid(`${member} is not a number`);
}

/** How many to answer at most. */
export function limitOf(input: Input, most: number): number {
  const limit = number(input, "limit") ?? most;
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  const bound = limit > most ? `less than or equal to ${most}` : "greater than or equal to 1";
  throw invalid(
    `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value ${bound}`,
  );
}

/** The refusal of an input. */
export function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}

/** Whether a line matches a filter pattern. */
export type LineTest = (message: string) => boolean;

/** The refusal of a filter pattern. */
export function invalidPattern(message: string): AwsError {
  return invalid(message);
}

/** A regular expression of a filter pattern. */
export function expressionOf(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw invalidPattern(`Invalid regular expression: ${source}`);
  }
}

/** The refusal of something that is not there. */
export function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", message);
}

/** A query that took too long and was stopped. */
export class LogsQueryTimeout extends LogsQueryError {}
