import { InputReader } from "./cloudwatch-input.ts";
import { AwsError, type Input } from "./service.ts";

/** The refusal of a parameter's value. */
export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}

/** The refusal of a call without a parameter. */
export function missing(name: string): AwsError {
  return new AwsError("MissingRequiredParameterException", `The request must contain the parameter ${name}.`);
}

/** A text that must be there. */
export function requiredText(input: Input, name: string): string {
  const value = new InputReader(input).text(name);
  if (value === undefined || value === "") throw missing(name);
  return value;
}

interface Bounds {
  readonly least: number;
  readonly most: number;
  /** Both bounds, where SQS writes them another way. */
  readonly words?: string;
}

/** A number within bounds, if it is there. */
export function ranged(
  read: InputReader,
  name: string,
  { least, most, words = `>= ${least} and <= ${most}` }: Bounds,
): number | undefined {
  const value = read.number(name);
  if (value === undefined || (value >= least && value <= most)) return value;
  throw invalidParameter(
    `Value ${value} for parameter ${name} is invalid. Reason: Must be ${words}, if provided.`,
  );
}

/** The delay that a message has of its own. */
export function delayOf(read: InputReader): { readonly delaySeconds?: number } {
  const delaySeconds = ranged(read, "DelaySeconds", { least: 0, most: 900 });
  return delaySeconds === undefined ? {} : { delaySeconds };
}
