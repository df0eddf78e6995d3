import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { loadAssembly, type Assembly } from "cw-alarm-test/cloud-assembly";
import { synthesise, SynthesisError } from "../../local/assembly/synthesise.ts";
import { AlarmTestError } from "cw-alarm-test/alarm-test";
import type { SynthesiseApp } from "cw-alarm-test/template-alarms";
import { alarmTestReport, type AlarmTestResult, testAlarms } from "cw-alarm-test/test-alarms";
import { Failure, UsageError } from "../cli/failure.ts";
import type { Terminal } from "../cli/terminal.ts";

interface TestAlarmsOptions {
  readonly json?: true;
}

/** `test-alarms FILE…`: unit tests for the alarms of any CloudFormation template. Exits 0, 1 or 2. */
export function testAlarmsCommand(terminal: Terminal): Command {
  return new Command("test-alarms")
    .description("run unit tests for the alarms of CloudFormation templates (docs/alarm-tests.md)")
    .argument("<file...>", "YAML files of alarm tests, or folders of them")
    .option("--json", "print one JSON line instead of text")
    .action(async (files: readonly string[], { json }: TestAlarmsOptions) => {
      const results = await testAll(await yamlFiles(files), synthesiser(terminal));
      const passed = results.every((result) => result.passed);
      terminal.out(json === true ? JSON.stringify({ passed, files: results }) : alarmTestReport(results));
      if (!passed) process.exitCode = 1;
    });
}

/** A folder stands for the YAML files in it, in order of their names. */
async function yamlFiles(paths: readonly string[]): Promise<readonly string[]> {
  const lists = await Promise.all(
    paths.map(async (path) => {
      const names = await readdir(path).catch(() => undefined);
      if (names === undefined) return [path];
      return names
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .map((name) => join(path, name));
    }),
  );
  const files = lists.flat();
  if (files.length === 0) throw new UsageError(`${paths.join(", ")}: no file ends in .yaml or .yml`);
  return files;
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

/** A file that cannot be run is the user's mistake, whatever the other files say. */
async function testAll(
  files: readonly string[],
  synthesise: SynthesiseApp,
): Promise<readonly AlarmTestResult[]> {
  const results: AlarmTestResult[] = [];
  try {
    for (const file of files) results.push(await testAlarms(file, synthesise));
  } catch (error) {
    if (error instanceof AlarmTestError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
  return results;
}
