import { isJsonObject, parseJson, parseJsonObject } from "../json.ts";
import { filterCondition, FilterPolicyError, type FilterCondition } from "./filter-condition.ts";

/**
 * What a filter policy looks at: the attributes of a message, which an alarm's has none of, or its text as
 * JSON.
 */
export type FilterPolicyScope = "MessageAttributes" | "MessageBody";

/** The values of {@link FilterPolicyScope}, the default first. */
export const FILTER_POLICY_SCOPES: readonly FilterPolicyScope[] = ["MessageAttributes", "MessageBody"];

/** An attribute of a message. https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
export interface MessageAttribute {
  /** `String`, `String.Array`, `Number`, `Binary`, or one of them with a suffix of the sender. */
  readonly type: string;
  /** Of a `Binary` its base64. */
  readonly value: string;
}

/** What a policy decides on. */
export interface FilteredMessage {
  /** What subscribers without a text of their own get. */
  readonly body: string;
  readonly attributes?: Readonly<Record<string, MessageAttribute>>;
}

/** Whether a subscription takes a message. */
type MessageFilter = (message: FilteredMessage) => boolean;

/** A policy as far as one message is concerned: by key what its value must be. */
interface Rule {
  readonly members: ReadonlyMap<string, readonly FilterCondition[] | Rule>;
  /** One of each list must hold. */
  readonly or: readonly (readonly Rule[])[];
}

const MAX_KEYS = 5;
const MAX_COMBINATIONS = 150;

/**
 * Reads a filter policy, JSON text; a {@link FilterPolicyError} says what SNS would refuse.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
export function messageFilter(policyText: string, scope: FilterPolicyScope): MessageFilter {
  const policy = parsedPolicy(policyText);
  if (scope === "MessageAttributes") refuseNested(policy);
  const rule = ruleOf(policy);
  const branches = leaves(rule, 1);
  if (branches.some(({ keys }) => keys > MAX_KEYS))
    throw new FilterPolicyError(`Filter policy can not have more than ${MAX_KEYS} keys`);
  if (branches.reduce((sum, { combinations }) => sum + combinations, 0) > MAX_COMBINATIONS)
    throw new FilterPolicyError("Filter policy is too complex");
  if (scope === "MessageAttributes") return ({ attributes = {} }) => holds(rule, attributeValues(attributes));
  return ({ body }) => {
    const value = parseJsonObject(body);
    return value !== undefined && holds(rule, value);
  };
}

function parsedPolicy(text: string): Readonly<Record<string, unknown>> {
  const policy = parseJsonObject(text);
  if (policy !== undefined) return policy;
  throw new FilterPolicyError("failed to parse JSON. A filter policy is a JSON object");
}

function refuseNested(policy: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(policy)) {
    if (key === "$or" || !isJsonObject(value)) continue;
    // An object of plain values is a forgotten list, and refused as such.
    if (Object.values(value).every((held) => isJsonObject(held) || Array.isArray(held)))
      throw new FilterPolicyError(
        "Filter policy scope MessageAttributes does not support nested filter policy",
        "whole",
      );
  }
}

function ruleOf(policy: Readonly<Record<string, unknown>>): Rule {
  const keys = new Map<string, readonly FilterCondition[] | Rule>();
  const or: (readonly Rule[])[] = [];
  for (const [key, value] of Object.entries(policy)) {
    if (key === "$or" && Array.isArray(value) && value.length > 1 && value.every(isJsonObject))
      or.push(value.map(ruleOf));
    else if (Array.isArray(value)) keys.set(key, conditionsOf(value));
    else if (isJsonObject(value)) keys.set(key, ruleOf(value));
    else throw new FilterPolicyError(`"${key}" must be an object or an array`);
  }
  return { members: keys, or };
}

function conditionsOf(values: readonly unknown[]): readonly FilterCondition[] {
  if (values.length === 0) throw new FilterPolicyError("Empty arrays are not allowed");
  return values.map(filterCondition);
}

interface Branch {
  readonly keys: number;
  /** Values of each key times its depth, multiplied. */
  readonly combinations: number;
}

/** The ways through a policy: one for each alternative of each `$or`. */
function leaves({ members, or }: Rule, depth: number): readonly Branch[] {
  const own = [...members.values()].map((held): readonly Branch[] =>
    "or" in held ? leaves(held, depth + 1) : [{ keys: 1, combinations: held.length * depth }],
  );
  const alternatives = or.map((rules) => rules.flatMap((rule) => leaves(rule, depth)));
  return [...own, ...alternatives].reduce<readonly Branch[]>(
    (ways, next) =>
      ways.flatMap((way) =>
        next.map((branch) => ({
          keys: way.keys + branch.keys,
          combinations: way.combinations * branch.combinations,
        })),
      ),
    [{ keys: 0, combinations: 1 }],
  );
}

function holds({ members, or }: Rule, values: Readonly<Record<string, unknown>>): boolean {
  const ofKeys = [...members].every(([key, held]) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if ("or" in held) return nestedHolds(held, value);
    return held.some((condition) => conditionHolds(condition, value));
  });
  return ofKeys && or.every((rules) => rules.some((rule) => holds(rule, values)));
}

function nestedHolds(rule: Rule, value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => nestedHolds(rule, item));
  return holds(rule, isJsonObject(value) ? value : {});
}

/** Of a list one item is enough. */
function conditionHolds({ exists, accepts }: FilterCondition, value: unknown): boolean {
  const items = (Array.isArray(value) ? value : [value]).filter((item) => item !== undefined);
  if (exists !== undefined) return exists === items.length > 0;
  return items.some((item) => !isJsonObject(item) && accepts(item));
}

/** A binary attribute is none that a policy sees. */
function attributeValues(
  attributes: Readonly<Record<string, MessageAttribute>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, { type }]) => !type.startsWith("Binary"))
      .map(([name, { type, value }]) => {
        if (type === "String.Array") return [name, parseJson(value) ?? value];
        return [name, type.startsWith("Number") ? Number(value) : value];
      }),
  );
}
