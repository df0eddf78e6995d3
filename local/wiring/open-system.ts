import { join } from "node:path";

import { emulatedOf, type Emulated } from "../assembly/emulated.ts";
import { AssemblyError } from "../assembly/assembly-error.ts";
import type { FunctionSource } from "../assembly/function/function-source.ts";
import type { ScheduleSource } from "../assembly/function/schedule.ts";
import type { FunctionUrlSource } from "../assembly/function/function-url.ts";
import { loadAssembly } from "../assembly/load-assembly.ts";
import { RETENTION } from "../journal/compact.ts";
import { openJournal, type OpenedJournal } from "../journal/journal.ts";
import { silentTargets, type Subscribers } from "../mail/action-targets.ts";
import { CloudWatchRegion } from "./cloudwatch/cloud-watch-region.ts";
import { atHome } from "./home-region.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

const BILLING_REGION = "us-east-1";

/** The templates of a stage, as far as they run here. */
export interface Plan {
  readonly emulated: Emulated;
  readonly subscribers: Subscribers;
  /** Every function that runs: those of the home Region. */
  readonly functions: readonly FunctionSource[];
  /** Every schedule whose function runs. */
  readonly schedules: readonly ScheduleSource[];
  /** The Function URL that is served, and the function behind it. */
  readonly front: Front;
  readonly stackNames: readonly string[];
  readonly home: CloudWatchRegion;
  readonly regions: readonly CloudWatchRegion[];
  readonly notices: readonly string[];
}

/** What the Shortcut calls. */
export interface Front {
  readonly url: FunctionUrlSource;
  readonly source: FunctionSource;
}

/** Reads the assembly and lays out what runs. */
export async function readPlan(assemblyDirectory: string): Promise<Plan> {
  const assembly = await loadAssembly(assemblyDirectory);
  const everything = emulatedOf(assembly);
  const [first] = frontsOf(everything);
  if (first === undefined)
    throw new AssemblyError(
      [`${assemblyDirectory} has no function with a Function URL`, ...everything.notices].join("\n"),
    );
  const { region, accountId } = first.source.definition;
  const { emulated, notices } = atHome(everything, region);
  const home = new CloudWatchRegion({ region, accountId });
  const { functions, topics, subscriptions } = emulated;
  const runs = (arn: string): boolean => functions.some((source) => isFunctionArn(source, arn));
  const subscribers = { topics, subscriptions, runs };
  return {
    ...{ emulated, subscribers, front: first, home, functions },
    schedules: emulated.schedules.filter(({ functionArn }) => runs(functionArn)),
    stackNames: assembly.stacks.map(({ stackName }) => stackName),
    regions: [home, ...otherRegions(emulated, home)],
    notices: [...emulated.notices, ...notices, ...idleParts(emulated, subscribers)],
  };
}

/** What would act if what it names ran here. */
function idleParts(emulated: Emulated, subscribers: Subscribers): readonly string[] {
  const [, ...others] = frontsOf(emulated);
  const idle = emulated.schedules.filter(({ functionArn }) => !subscribers.runs(functionArn));
  return [
    ...others.map(({ source }) => `the Function URL of ${source.functionArn} is not served: only one is`),
    ...idle.map(
      ({ scheduleArn, functionArn }) =>
        `schedule ${scheduleArn} does nothing here: ${functionArn} does not run`,
    ),
    ...silentTargets(
      emulated.alarms.map(({ definition }) => definition),
      subscribers,
    ),
  ];
}

/** Function URLs whose function runs, in the templates' order. */
function frontsOf({ urls, functions }: Emulated): readonly Front[] {
  return urls.flatMap((url) => {
    const source = functions.find(({ functionArn }) => functionArn === url.functionArn);
    return source === undefined ? [] : [{ url, source }];
  });
}

/** Whether an ARN means the function itself or a version or alias that it has. */
function isFunctionArn({ functionArn, versions }: FunctionSource, arn: string): boolean {
  return arn === functionArn || Object.keys(versions).some((name) => arn === `${functionArn}:${name}`);
}

/** Besides those of the templates always us-east-1: AWS/Billing lives there. */
function otherRegions(emulated: Emulated, home: CloudWatchRegion): readonly CloudWatchRegion[] {
  const byRegion = new Map<string, CloudWatchRegion>();
  const { accountId: homeAccountId, region: homeRegion } = home.home;
  if (homeRegion !== BILLING_REGION)
    byRegion.set(BILLING_REGION, new CloudWatchRegion({ region: BILLING_REGION, accountId: homeAccountId }));
  for (const { region, accountId } of emulated.alarms) {
    if (region !== home.home.region && !byRegion.has(region))
      byRegion.set(region, new CloudWatchRegion({ region, accountId }));
  }
  return [...byRegion.values()];
}

/** Opens the journal of a stage: two stages of one data directory do not mix. */
export function openStageJournal(options: RuntimeOptions): Promise<OpenedJournal> {
  const { dataDirectory, stage, clock, log } = options;
  if (!/^[\w-]+$/.test(stage))
    throw new RangeError(`stage "${stage}" cannot name a directory: use letters, digits, - and _`);
  return openJournal({
    file: join(dataDirectory, stage, "journal.jsonl"),
    nowMs: clock.now(),
    retention: RETENTION,
    failed: (cause) => log?.("the journal cannot be written: this run will not be remembered", cause),
  });
}
