import { isJsonObject, type JsonObject, parseJsonObject } from "../json.ts";

/** A rule's body that CloudWatch would refuse. */
export class InsightRuleError extends Error {
  override readonly name = "InsightRuleError";
}

/** What a rule makes of one log line. */
export interface Contribution {
  /** The values of the rule's keys, in their order. */
  readonly keys: readonly string[];
  /** What the line adds: 1 where lines are counted. */
  readonly value: number;
}

/** A rule that was read: which groups it looks at, and what a line contributes. */
export interface ParsedInsightRule {
  readonly keyLabels: readonly string[];
  readonly aggregateOn: "Count" | "Sum";
  readonly takesGroup: (logGroupName: string) => boolean;
  /** `undefined` where a filter keeps the line out, or a key is missing. */
  readonly contributionOf: (message: string) => Contribution | undefined;
}

type Scalar = string | number | boolean;

/** The value of a field of one line; `undefined` where there is none. */
type FieldReader = (field: string) => Scalar | undefined;

const MAX_KEYS = 4;
const MAX_FILTERS = 4;
const MAX_TEXTS = 10;

/**
 * Reads the body of a rule.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContributorInsights-RuleSyntax.html
 */
export function parseInsightRule(body: string): ParsedInsightRule {
  const rule = parseJsonObject(body);
  if (rule === undefined) throw new InsightRuleError("the rule is not a JSON object");
  checkSchema(rule.Schema);
  const { LogGroupNames: groups, LogFormat: format, Contribution: contribution } = rule;
  if (!isTexts(groups) || groups.length === 0)
    throw new InsightRuleError("LogGroupNames must be a list of names of log groups");
  if (format !== "JSON" && format !== "CLF") throw new InsightRuleError("LogFormat must be JSON or CLF");
  if (!isJsonObject(contribution)) throw new InsightRuleError("Contribution is missing");
  const aggregateOn = aggregationOf(rule.AggregateOn);
  const { Keys: keys, ValueOf: valueOf } = contribution;
  if (!isTexts(keys) || keys.length === 0 || keys.length > MAX_KEYS)
    throw new InsightRuleError(`Keys must be a list of 1 to ${MAX_KEYS} fields`);
  if (valueOf !== undefined && typeof valueOf !== "string")
    throw new InsightRuleError("ValueOf must be a field");
  if (valueOf !== undefined && aggregateOn === "Count")
    throw new InsightRuleError("ValueOf is only valid with AggregateOn Sum");
  const filters = filtersOf(contribution.Filters);
  const readerOf = format === "JSON" ? jsonReader : clfReader(aliasesOf(rule.Fields));
  return {
    keyLabels: keys,
    aggregateOn,
    takesGroup: (name) => groups.some((group) => isGroup(group, name)),
    contributionOf: (message) => {
      const read = readerOf(message);
      if (read === undefined || !filters.every((holds) => holds(read))) return undefined;
      return contributionIn(read, keys, valueOf);
    },
  };
}

function checkSchema(schema: unknown): void {
  if (isJsonObject(schema) && schema.Name === "CloudWatchLogRule" && schema.Version === 1) return;
  throw new InsightRuleError('Schema must be {"Name": "CloudWatchLogRule", "Version": 1}');
}

function aggregationOf(value: unknown): "Count" | "Sum" {
  if (value === "Count" || value === "Sum") return value;
  throw new InsightRuleError("AggregateOn must be Count or Sum");
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isGroup(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function contributionIn(
  read: FieldReader,
  keys: readonly string[],
  valueOf: string | undefined,
): Contribution | undefined {
  const values = keys.map(read);
  const value = valueOf === undefined ? 1 : numberOf(read(valueOf));
  if (value === undefined || values.includes(undefined)) return undefined;
  return { keys: values.map(String), value };
}

function numberOf(value: Scalar | undefined): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** `$.a.b[0].c` in a line that is a JSON object. */
function jsonReader(message: string): FieldReader | undefined {
  const line = parseJsonObject(message);
  if (line === undefined) return undefined;
  return (field) => {
    let value: unknown = line;
    for (const step of stepsOf(field)) {
      if (typeof value !== "object" || value === null) return undefined;
      value = (value as JsonObject)[step];
    }
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? value
      : undefined;
  };
}

function stepsOf(field: string): readonly string[] {
  return field
    .replace(/^\$\.?/, "")
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .split(".")
    .filter((step) => step !== "");
}

/** Fields by place, from 1: words, texts in quotes and times in brackets. */
const CLF_FIELD = /"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|(\S+)/g;

function clfReader(places: ReadonlyMap<string, string>): (message: string) => FieldReader {
  return (message) => {
    const fields = [...message.matchAll(CLF_FIELD)].map(
      ([, quoted, bracketed, bare]) => quoted ?? bracketed ?? bare,
    );
    return (field) => fields[Number(places.get(field) ?? field) - 1];
  };
}

/** The place of a field by its name in the rule. */
function aliasesOf(fields: unknown): ReadonlyMap<string, string> {
  if (fields === undefined) return new Map();
  if (!isJsonObject(fields)) throw new InsightRuleError("Fields must be an object of names by place");
  return new Map(
    Object.entries(fields).map(([place, name]) => {
      if (!/^[1-9]\d*$/.test(place) || typeof name !== "string")
        throw new InsightRuleError(`Fields: ${place} must be a place from 1 with a name`);
      return [name, place];
    }),
  );
}

type Filter = (read: FieldReader) => boolean;

function filtersOf(filters: unknown): readonly Filter[] {
  if (filters === undefined) return [];
  if (!Array.isArray(filters) || filters.length > MAX_FILTERS)
    throw new InsightRuleError(`Filters must be a list of at most ${MAX_FILTERS}`);
  return filters.map(filterOf);
}

const TEXT_OPERATORS: Readonly<Record<string, (value: string, wanted: readonly string[]) => boolean>> = {
  In: (value, wanted) => wanted.includes(value),
  NotIn: (value, wanted) => !wanted.includes(value),
  StartsWith: (value, wanted) => wanted.some((start) => value.startsWith(start)),
};

const NUMBER_OPERATORS: Readonly<Record<string, (value: number, wanted: number) => boolean>> = {
  GreaterThan: (value, wanted) => value > wanted,
  LessThan: (value, wanted) => value < wanted,
  EqualTo: (value, wanted) => value === wanted,
  NotEqualTo: (value, wanted) => value !== wanted,
};

function filterOf(filter: unknown): Filter {
  const { Match: field, ...rest } = isJsonObject(filter) ? filter : {};
  const [[operator, wanted] = ["", undefined], ...others] = Object.entries(rest);
  if (typeof field !== "string" || others.length > 0)
    throw new InsightRuleError("a filter has a Match and one operator");
  return operatorFilter(field, operator, wanted);
}

function operatorFilter(field: string, operator: string, wanted: unknown): Filter {
  if (operator === "IsPresent" && typeof wanted === "boolean")
    return (read) => (read(field) !== undefined) === wanted;
  const byText = Object.hasOwn(TEXT_OPERATORS, operator) ? TEXT_OPERATORS[operator] : undefined;
  if (byText !== undefined && isTexts(wanted) && wanted.length > 0 && wanted.length <= MAX_TEXTS)
    return whenPresent(field, (value) => byText(String(value), wanted));
  const byNumber = Object.hasOwn(NUMBER_OPERATORS, operator) ? NUMBER_OPERATORS[operator] : undefined;
  if (byNumber !== undefined && typeof wanted === "number")
    return whenPresent(field, (value) => {
      const number = numberOf(value);
      return number !== undefined && byNumber(number, wanted);
    });
  throw new InsightRuleError(
    `${operator || "a filter"} is no filter: use In, NotIn or StartsWith with up to ${MAX_TEXTS} texts, GreaterThan, LessThan, EqualTo or NotEqualTo with a number, or IsPresent`,
  );
}

function whenPresent(field: string, holds: (value: Scalar) => boolean): Filter {
  return (read) => {
    const value = read(field);
    return value !== undefined && holds(value);
  };
}
