import { isJsonObject } from "@wrist-agent/cloudwatch/json";

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

/** Whether a template's text is JSON: YAML may begin with a brace as well, but no template does. */
export function isJsonText(text: string): boolean {
  return text.trimStart().startsWith("{");
}

/** Refuses what is no template. */
export function checkedTemplate(template: unknown, origin: string): Template {
  if (!isJsonObject(template) || !isJsonObject(template.Resources))
    throw new AssemblyError(`${origin} has no "Resources": give a CloudFormation template`);
  for (const [logicalId, resource] of Object.entries(template.Resources)) {
    if (logicalId.startsWith(LOOP)) continue;
    if (!isJsonObject(resource) || typeof resource.Type !== "string")
      throw new AssemblyError(`${origin} has no "Type" at Resources.${logicalId}: give it one`);
  }
  return template;
}

/** Parses the text of a template in JSON; `origin` is named in errors. */
export function parseJsonTemplate(text: string, origin: string): Template {
  return checkedTemplate(parseJson(text, origin), origin);
}

function parseJson(text: string, origin: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AssemblyError(`${origin} is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Splits `LogicalId.Attribute.Name` at its first dot, as GetAtt does. */
export function splitAttribute(text: string): readonly [string, string] {
  const dot = text.indexOf(".");
  return dot < 0 ? [text, ""] : [text.slice(0, dot), text.slice(dot + 1)];
}
