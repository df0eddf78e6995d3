import { readFile } from "node:fs/promises";
import { Command } from "commander";
import type { Datum } from "@wrist-agent/cloudwatch/metric";
import { AlarmTestError } from "cw-alarm-test/alarm-test";
import { AssemblyError } from "cw-alarm-test/template";
import { errorMessage, UsageError } from "../cli/failure.ts";
import {
  dataOption,
  feedMetrics,
  readPage,
  type RunningSystem,
  runningSystem,
} from "../cli/running-system.ts";
import type { Terminal } from "../cli/terminal.ts";
import { endingAt, type FedFile, fedFile, type FedRegion } from "./feed/fed-data.ts";

interface FeedOptions {
  readonly data: string;
  readonly asRecorded?: true;
  readonly json?: true;
}

const FEED_HELP = `
FILE has the series of an alarm test (YAML: interval and series, the rest is passed over), or is one that
npm run cli -- backtest --save wrote (JSON). Any namespace can be fed, those of AWS too, which PutMetricData refuses. The
data are moved so that they end now; with --as-recorded they keep their times.

  interval: 1m
  series:
    - { namespace: AWS/EC2, metric: CPUUtilization, dimensions: { InstanceId: i-1 }, values: 20x30 95x10 }

Examples:
  npm run cli -- feed busy.yaml
  npm run -s cli -- feed metrics.json --as-recorded --json

Exits 0, 1 when the system does not take the data, 2 for a file that cannot be read.`;

/** `feed FILE`: metrics of a file for the running system, in whatever namespace. */
export function feedCommand(terminal: Terminal): Command {
  return new Command("feed")
    .description("feed metrics of a file to the running system: to look at dashboards and alarms with data")
    .argument("<file>", "series of an alarm test, or metrics that a backtest saved")
    .option("--as-recorded", "keep the times of the file; else the data end now")
    .option("--json", "print one JSON line")
    .addOption(dataOption())
    .addHelpText("after", FEED_HELP)
    .action(async (file: string, options: FeedOptions) => {
      const fed = await readFedFile(file);
      const running = await runningSystem(options.data);
      const { nowMs, region: home } = await readPage(running, "/api/overview");
      const regions = options.asRecorded === true ? fed.regions : endingAt(fed, nowMs);
      const counted = await terminal.progress(`feeding ${file}`, send(running, regions, home));
      for (const note of fed.notes) terminal.err(note);
      if (options.json === true) terminal.out(JSON.stringify({ ...counted, notes: fed.notes }));
      else
        terminal.out(`${counted.data} data of ${counted.metrics} metrics in ${counted.regions.join(", ")}`);
    });
}

async function readFedFile(file: string): Promise<FedFile> {
  try {
    const fed = fedFile(await readFile(file, "utf8"), file);
    if (fed.regions.some(({ data }) => data.length > 0)) return fed;
    throw new UsageError(`${file} holds no values: give series, or a file that backtest --save wrote`);
  } catch (error) {
    if (error instanceof AssemblyError || error instanceof AlarmTestError)
      throw new UsageError(error.message, { cause: error });
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read ${file}: ${errorMessage(error)}`, { cause: error });
  }
}

/** Within what the page's server takes in one call. */
const DATA_PER_CALL = 150;

async function send(
  running: RunningSystem,
  regions: readonly FedRegion[],
  home: string,
): Promise<{ readonly data: number; readonly metrics: number; readonly regions: readonly string[] }> {
  const metrics = new Set<string>();
  let count = 0;
  for (const { region = home, data } of regions)
    for (let from = 0; from < data.length; from += DATA_PER_CALL) {
      const part = data.slice(from, from + DATA_PER_CALL);
      await feedMetrics(running, region, part);
      for (const datum of part) metrics.add(metricName(region, datum));
      count += part.length;
    }
  return { data: count, metrics: metrics.size, regions: regions.map(({ region = home }) => region) };
}

function metricName(region: string, { namespace, metricName: name, dimensions }: Datum): string {
  return JSON.stringify([region, namespace, name, Object.entries(dimensions).sort()]);
}
