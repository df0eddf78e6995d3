import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { AssemblyError, LOOP, type Template } from "./template.ts";

/** Resolves the list that a loop runs over: written out, or a Ref to a list parameter. */
type ResolveList = (value: unknown, path: string) => unknown;

/**
 * Writes every `Fn::ForEach` out, as the transform AWS::LanguageExtensions does.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
 */
export function withoutLoops(template: Template, resolveList: ResolveList): Template {
  if (!JSON.stringify(template).includes(LOOP)) return template;
  return expanded(template, { resolveList, path: "" }) as Template;
}

interface LoopContext {
  readonly resolveList: ResolveList;
  readonly path: string;
}

function expanded(value: unknown, context: LoopContext): unknown {
  if (Array.isArray(value)) return value.map((entry) => expanded(entry, context));
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, member]): (readonly [string, unknown])[] => {
    const path = context.path === "" ? key : `${context.path}.${key}`;
    if (!key.startsWith(LOOP)) return [[key, expanded(member, { ...context, path })]];
    return Object.entries(loopMembers(member, { ...context, path }));
  });
  return Object.fromEntries(entries);
}

/** The members that a loop stands for: its body once for each entry of its list. */
function loopMembers(loop: unknown, context: LoopContext): Readonly<Record<string, unknown>> {
  const { path } = context;
  const [identifier, list, body] = Array.isArray(loop) ? (loop as readonly unknown[]) : [];
  if (typeof identifier !== "string" || !isJsonObject(body))
    throw new AssemblyError(
      `${path} has the wrong shape: write [Identifier, list, { "Key\${Identifier}": … }]`,
    );
  const entries = context.resolveList(list, path);
  if (!Array.isArray(entries)) throw new AssemblyError(`${path} runs over what is no list: give a list`);
  const members = entries.map((entry) => expanded(substituted(body, identifier, String(entry)), context));
  return Object.assign({}, ...members) as Readonly<Record<string, unknown>>;
}

/** Puts an entry in the place of `${Identifier}`, `&{Identifier}` (letters and digits alone) and `{Ref: Identifier}`. */
function substituted(value: unknown, identifier: string, entry: string): unknown {
  const replace = (text: string): string =>
    text
      .replaceAll(`\${${identifier}}`, entry)
      .replaceAll(`&{${identifier}}`, entry.replaceAll(/[^A-Za-z0-9]/g, ""));
  if (typeof value === "string") return replace(value);
  if (Array.isArray(value)) return value.map((each) => substituted(each, identifier, entry));
  if (!isJsonObject(value)) return value;
  if (value.Ref === identifier && Object.keys(value).length === 1) return entry;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [replace(key), substituted(member, identifier, entry)]),
  );
}
