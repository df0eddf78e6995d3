import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { Command, Option } from "commander";
import { namesOf, type Severity } from "../../lib/names.ts";
import type { AlarmRow } from "../../local/server/wire.ts";
import { paintState, sortedAlarms } from "../cli/alarm-states.ts";
import { durationOption } from "../cli/duration.ts";
import { readPage, runningSystem } from "../cli/running-system.ts";
import { describeAlarmHistory, readStageAlarms, severityOf, type StageAlarm } from "../cli/stage-alarms.ts";
import {
  addStageOptions,
  connectStage,
  type StageConnection,
  type StageOptions,
} from "../cli/stage-connection.ts";
import { type TableColumn, tableLines } from "../cli/table.ts";
import { resolveTarget } from "../cli/target.ts";
import { localTime, type Terminal } from "../cli/terminal.ts";
import { processWatchPorts, watchFrames, type WatchPorts } from "../cli/watch.ts";

interface AlarmsOptions extends StageOptions {
  readonly watch?: true;
  readonly every: number;
}

const ALARMS_HELP = `
The JSON has for each alarm alarmName, description, state, stateReason, sinceMs, condition, topics, suppression and
notifiedBy where they are, and history [{timeMs, summary}].

Examples:
  npm run cli -- alarms --watch
  npm run cli -- alarms --aws --stage production --region us-west-2
  npm run -s cli -- alarms --json | jq '.[] | select(.state != "OK") | .alarmName'

Exits 0, 1 when they cannot be read, 2 on wrong usage; status exits 1 while a page alarm is raised.`;

/** `alarms`: every alarm of a stage with its state, since when and its condition. */
export function alarmsCommand(terminal: Terminal, ports: WatchPorts = processWatchPorts()): Command {
  return addStageOptions(new Command("alarms"), "print alarms as JSON, history included")
    .description("list the alarms of a stage with their states")
    .addOption(new Option("--watch", "keep redrawing until Ctrl-C").conflicts("json"))
    .addOption(durationOption("--every <time>", "with --watch: how often, such as 10s or 1m", "15s"))
    .addHelpText("after", ALARMS_HELP)
    .action(async (options: AlarmsOptions) => {
      const source = await alarmSource(terminal, options, ports.now);
      const draw = async (): Promise<readonly string[]> => alarmLines(terminal, await source.rows());
      try {
        if (options.json === true) terminal.out(JSON.stringify(await source.json(), null, 2));
        else if (options.watch === true) await watchFrames({ terminal, everyMs: options.every, draw }, ports);
        else (await draw()).forEach(terminal.out);
      } finally {
        source.close();
      }
    });
}

/** An alarm as a line of the list. */
interface ListedAlarm extends Pick<AlarmRow, "alarmName" | "state" | "sinceMs" | "condition"> {
  readonly severity: Severity | "none";
  readonly suppression?: string | undefined;
}

interface AlarmListSource {
  readonly rows: () => Promise<readonly ListedAlarm[]>;
  /** With history. */
  readonly json: () => Promise<readonly object[]>;
  readonly close: () => void;
}

/**
 * The running system lists its own, including those that were put by hand; a deployed stage lists those of
 * its stacks.
 */
async function alarmSource(
  terminal: Terminal,
  options: AlarmsOptions,
  now: () => number,
): Promise<AlarmListSource> {
  const { stage, isLocal } = await resolveTarget(options);
  if (!isLocal) return deployedSource(await connectStage(terminal, options), now);
  const { topics } = namesOf(stage);
  const read = async () => readPage(await runningSystem(options.data), "/api/alarms");
  return {
    rows: async () =>
      (await read()).map((row) => ({
        ...row,
        severity: severityOf(row.topics, topics),
        suppression: row.suppression,
      })),
    json: read,
    close: () => undefined,
  };
}

function deployedSource(stage: StageConnection, now: () => number): AlarmListSource {
  return {
    rows: async () =>
      (await readStageAlarms(stage)).map((alarm) => ({ ...alarm, suppression: alarm.suppressed })),
    json: async () => {
      const alarms = await readStageAlarms(stage);
      const history = await readStateHistory(stage, alarms, now());
      return alarms.map((alarm) => ({ ...alarmJson(alarm), history: history.get(alarm.alarmName) ?? [] }));
    },
    close: () => stage.close(),
  };
}

function alarmJson(alarm: StageAlarm): object {
  const { alarmName, description, region, severity, state, reason, sinceMs, condition, definition } = alarm;
  return {
    alarmName,
    description,
    region,
    severity,
    state,
    stateReason: reason,
    sinceMs,
    condition,
    topics: (definition.AlarmActions ?? []).map((arn) => arn.split(":").at(-1)),
    ...(alarm.suppressed !== undefined && { suppression: alarm.suppressed }),
    ...(alarm.notifiedBy !== undefined && { notifiedBy: [alarm.notifiedBy] }),
  };
}

/** One line per alarm, those in ALARM first, no wider than the terminal. */
function alarmLines(terminal: Terminal, alarms: readonly ListedAlarm[]): string[] {
  if (alarms.length === 0) return ["the templates hold no alarm"];
  const columns: readonly TableColumn<ListedAlarm>[] = [
    { head: "state", cell: ({ state }) => state },
    { head: "alarm", cell: ({ alarmName }) => alarmName, keeps: "end" },
    { head: "severity", cell: ({ severity }) => (severity === "none" ? "" : severity) },
    { head: "since", cell: ({ sinceMs }) => `since ${localTime(sinceMs)}` },
    {
      head: "condition",
      cell: ({ condition, suppression }) =>
        suppression === undefined ? condition : `suppressed (${suppression}): ${condition}`,
      narrow: "cut",
    },
  ];
  const paintRow = (text: string, { state }: ListedAlarm): string => paintState(terminal, state, text);
  return tableLines({ columns, paintRow }, sortedAlarms(alarms), terminal.columns);
}

/** A change of an alarm's state. */
export interface StateChange {
  readonly timeMs: number;
  readonly summary: string;
}

/**
 * CloudWatch keeps 30 days.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
 */
const KEPT_MS = 30 * 86_400_000;

/**
 * The changes of state of alarms by their names, newest first. One question a Region: a question an alarm
 * would be throttled.
 */
async function readStateHistory(
  stage: StageConnection,
  alarms: readonly StageAlarm[],
  nowMs: number,
): Promise<ReadonlyMap<string, readonly StateChange[]>> {
  const found = new Map<string, StateChange[]>(alarms.map(({ alarmName }) => [alarmName, []]));
  for (const region of new Set(alarms.map((alarm) => alarm.region))) {
    const client = stage.client(CloudWatchClient, region);
    const call = { action: "cloudwatch:DescribeAlarmHistory", on: `the alarms of ${region}` };
    const items = await stage.ask(call, () =>
      describeAlarmHistory(client, {
        HistoryItemType: "StateUpdate",
        ScanBy: "TimestampDescending",
        StartDate: new Date(nowMs - KEPT_MS),
        EndDate: new Date(nowMs),
      }),
    );
    for (const { AlarmName = "", Timestamp, HistorySummary = "" } of items)
      found.get(AlarmName)?.push({ timeMs: Timestamp?.getTime() ?? 0, summary: HistorySummary });
  }
  return found;
}
