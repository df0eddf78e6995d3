import { inCidr, parseCidr } from "../cidr.ts";
import { isJsonObject } from "../json.ts";

/** What SNS says of a filter policy that it refuses. */
export class FilterPolicyError extends Error {
  /** `whole` when the message stands alone, without the name of the attribute before it. */
  readonly scope: "policy" | "whole";

  constructor(message: string, scope: "policy" | "whole" = "policy") {
    super(message);
    this.name = "FilterPolicyError";
    this.scope = scope;
  }
}

/** One of the values that a policy lists for a key. */
export interface FilterCondition {
  /** Whether the key must be there or must not; `undefined` for a condition on its value. */
  readonly exists?: boolean;
  readonly accepts: (value: unknown) => boolean;
}

/** Reads a value to be equal to, or an object with one operator. */
export function filterCondition(written: unknown): FilterCondition {
  if (!isJsonObject(written)) return { accepts: equalTo(written) };
  const [operator = "", ...others] = Object.keys(written);
  if (others.length > 0) throw new FilterPolicyError("Only one key allowed in match expression");
  if (operator === "exists") return existsCondition(written[operator]);
  const read = OPERATORS.get(operator);
  if (read === undefined) throw new FilterPolicyError(`Unrecognized match type ${operator}`);
  return { accepts: read(written[operator]) };
}

type Accepts = FilterCondition["accepts"];

const OPERATORS = new Map<string, (operand: unknown) => Accepts>([
  ["prefix", textOperator("prefix")],
  ["suffix", textOperator("suffix")],
  ["equals-ignore-case", textOperator("equals-ignore-case")],
  ["wildcard", textOperator("wildcard")],
  ["anything-but", anythingBut],
  ["numeric", numericRange],
  ["cidr", cidrRange],
]);

const TEXT_MATCHES = {
  prefix: (text: string, pattern: string): boolean => text.startsWith(pattern),
  suffix: (text: string, pattern: string): boolean => text.endsWith(pattern),
  "equals-ignore-case": (text: string, pattern: string): boolean =>
    text.toLowerCase() === pattern.toLowerCase(),
  wildcard: matchesWildcard,
} as const;

function textOperator(name: keyof typeof TEXT_MATCHES) {
  return (operand: unknown): Accepts => {
    if (typeof operand !== "string") throw new FilterPolicyError(`${name} match pattern must be a string`);
    return (value) => typeof value === "string" && TEXT_MATCHES[name](value, operand);
  };
}

/** `*` stands for any text; the parts between are looked for in order, so that no pattern is slow. */
function matchesWildcard(text: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

function equalTo(wanted: unknown): Accepts {
  if (Array.isArray(wanted))
    throw new FilterPolicyError("Match value must be String, number, true, false, or null");
  return (value) => value === wanted;
}

function existsCondition(operand: unknown): FilterCondition {
  if (typeof operand !== "boolean")
    throw new FilterPolicyError("exists match pattern must be either true or false.");
  return { exists: operand, accepts: () => operand };
}

function anythingBut(operand: unknown): Accepts {
  if (isJsonObject(operand)) {
    const [pattern = ""] = Object.keys(operand);
    if (pattern !== "prefix") throw new FilterPolicyError(`Unsupported anything-but pattern: ${pattern}`);
    const starts = textOperator("prefix")(operand[pattern]);
    return (value) => !starts(value);
  }
  const refused: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  return (value) => !refused.includes(value);
}

const BOTTOMS = [">", ">="];
const TOPS = ["<", "<="];

/** `["=", 5]`, `[">", 5]`, or a range such as `[">=", 0, "<", 10]`. */
function numericRange(operand: unknown): Accepts {
  const terms: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  const [operator, bound, second, ...rest] = terms;
  if (typeof operator !== "string")
    throw new FilterPolicyError(`Invalid member in numeric match: ${termText(operator)}`);
  if (operator !== "=" && !BOTTOMS.includes(operator) && !TOPS.includes(operator))
    throw new FilterPolicyError(`Unrecognized numeric range operator: ${operator}`);
  const lower = numberAfter(operator === "=" ? "equals" : operator, bound);
  if (second === undefined) return comparison(operator, lower);
  if (!BOTTOMS.includes(operator)) throw new FilterPolicyError("Too many elements in numeric expression");
  return between([operator, lower], second, rest);
}

function between([operator, lower]: readonly [string, number], second: unknown, rest: readonly unknown[]) {
  if (typeof second !== "string")
    throw new FilterPolicyError(`Bad value in numeric range: ${termText(second)}`);
  if (!TOPS.includes(second)) throw new FilterPolicyError(`Bad numeric range operator: ${second}`);
  const upper = numberAfter(second, rest[0]);
  if (lower >= upper) throw new FilterPolicyError("Bottom must be less than top");
  if (rest.length > 1) throw new FilterPolicyError("Too many terms in numeric range expression");
  const isOver = comparison(operator, lower);
  const isUnder = comparison(second, upper);
  return (value: unknown): boolean => isOver(value) && isUnder(value);
}

function termText(term: unknown): string {
  return term === undefined ? "]" : JSON.stringify(term);
}

function numberAfter(operator: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw new FilterPolicyError(`Value of ${operator} must be numeric`);
}

function comparison(operator: string, bound: number): Accepts {
  return (value) => {
    if (typeof value !== "number") return false;
    if (operator === "=") return value === bound;
    if (BOTTOMS.includes(operator)) return operator === ">" ? value > bound : value >= bound;
    return operator === "<" ? value < bound : value <= bound;
  };
}

function cidrRange(operand: unknown): Accepts {
  if (typeof operand !== "string") throw new FilterPolicyError("prefix match pattern must be a string");
  const range = parseCidr(operand);
  if (typeof range === "string") throw new FilterPolicyError(range);
  return (value) => typeof value === "string" && inCidr(value, range);
}
