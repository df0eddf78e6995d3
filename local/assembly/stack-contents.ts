import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Assembly, type StackFile, stackFiles } from "cw-alarm-test/cloud-assembly";
import type { ResolvedResource, ResolvedStack } from "cw-alarm-test/resolved-stack";
import { stackIdOf } from "cw-alarm-test/stack-values";
import { readTemplate } from "cw-alarm-test/read-template";
import { AssemblyError, type Template } from "cw-alarm-test/template";

/** A resource as CloudFormation lists it. */
export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
}

/** An output of a stack with its value. */
export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

/** A stack of the templates as CloudFormation knows it once it is deployed. */
export interface StackContents {
  readonly stackName: string;
  /** The ARN, made up as nobody deployed it. */
  readonly stackId: string;
  readonly region: string;
  readonly description?: string;
  /** Exactly as the file has it. */
  readonly templateText: string;
  /** Equal for templates of equal text. */
  readonly templateHash: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
  readonly outputs: readonly StackOutput[];
  readonly resources: readonly StackResource[];
}

/** What CloudFormation would know of each stack of an assembly. */
export async function stackContents(
  directory: string,
  assembly: Pick<Assembly, "stacks">,
): Promise<readonly StackContents[]> {
  const files = await stackFiles(directory);
  const found = files.map(async (file) => {
    const { stackName, region } = file;
    const stack = assembly.stacks.find((each) => each.stackName === stackName && each.region === region);
    return stack === undefined ? [] : [await contentsOf(file, stack)];
  });
  return (await Promise.all(found)).flat();
}

async function contentsOf(file: StackFile, stack: ResolvedStack): Promise<StackContents> {
  const templateText = await readFile(file.templateFile, "utf8");
  const template: Template & { readonly Description?: unknown } = await readTemplate(
    templateText,
    file.templateFile,
  );
  const { stackName, region, tags } = file;
  return {
    stackName,
    stackId: stackIdOf(file),
    region,
    ...(typeof template.Description === "string" && { description: template.Description }),
    templateText,
    templateHash: createHash("sha256").update(templateText).digest("hex"),
    tags,
    parameters: parametersOf(template, stack),
    outputs: outputsOf(template, stack),
    resources: stack.resources.map((resource) => ({
      logicalId: resource.logicalId,
      physicalId: physicalId(resource),
      type: resource.type,
    })),
  };
}

/** CloudFormation makes up an id for a resource that has no name of its own. */
function physicalId(resource: ResolvedResource): string {
  try {
    return resource.ref();
  } catch (error) {
    if (!(error instanceof AssemblyError)) throw error;
    const suffix = createHash("sha256").update(`${resource.stackName}/${resource.logicalId}`).digest("hex");
    return `${resource.stackName}-${resource.logicalId}-${suffix.slice(0, 12).toUpperCase()}`;
  }
}

function parametersOf({ Parameters = {} }: Template, stack: ResolvedStack): StackContents["parameters"] {
  const values = Object.entries(Parameters).map(([name, { Default }]) => {
    const value = orNothing(() => stack.resolve({ Ref: name }, `Parameters.${name}`)) ?? Default;
    return [name, Array.isArray(value) ? value.join(",") : String(value)] as const;
  });
  return Object.fromEntries(values);
}

/** An output whose condition is false, or that cannot be read here, is none. */
function outputsOf({ Outputs = {} }: Template, stack: ResolvedStack): readonly StackOutput[] {
  return Object.entries(Outputs).flatMap(([key, output]) => {
    const { Condition } = output;
    const isMade =
      Condition === undefined ||
      stack.resolve({ "Fn::If": [Condition, true, false] }, `Outputs.${key}.Condition`);
    const value = isMade === true ? orNothing(() => stack.output(key)) : undefined;
    if (value === undefined) return [];
    const { Description, Export }: { Description?: unknown; Export?: { readonly Name: unknown } } = output;
    const exportName = Export && orNothing(() => stack.resolve(Export.Name, `Outputs.${key}.Export.Name`));
    return [
      {
        key,
        value: typeof value === "string" ? value : JSON.stringify(value),
        ...(typeof Description === "string" && { description: Description }),
        ...(typeof exportName === "string" && { exportName }),
      },
    ];
  });
}

function orNothing(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof AssemblyError) return undefined;
    throw error;
  }
}
