import { readFile } from "node:fs/promises";
import { AssemblyError, isJsonText, parseJsonTemplate, type Template } from "./template.ts";

/**
 * Reads a CloudFormation template from a JSON or YAML file; short forms such as `!Sub` become their long
 * forms.
 */
export async function loadTemplate(file: string): Promise<Template> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new AssemblyError(`cannot read template ${file}: give the path of a readable file`, { cause });
  });
  return readTemplate(text, file);
}

/** Reads the text of a template, JSON or YAML; `origin` is named in errors. */
export async function readTemplate(text: string, origin: string): Promise<Template> {
  if (isJsonText(text)) return parseJsonTemplate(text, origin);
  // Whoever has JSON, as the CDK writes it, does not wait for a reader of YAML.
  const { parseTemplate } = await import("./yaml-template.ts");
  return parseTemplate(text, origin);
}
