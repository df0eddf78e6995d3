import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { backtestCommand } from "./commands/backtest-command.ts";
import { initCommand } from "./commands/init-command.ts";
import { listCommand } from "./commands/list-command.ts";
import { type Output, UsageError } from "./commands/output.ts";
import { withTests } from "./commands/test-command.ts";
import { AlarmTestError } from "./alarm-test.ts";
import { AssemblyError } from "./template.ts";

const EXAMPLES = `
Examples:
  cw-alarm-test                           run every *.alarm-test.yaml below the current folder
  cw-alarm-test alarms "test/**/*.yaml"   run a folder and a pattern
  cw-alarm-test list cdk.out              show the alarms of a cloud assembly
  cw-alarm-test init template.yaml        write a first test for each alarm
  cw-alarm-test backtest cdk.out --from 30d   what the alarms would have done over your own metrics

Exit codes: 0 every expectation was met, 1 one was not, 2 a file or an option cannot be used.`;

/** The command line of the package. */
export function alarmTestProgram(output: Output): Command {
  const program = new Command("cw-alarm-test")
    .description("Unit tests and backtests for the CloudWatch alarms of CloudFormation templates")
    .version(packageVersion())
    .enablePositionalOptions()
    .configureOutput({
      writeErr: (text) => output.err(text.trimEnd()),
      writeOut: (text) => output.out(text.trimEnd()),
    })
    .exitOverride()
    .addHelpText("after", EXAMPLES);
  withTests(program, { output });
  for (const command of [listCommand(output), initCommand(output), backtestCommand(output)])
    program.addCommand(command.copyInheritedSettings(program));
  return program;
}

function packageVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** 0 done, 1 failed, 2 wrong usage: never a stack trace for what the user can fix. */
export function exitCodeOf(error: unknown, output: Output): 0 | 1 | 2 {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  output.err(output.colours.red(`error: ${error instanceof Error ? error.message : String(error)}`));
  const isUsage =
    error instanceof UsageError || error instanceof AlarmTestError || error instanceof AssemblyError;
  return isUsage ? 2 : 1;
}
