import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { stackFiles } from "cw-alarm-test/cloud-assembly";
import { loadTemplate } from "cw-alarm-test/read-template";
import { AssemblyError, type Template } from "cw-alarm-test/template";
import { synthesise, SynthesisError } from "../../local/assembly/synthesise.ts";
import { Failure, UsageError } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/** Which templates a command reads: those of an assembly that is there, or fresh ones of a stage. */
export interface TemplateOptions {
  readonly stage: string;
  readonly context: Readonly<Record<string, string>>;
  readonly assembly?: string;
}

/** A stack with its template and the size of its file. */
export interface StageTemplate {
  readonly stackName: string;
  readonly region: string;
  readonly template: Template;
  readonly bytes: number;
}

/** Adds `--stage`, `-c` and `--assembly` to a command. */
export function withTemplateOptions(command: Command): Command {
  return command
    .option("--stage <stage>", "stage to synthesise", "production")
    .addOption(contextOption())
    .option("--assembly <dir>", "read this assembly, such as cdk.out, in place of a fresh synthesis");
}

/** `-c name=value`, as often as wanted, as the CDK CLI takes it. */
export function contextOption(): Option {
  return new Option("-c, --context <name=value>", "a setting of docs/deploying.md; may be repeated")
    .argParser((pair: string, before: Readonly<Record<string, string>>) => ({
      ...before,
      ...parseSetting(pair),
    }))
    .default({}, "none");
}

function parseSetting(pair: string): Readonly<Record<string, string>> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError("give name=value, as in -c region=eu-west-1.");
  return { [name]: value };
}

/** The templates that the options name. */
export async function stageTemplates(
  terminal: Terminal,
  { assembly, ...options }: TemplateOptions,
): Promise<readonly StageTemplate[]> {
  if (assembly !== undefined) return readTemplates(assembly);
  const directory = await mkdtemp(join(tmpdir(), "wrist-agent-templates-"));
  try {
    await synthesiseInto(directory, terminal, options);
    return await readTemplates(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const PROJECT = join(import.meta.dirname, "..", "..");

async function synthesiseInto(
  directory: string,
  terminal: Terminal,
  options: TemplateOptions,
): Promise<void> {
  const request = { projectDirectory: PROJECT, outDirectory: directory, ...options };
  await terminal
    .progress(`synthesising the stacks of ${options.stage}`, synthesise({ ...request, assets: "skipped" }))
    .catch((error: unknown) => {
      if (error instanceof SynthesisError) throw new Failure(error.message, { cause: error });
      throw error;
    });
}

async function readTemplates(directory: string): Promise<readonly StageTemplate[]> {
  try {
    const files = await stackFiles(directory);
    return await Promise.all(
      files.map(async ({ stackName, region, templateFile }) => ({
        stackName,
        region,
        template: await loadTemplate(templateFile),
        bytes: (await stat(templateFile)).size,
      })),
    );
  } catch (error) {
    if (error instanceof AssemblyError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
