import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { readFile } from "node:fs/promises";
import { type Document, isCollection, isNode, isScalar, type Node, parseDocument, visit } from "yaml";

/**
 * A template or assembly that cannot be read as asked; the message names the place and what to do instead.
 */
export class AssemblyError extends Error {
  override readonly name: string = "AssemblyError";
}

/** A resource that CloudFormation itself would not create as it is written. */
export class InvalidResourceError extends AssemblyError {
  override readonly name = "InvalidResourceError";
}

/** A resource of a template as it is written, intrinsics unresolved. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/** An output of a template; other stacks import it when it has an export name. */
interface TemplateOutput {
  readonly Value: unknown;
  readonly Export?: { readonly Name: unknown };
  readonly Condition?: string;
}

/** A parameter of a template. */
export interface TemplateParameter {
  readonly Type?: string;
  readonly Default?: unknown;
}

/** A CloudFormation template, in JSON form whatever the file was. */
export interface Template {
  readonly Resources?: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, TemplateOutput>>;
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  /**
   * Macros that rewrite the template before it is created: SAM, language extensions, an organisation's own.
   */
  readonly Transform?: unknown;
}

/** How the key of a loop begins, which stands where a resource's logical id stands. */
export const LOOP = "Fn::ForEach::";

/** Functions that CloudFormation lets a YAML template write as `!Name`. */
const SHORT_FORMS = new Map([
  ["!Ref", "Ref"],
  ["!Condition", "Condition"],
  ...[
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAtt",
    "GetAZs",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
  ].map((name) => [`!${name}`, `Fn::${name}`] as const),
]);

/**
 * Reads a CloudFormation template from a JSON or YAML file; short forms such as `!Sub` become their long
 * forms.
 */
export async function loadTemplate(file: string): Promise<Template> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new AssemblyError(`cannot read template ${file}: give the path of a readable file`, { cause });
  });
  return parseTemplate(text, file);
}

/** Parses the text of a template, JSON or YAML; `origin` is named in errors. */
export function parseTemplate(text: string, origin: string): Template {
  const template = text.trimStart().startsWith("{") ? parseJson(text, origin) : parseYaml(text, origin);
  if (!isJsonObject(template) || !isJsonObject(template.Resources))
    throw new AssemblyError(`${origin} has no "Resources": give a CloudFormation template`);
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    if (logicalId.startsWith(LOOP)) continue;
    if (!isJsonObject(resource) || typeof resource.Type !== "string")
      throw new AssemblyError(`${origin} has no "Type" at Resources.${logicalId}: give it one`);
  }
  return template;
}

function parseJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AssemblyError(`${origin} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function parseYaml(text: string, origin: string): unknown {
  // CloudFormation takes a key that stands twice; the last one counts.
  const document = parseDocument(text, { logLevel: "silent", uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined)
    throw new AssemblyError(`${origin} is not YAML: ${error.message}`, { cause: error });
  expandShortForms(document, (tag) => {
    throw new AssemblyError(`${origin} uses the tag ${tag}: use a CloudFormation function`);
  });
  return document.toJS();
}

/** Replaces each `!Name argument` by `{Fn::Name: argument}`; the visitor then goes on inside the argument. */
export function expandShortForms(document: Document, refuse: (tag: string, node: Node) => never): void {
  visit(document, {
    Node(_key, node) {
      const tag = isNode(node) && "tag" in node ? (node.tag ?? "") : "";
      if (!tag.startsWith("!") || !("tag" in node)) return undefined;
      const key = SHORT_FORMS.get(tag);
      if (key === undefined) return refuse(tag, node);
      delete node.tag;
      const made = document.createNode({ [key]: argumentOf(key, node) });
      // The range says where a mistake was made.
      if (node.range !== undefined && node.range !== null) made.range = node.range;
      return made;
    },
  });
}

/** `!GetAtt A.B` is the one short form whose scalar stands for a list. */
function argumentOf(key: string, node: Node): unknown {
  if (key !== "Fn::GetAtt" || isCollection(node) || !isScalar(node)) return node;
  return splitAttribute(String(node.value));
}

/** Splits `LogicalId.Attribute.Name` at its first dot, as GetAtt does. */
export function splitAttribute(text: string): readonly [string, string] {
  const dot = text.indexOf(".");
  return dot < 0 ? [text, ""] : [text.slice(0, dot), text.slice(dot + 1)];
}
