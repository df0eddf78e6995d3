import { join, resolve } from "node:path";
import { AssemblyError } from "../../local/assembly/assembly-error.ts";
import { stackFiles } from "../../local/assembly/load-assembly.ts";
import { synthesise } from "../../local/assembly/synthesise.ts";
import { UsageError } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

const PROJECT = resolve(import.meta.dirname, "..", "..");

/** Options that choose what `start` runs. */
export interface AssemblyOptions {
  readonly stage: string;
  readonly data: string;
  readonly alarmEmail: string;
  /** Runs this one; synthesises when missing. */
  readonly assembly?: string;
}

/** What `start` runs. */
export interface AssemblyToRun {
  readonly directory: string;
  readonly stage: string;
}

/** The assembly that `--assembly` names, or a fresh one of the stage. */
export async function assemblyToRun(
  terminal: Terminal,
  options: AssemblyOptions,
  signal: AbortSignal,
): Promise<AssemblyToRun> {
  if (options.assembly !== undefined) return thatIsThere(options.assembly);
  const { stage, alarmEmail } = options;
  const directory = join(resolve(options.data), "cdk.out");
  // One Region: the laptop has one of everything.
  const context = { alarmEmail, regions: "" };
  const request = { projectDirectory: PROJECT, outDirectory: directory, stage, context, signal };
  await terminal.progress(`synthesising the stacks of ${stage}`, synthesise(request));
  return { directory, stage };
}

/** The stage is the stacks' own: what happens is written down under it. */
async function thatIsThere(directory: string): Promise<AssemblyToRun> {
  const files = await stackFiles(directory).catch((error: unknown) => {
    if (error instanceof AssemblyError) throw new UsageError(error.message, { cause: error });
    throw error;
  });
  const stage = files.map(({ tags }) => tags.stage).find((tag) => tag !== undefined);
  if (stage === undefined)
    throw new UsageError(
      `no stack of ${directory} has the tag stage: give an assembly that npm run synth has written`,
    );
  return { directory, stage };
}
