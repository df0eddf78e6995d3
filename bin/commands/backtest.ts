import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import {
  type BacktestOptions,
  type LocalMetrics,
  withBacktest,
} from "cw-alarm-test/commands/backtest-command";
import { deploymentOf } from "cw-alarm-test/commands/output";
import type { TemplateAlarm, TemplateAlarms } from "cw-alarm-test/template-alarms";
import { loadTemplateAlarms } from "cw-alarm-test/template-sources";
import { STAGES } from "../../lib/config/stage.ts";
import { synthesise, SynthesisError } from "../../local/assembly/synthesise.ts";
import { Failure, UsageError } from "../cli/failure.ts";
import type { Terminal } from "../cli/terminal.ts";

const PROJECT = join(import.meta.dirname, "..", "..");

/** What this command adds to the package's own options. */
interface StageOptions extends BacktestOptions {
  readonly stage: string;
  readonly journal?: string;
}

/**
 * `backtest --stage STAGE`: the command of the package, over this project's stacks when no template is named.
 */
export function backtestCommand(terminal: Terminal): Command {
  const command = new Command("backtest")
    .description(
      "what the alarms of a stage would have done over the metrics of its account, of npm start, or over saved ones",
    )
    .argument("[templates...]", "other templates and cloud assemblies; the stage's own stacks when missing")
    .addOption(
      new Option("--stage <stage>", "stage whose stacks are synthesised")
        .choices(STAGES)
        .default("production"),
    )
    .addOption(
      new Option(
        "--journal <path>",
        "replay over what npm start wrote down: its data directory (.wrist-agent), or a journal.jsonl",
      ).conflicts("metrics"),
    );
  let homeRegion: string | undefined;
  return withBacktest(command, {
    output: terminal,
    load: async (paths, options) => {
      if (paths.length > 0) return loadTemplateAlarms(paths, deploymentOf(options));
      const stage = await stageAlarms(command.opts<StageOptions>(), terminal);
      ({ homeRegion } = stage);
      return stage.templates;
    },
    local: (alarms) => journalMetrics(command.opts<StageOptions>(), () => homeRegion ?? onlyRegion(alarms)),
  });
}

async function journalMetrics(
  { journal: path, stage, region }: StageOptions,
  homeRegion: () => string,
): Promise<LocalMetrics | undefined> {
  if (path === undefined) return undefined;
  const { readJournalMetrics, JournalMetricsError } = await import("../../local/journal-metrics.ts");
  try {
    return readJournalMetrics({ path, stage, homeRegion: region ?? homeRegion() });
  } catch (error) {
    if (error instanceof JournalMetricsError) throw new Failure(error.message, { cause: error });
    throw error;
  }
}

/** A journal does not say in which Region its function ran. */
function onlyRegion(alarms: readonly TemplateAlarm[]): string {
  const [region = "", ...others] = new Set(alarms.map((alarm) => alarm.region));
  if (others.length === 0) return region;
  throw new UsageError(
    `the alarms lie in ${[region, ...others].join(" and ")}: give the Region of the function that npm start ran with --region`,
  );
}

interface StageAlarms {
  readonly templates: TemplateAlarms;
  readonly homeRegion: string | undefined;
}

async function stageAlarms(options: StageOptions, terminal: Terminal): Promise<StageAlarms> {
  const { stage, journal } = options;
  const outDirectory = await mkdtemp(join(tmpdir(), "wrist-agent-backtest-"));
  try {
    const request = { projectDirectory: PROJECT, stage, outDirectory, context: {} };
    await terminal.progress(`synthesising the stacks of ${stage}`, synthesise(request));
    const templates = await loadTemplateAlarms([outDirectory], deploymentOf(options));
    return { templates, homeRegion: journal === undefined ? undefined : await homeRegionOf(outDirectory) };
  } catch (error) {
    if (error instanceof SynthesisError) throw new Failure(error.message, { cause: error });
    throw error;
  } finally {
    await rm(outDirectory, { recursive: true });
  }
}

async function homeRegionOf(assemblyDirectory: string): Promise<string> {
  const journals = await import("../../local/journal-metrics.ts");
  return journals.homeRegionOf(assemblyDirectory);
}
