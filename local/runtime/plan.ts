import { join } from "node:path";
import { type Assembly, loadAssembly } from "cw-alarm-test/cloud-assembly";
import { AssemblyError } from "cw-alarm-test/template";
import { type AlarmSource, type Emulated, emulatedOf } from "../assembly/emulated.ts";
import type { FunctionSource, FunctionUrlSource } from "../assembly/function-resources.ts";
import type { FunctionDefinition } from "../function/function-records.ts";
import type { Queue } from "../assembly/queues.ts";
import type { ScheduleSource } from "../assembly/schedules.ts";
import { type StackContents, stackContents } from "../assembly/stack-contents.ts";
import type { JournalEntry } from "../journal/journal-entry.ts";
import { JOURNAL_RETENTION, type OpenedJournal, openJournal } from "../journal/journal.ts";
import { type Subscribers, undeliveredTargets } from "../monitoring/alarm-actions.ts";
import { regionsBeside } from "@wrist-agent/cloudwatch/region";
import { MessageQueues } from "../monitoring/message-queues.ts";
import { CloudWatchRegion } from "../monitoring/cloudwatch-region.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

/** An address of the templates, and where it is answered here. */
export interface LocalAddress {
  /** `https://….lambda-url.eu-west-1.on.aws/`: made up, as nobody deployed it. */
  readonly template: string;
  /** `http://127.0.0.1:7701/`. */
  readonly local: string;
}

/**
 * Where the Function URL is answered; it stays as the templates have it while it is not, and without one
 * nothing matches.
 */
export function localAddress({ front }: Pick<Plan, "front">, functionUrl = ""): LocalAddress {
  const template = front?.url.url ?? "https://no-function-url.invalid/";
  return { template, local: functionUrl === "" ? template : functionUrl };
}

/** A text of the templates, such as a variable or an event, with the addresses that are answered here. */
export function withLocalAddress(text: string, { template, local }: LocalAddress): string {
  return text.replaceAll(new URL(template).origin, new URL(local).origin);
}

/** The templates as far as one Region of them runs, and what is left out for it. */
interface HomeRegionParts {
  readonly emulated: Emulated;
  readonly notices: readonly string[];
}

/**
 * Leaves out what belongs to functions of other Regions: their functions do not run here, so their alarms
 * would speak of an outage. Alarms on bills watch the account, wherever they live.
 */
export function homeRegionParts(emulated: Emulated, home: string): HomeRegionParts {
  const elsewhere = new Set(emulated.functions.map(({ definition }) => definition.region));
  elsewhere.delete(home);
  const stays = (alarm: AlarmSource): boolean => !elsewhere.has(alarm.region) || watchesBills(alarm);
  return {
    emulated: {
      ...emulated,
      functions: emulated.functions.filter(({ definition }) => definition.region === home),
      schedules: emulated.schedules.filter(({ functionArn }) => functionArn.split(":")[3] === home),
      customResources: emulated.customResources.filter(
        ({ serviceToken }) => serviceToken.split(":")[3] === home,
      ),
      urls: emulated.urls.filter(({ functionArn }) => functionArn.split(":")[3] === home),
      alarms: emulated.alarms.filter(stays),
    },
    notices: [...elsewhere].map(
      (region) =>
        `functions, schedules and alarms of ${region} do nothing here: the local runtime runs those of ${home}`,
    ),
  };
}

function watchesBills({ definition }: AlarmSource): boolean {
  return "namespace" in definition && definition.namespace === "AWS/Billing";
}

/** The templates of a stage, as far as they run here. */
export interface Plan {
  readonly emulated: Emulated;
  readonly subscribers: Subscribers;
  /** Every function that runs: those of the home Region. */
  readonly functions: readonly FunctionSource[];
  /** Every schedule whose function runs. */
  readonly schedules: readonly ScheduleSource[];
  /**
   * The Function URL that is served, and the function behind it; missing where the templates have none that
   * runs.
   */
  readonly front?: ServedFunctionUrl;
  readonly stackNames: readonly string[];
  /** The stacks as CloudFormation would know them. */
  readonly stacks: readonly StackContents[];
  readonly home: CloudWatchRegion;
  readonly regions: readonly CloudWatchRegion[];
  readonly notices: readonly string[];
}

/** What the Shortcut calls. */
export interface ServedFunctionUrl {
  readonly url: FunctionUrlSource;
  readonly source: FunctionSource;
}

/** Reads the assembly and lays out what runs. */
export async function readPlan(assemblyDirectory: string): Promise<Plan> {
  const assembly = await loadAssembly(assemblyDirectory);
  const everything = emulatedOf(assembly);
  const [front] = runnableFunctionUrls(everything);
  const { region, accountId } = homeOf(everything, assembly, front);
  const { emulated, notices } = homeRegionParts(everything, region);
  const home = new CloudWatchRegion({ region, accountId });
  const { functions, topics, subscriptions } = emulated;
  const runs = (arn: string): boolean => functions.some((source) => isFunctionArn(source, arn));
  const queues = new MessageQueues(emulated.queues);
  const queueAt = (queueArn: string): Queue | undefined => queues.find(queueArn);
  const subscribers = { topics, subscriptions, runs, queueAt };
  return {
    emulated,
    subscribers,
    ...(front !== undefined && { front }),
    home,
    functions,
    schedules: emulated.schedules.filter(({ functionArn }) => runs(functionArn)),
    stackNames: assembly.stacks.map(({ stackName }) => stackName),
    stacks: await stackContents(assemblyDirectory, assembly),
    regions: [home, ...otherRegions(emulated, home)],
    notices: [
      ...(front === undefined ? ["no Function URL is served: no function that runs here has one"] : []),
      ...emulated.notices,
      ...notices,
      ...idlePartNotices(emulated, subscribers),
    ],
  };
}

/** The Region of the function that people call; without one that of the first function, alarm or stack. */
function homeOf(
  { functions, alarms }: Emulated,
  { stacks }: Assembly,
  front: ServedFunctionUrl | undefined,
): Pick<FunctionDefinition, "region" | "accountId"> {
  const home = front?.source.definition ?? functions[0]?.definition ?? alarms[0] ?? stacks[0];
  if (home === undefined) throw new AssemblyError("the assembly has no stack: synthesise it first");
  return home;
}

/** What would act if what it names ran here. */
function idlePartNotices(emulated: Emulated, subscribers: Subscribers): readonly string[] {
  const [, ...others] = runnableFunctionUrls(emulated);
  const idle = emulated.schedules.filter(({ functionArn }) => !subscribers.runs(functionArn));
  return [
    ...others.map(({ source }) => `the Function URL of ${source.functionArn} is not served: only one is`),
    ...idle.map(
      ({ scheduleArn, functionArn }) =>
        `schedule ${scheduleArn} does nothing here: ${functionArn} does not run`,
    ),
    ...undeliveredTargets(
      emulated.alarms.map(({ definition }) => definition),
      subscribers,
    ),
  ];
}

/** Function URLs whose function runs, in the templates' order. */
function runnableFunctionUrls({ urls, functions }: Emulated): readonly ServedFunctionUrl[] {
  return urls.flatMap((url) => {
    const source = functions.find(({ functionArn }) => functionArn === url.functionArn);
    return source === undefined ? [] : [{ url, source }];
  });
}

/** Whether an ARN means the function itself or a version or alias that it has. */
function isFunctionArn({ functionArn, versions }: FunctionSource, arn: string): boolean {
  return arn === functionArn || Object.keys(versions).some((name) => arn === `${functionArn}:${name}`);
}

/** Those of the templates, then every other of the partition: whatever is put for one is kept and drawn. */
function otherRegions(emulated: Emulated, home: CloudWatchRegion): readonly CloudWatchRegion[] {
  const { accountId: homeAccountId, region: homeRegion } = home.home;
  const accounts = new Map(emulated.alarms.map(({ region, accountId }) => [region, accountId]));
  const names = new Set([...accounts.keys(), ...regionsBeside(homeRegion)]);
  names.delete(homeRegion);
  return [...names].map(
    (region) => new CloudWatchRegion({ region, accountId: accounts.get(region) ?? homeAccountId }),
  );
}

/** Opens the journal of a stage and applies what it holds: two stages of one data directory do not mix. */
export function openStageJournal(
  options: RuntimeOptions,
  apply: (entry: JournalEntry) => void,
): OpenedJournal {
  const { dataDirectory, stage, clock, log } = options;
  if (!/^[\w-]+$/.test(stage))
    throw new RangeError(`stage "${stage}" cannot name a directory: use letters, digits, - and _`);
  return openJournal({
    file: join(dataDirectory, stage, "journal.jsonl"),
    nowMs: clock.now(),
    retention: JOURNAL_RETENTION,
    apply,
    failed: (cause) => log?.("the journal cannot be written: what happens now is not kept", cause),
  });
}
