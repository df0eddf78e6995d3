import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import type { TestValue } from "./alarm-test.ts";
import type { ResolvedStack } from "./resolved-stack.ts";
import { AssemblyError, splitAttribute } from "./template.ts";
import type { TemplateAlarms } from "./template-alarms.ts";

/** What a reference of a test means, or why it means nothing. */
export type ResolvedReference = { readonly text: string } | { readonly problem: string };

/**
 * Resolves a reference of a test in the templates: `Ref: Handler`, or `Ref: Stack/Handler` where several
 * stacks have one.
 */
export function resolveReference({ stacks }: TemplateAlarms, value: TestValue): ResolvedReference {
  if (typeof value === "string") return { text: value };
  const { stackName, plain } = withoutStack(value);
  const asked = stackName === undefined ? stacks : stacks.filter((stack) => stack.stackName === stackName);
  if (asked.length === 0) return { problem: `no stack is named "${stackName ?? ""}": ${stackNames(stacks)}` };
  const found = asked.map((stack) => ({ stack, result: resolvedIn(stack, plain) }));
  const texts = found.filter(
    (each): each is typeof each & { result: { text: string } } => "text" in each.result,
  );
  const [first, ...others] = texts;
  if (first === undefined) return found[0]?.result ?? { problem: "the templates hold no stack" };
  const other = others.find(({ result }) => result.text !== first.result.text);
  if (other === undefined) return first.result;
  const meanings = [first, other].map(({ stack, result }) => `${result.text} in ${stack.stackName}`);
  return { problem: `${JSON.stringify(plain)} means ${meanings.join(" and ")}: write Stack/LogicalId` };
}

function stackNames(stacks: readonly ResolvedStack[]): string {
  return `the templates hold ${stacks.map((stack) => stack.stackName).join(", ")}`;
}

function resolvedIn(stack: ResolvedStack, value: TestValue): ResolvedReference {
  try {
    const resolved = stack.resolve(value, "the test");
    if (typeof resolved === "string" || typeof resolved === "number") return { text: String(resolved) };
    return { problem: `${JSON.stringify(value)} is no text in ${stack.stackName}: name one value` };
  } catch (error) {
    if (error instanceof AssemblyError) return { problem: error.message };
    throw error;
  }
}

interface PlainReference {
  /** Missing where the reference names no stack. */
  readonly stackName?: string;
  readonly plain: TestValue;
}

/** Takes `Stack/` off the logical id of a Ref or GetAtt. */
function withoutStack(value: Readonly<Record<string, unknown>>): PlainReference {
  const attribute = value["Fn::GetAtt"];
  const [id, name] = getAttParts(value.Ref === undefined ? attribute : [value.Ref]);
  const [, stackName, logicalId] = /^([^/]+)\/(.+)$/.exec(id) ?? [];
  if (stackName === undefined || logicalId === undefined) return { plain: value };
  return { stackName, plain: name === undefined ? { Ref: logicalId } : { "Fn::GetAtt": [logicalId, name] } };
}

function getAttParts(argument: unknown): readonly [string, string?] {
  if (typeof argument === "string") return splitAttribute(argument);
  if (!Array.isArray(argument) || isJsonObject(argument)) return [""];
  const [id, name] = argument.map(String);
  return name === undefined ? [id ?? ""] : [id ?? "", name];
}
