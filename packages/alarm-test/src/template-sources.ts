import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { assemblySources } from "./cloud-assembly.ts";
import type { NestedTemplate, ResolveOptions, StackSource } from "./resolved-stack.ts";
import { resolveStacks } from "./resolve-stacks.ts";
import { loadTemplate } from "./read-template.ts";
import { AssemblyError, type Template, type TemplateResource } from "./template.ts";
import { templateAlarms, type TemplateAlarms } from "./template-alarms.ts";

/** What a deployment would give beside the templates. */
export interface Deployment extends Omit<ResolveOptions, "standIns"> {
  /** Template parameters, and pseudo parameters such as AWS::Region. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Where a template is deployed when nobody says. */
export const DEFAULT_ENVIRONMENT = { accountId: "123456789012", region: "us-east-1" };

/** Reads templates (YAML or JSON) and cloud assemblies together, with whatever is nested in them. */
export async function loadTemplateAlarms(
  paths: readonly string[],
  deployment: Deployment = {},
): Promise<TemplateAlarms> {
  const notices: string[] = [];
  const sources = await Promise.all(
    paths.map(async (path) =>
      (await isDirectory(path))
        ? assemblyStacks(path, deployment, notices)
        : [await templateStack(path, deployment, notices)],
    ),
  );
  return resolvedAlarms(sources.flat(), deployment, notices);
}

/** The alarms of stacks that are already read. */
export function resolvedAlarms(
  sources: readonly StackSource[],
  deployment: Deployment,
  notices: readonly string[] = [],
): TemplateAlarms {
  return templateAlarms(resolveStacks(sources, { ...deployment, standIns: "readable" }), notices);
}

/** A stack of its own, named after its file when no one names it. */
export function stackOf(template: Template, name: string, { parameters = {} }: Deployment): StackSource {
  return {
    template,
    stackName: parameters["AWS::StackName"] ?? name,
    region: parameters["AWS::Region"] ?? DEFAULT_ENVIRONMENT.region,
    accountId: parameters["AWS::AccountId"] ?? DEFAULT_ENVIRONMENT.accountId,
    parameters,
  };
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function templateStack(path: string, deployment: Deployment, notices: string[]): Promise<StackSource> {
  const template = await loadTemplate(path);
  const nested = await nestedTemplates(template, path, { notices, chain: [] });
  return { ...stackOf(template, basename(path).replace(/\..*$/, ""), deployment), nested };
}

async function assemblyStacks(
  directory: string,
  { parameters = {} }: Deployment,
  notices: string[],
): Promise<readonly StackSource[]> {
  const found = await assemblySources(directory);
  return Promise.all(
    found.map(async ({ source, file }) => ({
      ...source,
      parameters: { ...source.parameters, ...withoutPseudo(parameters) },
      nested: await nestedTemplates(source.template, file, { notices, chain: [] }),
    })),
  );
}

/** An assembly says itself where its stacks live. */
function withoutPseudo(parameters: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !name.startsWith("AWS::")));
}

const NESTED_TYPES = ["AWS::CloudFormation::Stack", "AWS::Serverless::Application"];

async function nestedTemplates(
  template: Template,
  file: string,
  { notices, chain }: Reading,
): Promise<Readonly<Record<string, NestedTemplate>>> {
  const resources = Object.entries(template.Resources ?? {});
  const stacks = resources.filter(([, { Type }]) => NESTED_TYPES.includes(Type));
  const entries = await Promise.all(
    stacks.map(async ([logicalId, resource]) => {
      const nested = await nestedTemplate(nestedPath(resource, file), {
        notices,
        chain: [...chain, resolve(file)],
      });
      if (nested === undefined)
        notices.push(`nested stack ${logicalId} of ${file} is not read: its template is no file beside it`);
      return [logicalId, nested] as const;
    }),
  );
  return Object.fromEntries(
    entries.filter((entry): entry is [string, NestedTemplate] => entry[1] !== undefined),
  );
}

/** What was left out so far, and the templates that nest the one being read. */
interface Reading {
  readonly notices: string[];
  readonly chain: readonly string[];
}

async function nestedTemplate(
  path: string | undefined,
  reading: Reading,
): Promise<NestedTemplate | undefined> {
  if (path === undefined || !(await isFile(path))) return undefined;
  if (reading.chain.includes(resolve(path)))
    throw new AssemblyError(`${path} nests itself: nest another template`);
  const template = await loadTemplate(path);
  return { template, nested: await nestedTemplates(template, path, reading) };
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** The template's file as the CDK, `aws cloudformation package`, SAM and Rain write it. */
function nestedPath({ Metadata, Properties }: TemplateResource, file: string): string | undefined {
  const asset = Metadata?.["aws:asset:path"];
  const location = Properties?.Location;
  const written = asset ?? Properties?.TemplateURL ?? (isJsonObject(location) ? undefined : location);
  if (typeof written !== "string" || /^(?:https?|s3):/.test(written)) return undefined;
  return join(dirname(file), written);
}
