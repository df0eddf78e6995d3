import { Command } from "commander";
import { AlarmTestError } from "../../local/rehearsal/alarm-tests/alarm-test-error.ts";
import {
  alarmTestReport,
  type AlarmTestResult,
  testAlarms,
} from "../../local/rehearsal/alarm-tests/test-alarms.ts";

/** `test-alarms FILE…`: unit tests for the alarms of any CloudFormation template. Exits 0, 1 or 2. */
export function testAlarmsCommand(): Command {
  return new Command("test-alarms")
    .description("run unit tests for the alarms of CloudFormation templates (docs/alarm-tests.md)")
    .argument("<file...>", "YAML files of alarm tests")
    .option("--json", "print one JSON line instead of text")
    .action(async (files: readonly string[], options: { readonly json?: true }) => {
      process.exitCode = await run(files, options);
    });
}

async function run(files: readonly string[], { json }: { readonly json?: true }): Promise<number> {
  const results: AlarmTestResult[] = [];
  try {
    for (const file of files) results.push(await testAlarms(file));
  } catch (error) {
    if (!(error instanceof AlarmTestError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  const passed = results.every((result) => result.passed);
  process.stdout.write(
    `${json === true ? JSON.stringify({ passed, files: results }) : alarmTestReport(results)}\n`,
  );
  return passed ? 0 : 1;
}
