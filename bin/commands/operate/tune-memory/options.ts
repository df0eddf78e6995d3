import { InvalidArgumentError } from "commander";

/** What Lambda takes. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const LIMITS = { least: 128, most: 10_240 } as const;

/** A list of memory sizes, ascending and without repetition. */
export function memorySizes(text: string): readonly number[] {
  const sizes = text.split(",").map((part) => memorySize(part.trim()));
  return [...new Set(sizes)].toSorted((a, b) => a - b);
}

function memorySize(text: string): number {
  const size = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (size >= LIMITS.least && size <= LIMITS.most) return size;
  throw new InvalidArgumentError(
    `"${text}" is no memory size: give whole megabytes from ${LIMITS.least} to ${LIMITS.most}, separated by commas.`,
  );
}

/** A whole number from 1 to `most`. */
export function countUpTo(most: number): (text: string) => number {
  return (text) => {
    const count = /^\d+$/.test(text) ? Number(text) : 0;
    if (count >= 1 && count <= most) return count;
    throw new InvalidArgumentError(`"${text}" is no count: give a whole number from 1 to ${most}.`);
  };
}

/** A share between 0 and 1. */
export function share(text: string): number {
  const value = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError(`"${text}" is no share: give a number from 0 to 1, such as 0.4.`);
}

/** A number above 0. */
export function positive(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (value > 0) return value;
  throw new InvalidArgumentError(`"${text}" is no number above 0: give one such as 30.`);
}
