import { Command, Option } from "commander";
import { durationOption } from "../cli/duration.ts";
import { isPageRaised } from "../cli/stage-alarms.ts";
import {
  addStageOptions,
  connectStage,
  type StageConnection,
  type StageOptions,
} from "../cli/stage-connection.ts";
import type { Terminal } from "../cli/terminal.ts";
import { processWatchPorts, watchFrames, type WatchPorts } from "../cli/watch.ts";
import { readStatus } from "./status/read-status.ts";
import { statusLines } from "./status/status-lines.ts";
import type { StatusReport } from "./status/status-report.ts";

interface StatusOptions extends StageOptions {
  readonly watch?: true;
  readonly every: number;
}

const STATUS_HELP = `
The JSON has stage, where, region, atMs, availability {state, sinceMs, by}, alarms [{alarmName, severity, state,
sinceMs, reason, condition, suppressed}], missingAlarms, traffic {requests, failures, p50Ms, p90Ms, hourly}, spending {timeZone,
todayUsd, monthUsd, hourlyUsd, dailyUsd}, failures [{timeMs, outcome, reason, mode, httpStatus, requestId}],
subscriptions [{topic, region, address, state}], silentTopics, version, model, token, and unreadable: a sentence
for each part that is missing. Times are epoch milliseconds.

Examples:
  npm run cli -- status
  npm run cli -- status --aws --stage production --region us-west-2 --watch
  npm run -s cli -- status --json | jq '.alarms[] | select(.state == "ALARM") | .alarmName'

Exits 0 when no page alarm is raised, 1 when one is, or when alarms are not there or cannot be read, 2 on wrong usage.`;

/** `status`: one screen that says whether it works, what it costs, and what to look at. */
export function statusCommand(terminal: Terminal, ports: WatchPorts = processWatchPorts()): Command {
  return addStageOptions(new Command("status"), "print one JSON line")
    .description("show on one screen whether a stage works: alarms, traffic, dollars, failures, subscribers")
    .addOption(new Option("--watch", "keep redrawing until Ctrl-C").conflicts("json"))
    .addOption(durationOption("--every <time>", "with --watch: how often, such as 10s or 1m", "30s"))
    .addHelpText("after", STATUS_HELP)
    .action(async (options: StatusOptions) => {
      const stage = await connectStage(terminal, options);
      try {
        if (options.watch === true) await watchStatus({ terminal, stage, everyMs: options.every }, ports);
        else await printStatus(terminal, stage, { ...options, ports });
      } finally {
        stage.close();
      }
    });
}

async function printStatus(
  terminal: Terminal,
  stage: StageConnection,
  { json, ports }: Pick<StatusOptions, "json"> & { readonly ports: WatchPorts },
): Promise<void> {
  const report = await terminal.progress(`reading ${stage.target.where}`, readStatus(stage, ports));
  if (json === true) terminal.out(JSON.stringify(report));
  else statusLines(terminal, report).forEach(terminal.out);
  setExitCode(report);
}

async function watchStatus(
  watched: { readonly terminal: Terminal; readonly stage: StageConnection; readonly everyMs: number },
  ports: WatchPorts,
): Promise<void> {
  const { terminal, stage, everyMs } = watched;
  const draw = async (): Promise<readonly string[]> => {
    const report = await readStatus(stage, ports);
    setExitCode(report);
    return statusLines(terminal, report);
  };
  await watchFrames({ terminal, everyMs, draw }, ports);
}

/** For scripts: 1 while somebody is to be woken, or would not be. */
function setExitCode({ alarms, missingAlarms }: StatusReport): void {
  process.exitCode = isPageRaised(alarms) || missingAlarms.length > 0 ? 1 : undefined;
}
