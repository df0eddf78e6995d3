import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { type BacktestOptions, withBacktest } from "cw-alarm-test/commands/backtest-command";
import { deploymentOf } from "cw-alarm-test/commands/output";
import type { TemplateAlarms } from "cw-alarm-test/template-alarms";
import { loadTemplateAlarms } from "cw-alarm-test/template-sources";
import { synthesise, SynthesisError } from "../../local/assembly/synthesise.ts";
import { Failure } from "../cli/failure.ts";
import type { Terminal } from "../cli/terminal.ts";

const PROJECT = join(import.meta.dirname, "..", "..");

/** `backtest --stage STAGE`: the command of the package, over this project's stacks when no template is named. */
export function backtestCommand(terminal: Terminal): Command {
  const command = new Command("backtest")
    .description(
      "what the alarms of a stage would have done over the metrics of its account, or over saved ones",
    )
    .argument("[templates...]", "other templates and cloud assemblies; the stage's own stacks when missing")
    .option("--stage <stage>", "stage whose stacks are synthesised", "production");
  return withBacktest(command, {
    output: terminal,
    load: (paths, options) => {
      if (paths.length > 0) return loadTemplateAlarms(paths, deploymentOf(options));
      return stageAlarms(command.opts<{ readonly stage: string }>().stage, options, terminal);
    },
  });
}

async function stageAlarms(
  stage: string,
  options: BacktestOptions,
  terminal: Terminal,
): Promise<TemplateAlarms> {
  const outDirectory = await mkdtemp(join(tmpdir(), "wrist-agent-backtest-"));
  try {
    const request = { projectDirectory: PROJECT, stage, outDirectory, context: {} };
    await terminal.progress(`synthesising the stacks of ${stage}`, synthesise(request));
    return await loadTemplateAlarms([outDirectory], deploymentOf(options));
  } catch (error) {
    if (error instanceof SynthesisError) throw new Failure(error.message, { cause: error });
    throw error;
  } finally {
    await rm(outDirectory, { recursive: true });
  }
}
