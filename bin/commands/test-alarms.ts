import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { type Assembly, loadAssembly } from "cw-alarm-test/cloud-assembly";
import { withTests } from "cw-alarm-test/commands/test-command";
import type { SynthesiseApp } from "cw-alarm-test/test-alarms";
import { synthesise, SynthesisError } from "../../local/assembly/synthesise.ts";
import { Failure } from "../cli/failure.ts";
import type { Terminal } from "../cli/terminal.ts";

/** `test-alarms`: the command of the package, with this project's stacks behind `app`. */
export function testAlarmsCommand(terminal: Terminal): Command {
  const command = new Command("test-alarms").description(
    "run unit tests for the alarms of CloudFormation templates (packages/alarm-test/README.md)",
  );
  return withTests(command, { output: terminal, synthesise: synthesiser(terminal) });
}

const PROJECT = join(import.meta.dirname, "..", "..");

/** Synthesises each set of settings once, however many files ask for it. */
function synthesiser(terminal: Terminal): SynthesiseApp {
  const done = new Map<string, Promise<Assembly>>();
  return (settings) => {
    const key = JSON.stringify(Object.entries(settings).sort());
    const assembly = done.get(key) ?? freshAssembly(settings, terminal);
    done.set(key, assembly);
    return assembly;
  };
}

async function freshAssembly(
  { stage = "production", ...context }: Readonly<Record<string, string>>,
  terminal: Terminal,
): Promise<Assembly> {
  const outDirectory = await mkdtemp(join(tmpdir(), "wrist-agent-alarm-tests-"));
  const request = { projectDirectory: PROJECT, stage, outDirectory, context };
  try {
    await terminal.progress(`synthesising the stacks of ${stage}`, synthesise(request));
    return await loadAssembly(outDirectory);
  } catch (error) {
    if (error instanceof SynthesisError) throw new Failure(error.message, { cause: error });
    throw error;
  } finally {
    await rm(outDirectory, { recursive: true });
  }
}
