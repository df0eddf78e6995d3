import { Command } from "commander";
import { AlarmTestError } from "../../local/rehearsal/alarm-tests/alarm-test-error.ts";
import {
  alarmTestReport,
  type AlarmTestResult,
  testAlarms,
} from "../../local/rehearsal/alarm-tests/test-alarms.ts";
import { UsageError } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

interface TestAlarmsOptions {
  readonly json?: true;
}

/** `test-alarms FILE…`: unit tests for the alarms of any CloudFormation template. Exits 0, 1 or 2. */
export function testAlarmsCommand(terminal: Terminal): Command {
  return new Command("test-alarms")
    .description("run unit tests for the alarms of CloudFormation templates (docs/alarm-tests.md)")
    .argument("<file...>", "YAML files of alarm tests")
    .option("--json", "print one JSON line instead of text")
    .action(async (files: readonly string[], { json }: TestAlarmsOptions) => {
      const results = await testAll(files);
      const passed = results.every((result) => result.passed);
      terminal.out(json === true ? JSON.stringify({ passed, files: results }) : alarmTestReport(results));
      if (!passed) process.exitCode = 1;
    });
}

/** A file that cannot be run is the user's mistake, whatever the other files say. */
async function testAll(files: readonly string[]): Promise<readonly AlarmTestResult[]> {
  const results: AlarmTestResult[] = [];
  try {
    for (const file of files) results.push(await testAlarms(file));
  } catch (error) {
    if (error instanceof AlarmTestError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
  return results;
}
