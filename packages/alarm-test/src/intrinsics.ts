import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { isStandIn, shortenedText, standInPart } from "./physical-names.ts";
import { AssemblyError, LOOP, splitAttribute, type Template } from "./template.ts";

/** What an intrinsic function asks of the stack that it stands in; `path` is its place in the template. */
export interface IntrinsicScope {
  readonly ref: (name: string, path: string) => unknown;
  readonly attribute: (logicalId: string, attribute: string, path: string) => unknown;
  readonly importValue: (name: string, path: string) => unknown;
  readonly condition: (name: string, path: string) => boolean;
  readonly mapping: (keys: readonly string[]) => unknown;
  readonly zones: (region: string) => readonly string[];
}

/** One use of an intrinsic function. */
interface IntrinsicCall {
  readonly argument: unknown;
  readonly scope: IntrinsicScope;
  readonly path: string;
}

/** What `AWS::NoValue` resolves to: the member that holds it is left out. */
export const NO_VALUE = Symbol("AWS::NoValue");

const INTRINSICS: Readonly<Record<string, (call: IntrinsicCall) => unknown>> = {
  Ref: (call) => call.scope.ref(textArgument(call), call.path),
  "Fn::GetAtt": getAtt,
  "Fn::Sub": substitute,
  "Fn::Join": join,
  "Fn::Select": select,
  "Fn::Split": split,
  "Fn::ImportValue": (call) => call.scope.importValue(textArgument(call), call.path),
  "Fn::If": chooseBranch,
  "Fn::FindInMap": findInMap,
  "Fn::Cidr": cidrBlocks,
  "Fn::GetAZs": (call) => {
    const region = resolveIntrinsics(call.argument, call.scope, call.path);
    if (typeof region !== "string") throw wrongArguments(call);
    return call.scope.zones(region);
  },
  "Fn::Length": (call) => {
    const value = resolveIntrinsics(call.argument, call.scope, call.path);
    if (!Array.isArray(value)) throw wrongArguments(call);
    return value.length;
  },
  "Fn::ToJsonString": (call) => JSON.stringify(resolveIntrinsics(call.argument, call.scope, call.path)),
  "Fn::Base64": (call) => Buffer.from(textArgument(call)).toString("base64"),
  "Fn::Equals": conditionResult,
  "Fn::And": conditionResult,
  "Fn::Or": conditionResult,
  "Fn::Not": conditionResult,
};

/** Functions that answer true or false; they are read by {@link isTrue}. */
const CONDITIONS: Readonly<Record<string, (call: IntrinsicCall) => boolean>> = {
  "Fn::Equals": (call) => {
    const [left, right] = listArgument(call, 2, 2).map((entry, index) => resolveEntry(call, entry, index));
    return JSON.stringify(left) === JSON.stringify(right);
  },
  "Fn::And": (call) => listArgument(call, 2, 10).every((entry, index) => isEntryTrue(call, entry, index)),
  "Fn::Or": (call) => listArgument(call, 2, 10).some((entry, index) => isEntryTrue(call, entry, index)),
  "Fn::Not": (call) => listArgument(call, 1, 1).every((entry, index) => !isEntryTrue(call, entry, index)),
  Condition: (call) => call.scope.condition(textArgument(call), call.path),
};

/** Replaces every intrinsic function in `value` by what it stands for. */
export function resolveIntrinsics(value: unknown, scope: IntrinsicScope, path: string): unknown {
  if (Array.isArray(value)) return resolveList(value, scope, path);
  if (!isJsonObject(value)) return value;
  const call = intrinsicCall(value, scope, path);
  if (call !== undefined) return call();
  const members = Object.entries(value).map(
    ([key, member]) => [key, resolveIntrinsics(member, scope, `${path}.${key}`)] as const,
  );
  return Object.fromEntries(members.filter(([, member]) => member !== NO_VALUE));
}

/** Evaluates a condition: a condition function, a named condition, or a plain true or false. */
export function isConditionTrue(value: unknown, scope: IntrinsicScope, path: string): boolean {
  if (isJsonObject(value)) {
    const [name = "", ...others] = Object.keys(value);
    const evaluate = others.length === 0 ? CONDITIONS[name] : undefined;
    if (evaluate !== undefined) return evaluate({ argument: value[name], scope, path: `${path}.${name}` });
  }
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw new AssemblyError(`${path} is no condition: use Fn::Equals, Fn::And, Fn::Or or Fn::Not`);
}

function resolveList(list: readonly unknown[], scope: IntrinsicScope, path: string): readonly unknown[] {
  return list
    .map((entry, index) => resolveIntrinsics(entry, scope, `${path}.${index}`))
    .filter((entry) => entry !== NO_VALUE);
}

/** An object is a call when its only key is a function's name. */
function intrinsicCall(
  value: Readonly<Record<string, unknown>>,
  scope: IntrinsicScope,
  path: string,
): (() => unknown) | undefined {
  const [name = "", ...others] = Object.keys(value);
  if (others.length > 0 || !(name === "Ref" || name.startsWith("Fn::"))) return undefined;
  const intrinsic = INTRINSICS[name];
  if (intrinsic === undefined)
    throw new AssemblyError(
      `${name} at ${path} is not supported: use one of ${Object.keys(INTRINSICS).join(", ")}`,
    );
  return () => intrinsic({ argument: value[name], scope, path: `${path}.${name}` });
}

function conditionResult(call: IntrinsicCall): boolean {
  const name = call.path.slice(call.path.lastIndexOf(".") + 1);
  return isConditionTrue({ [name]: call.argument }, call.scope, call.path.slice(0, -name.length - 1));
}

function getAtt(call: IntrinsicCall): unknown {
  const { argument, scope, path } = call;
  const [logicalId, attribute] =
    typeof argument === "string" ? splitAttribute(argument) : listArgument(call, 2, 2);
  const name = resolveIntrinsics(attribute, scope, path);
  if (typeof logicalId !== "string" || typeof name !== "string") throw wrongArguments(call);
  return scope.attribute(logicalId, name, path);
}

/** `${Name}`, `${Name.Attribute}`, and `${!Literal}` which stays as `${Literal}`. */
function substitute(call: IntrinsicCall): string {
  const { scope, path } = call;
  const [text, given] = Array.isArray(call.argument) ? listArgument(call, 1, 2) : [call.argument];
  if (typeof text !== "string") throw wrongArguments(call);
  const variables = given === undefined ? {} : resolveIntrinsics(given, scope, path);
  return text.replace(/\$\{([^}]+)\}/g, (_whole, name: string) => {
    if (name.startsWith("!")) return `\${${name.slice(1)}}`;
    const key = name.trim();
    if (isJsonObject(variables) && key in variables) return scalarText(variables[key], call);
    const [logicalId, attribute] = splitAttribute(key);
    const value = attribute === "" ? scope.ref(key, path) : scope.attribute(logicalId, attribute, path);
    return scalarText(value, call);
  });
}

function join(call: IntrinsicCall): string {
  const [delimiter, entries] = resolvedArguments(call, 2, 2);
  if (typeof delimiter !== "string" || !Array.isArray(entries)) throw wrongArguments(call);
  return entries.map((entry) => scalarText(entry, call)).join(delimiter);
}

function select(call: IntrinsicCall): unknown {
  const [index, entries] = resolvedArguments(call, 2, 2);
  if (!Array.isArray(entries)) throw wrongArguments(call);
  const found: unknown = (entries as readonly unknown[])[Number(index)];
  if (found !== undefined) return found;
  // A name that only AWS knows cannot be split here; what it is split into stays readable.
  const part = standInPart(entries.map(String).join(""), Number(index));
  if (part === undefined) throw wrongArguments(call);
  return part;
}

/** Blocks of a network, as `Fn::Cidr: [block, count, bits of each]` counts them. */
function cidrBlocks(call: IntrinsicCall): readonly string[] {
  const [block, count, bits = 8] = resolvedArguments(call, 2, 3);
  const [address = "", prefix = ""] = typeof block === "string" ? block.split("/") : [];
  const octets = address.split(".").map(Number);
  const size = 2 ** Number(bits);
  const isValid = octets.length === 4 && octets.every((octet) => octet >= 0 && octet <= 255);
  if (isStandIn(String(block)))
    return Array.from({ length: Number(count) }, (_, at) => `${String(block)}[${at}]`);
  if (!isValid || !(Number(count) >= 1) || !(Number(prefix) + Number(bits) <= 32)) throw wrongArguments(call);
  const base = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return Array.from({ length: Number(count) }, (_, at) => {
    const start = base + at * size;
    const parts = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256);
    return `${parts.join(".")}/${32 - Number(bits)}`;
  });
}

function split(call: IntrinsicCall): readonly string[] {
  const [delimiter, text] = resolvedArguments(call, 2, 2);
  if (typeof delimiter !== "string" || typeof text !== "string") throw wrongArguments(call);
  return text.split(delimiter);
}

/** Only the branch that is taken is resolved: the other may name what does not exist. */
function chooseBranch(call: IntrinsicCall): unknown {
  const [condition, whenTrue, whenFalse] = listArgument(call, 3, 3);
  if (typeof condition !== "string") throw wrongArguments(call);
  return call.scope.condition(condition, call.path)
    ? resolveEntry(call, whenTrue, 1)
    : resolveEntry(call, whenFalse, 2);
}

function findInMap(call: IntrinsicCall): unknown {
  const [map, first, second, fallback] = resolvedArguments(call, 3, 4);
  const found = call.scope.mapping([map, first, second].map((key) => scalarText(key, call)));
  if (found !== undefined) return found;
  if (isJsonObject(fallback) && "DefaultValue" in fallback) return fallback.DefaultValue;
  throw new AssemblyError(
    `${call.path} finds nothing under ${JSON.stringify([map, first, second])}: add it to Mappings`,
  );
}

function resolveEntry(call: IntrinsicCall, entry: unknown, index: number): unknown {
  return resolveIntrinsics(entry, call.scope, `${call.path}.${index}`);
}

function isEntryTrue(call: IntrinsicCall, entry: unknown, index: number): boolean {
  return isConditionTrue(entry, call.scope, `${call.path}.${index}`);
}

function listArgument(call: IntrinsicCall, min: number, max: number): readonly unknown[] {
  const { argument } = call;
  if (!Array.isArray(argument) || argument.length < min || argument.length > max) throw wrongArguments(call);
  return argument;
}

function resolvedArguments(call: IntrinsicCall, min: number, max: number): readonly unknown[] {
  return listArgument(call, min, max).map((entry, index) => resolveEntry(call, entry, index));
}

function textArgument(call: IntrinsicCall): string {
  const value = resolveIntrinsics(call.argument, call.scope, call.path);
  if (typeof value !== "string") throw wrongArguments(call);
  return value;
}

function scalarText(value: unknown, call: IntrinsicCall): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw wrongArguments(call);
}

function wrongArguments(call: IntrinsicCall): AssemblyError {
  return new AssemblyError(
    `${call.path} has arguments of the wrong shape, ${shortenedText(JSON.stringify(call.argument))}: see the function's page in the CloudFormation reference`,
  );
}

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

/**
 * Puts an entry in the place of `${Identifier}`, `&{Identifier}` (letters and digits alone) and `{Ref:
 * Identifier}`.
 */
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
