import { namesOf } from "../../../lib/names.ts";
import { errorMessage, Failure, UsageError } from "../../cli/failure.ts";
import { subscriptionStates, type ListedSubscription } from "../../cli/subscriptions.ts";
import type { Target } from "../../cli/target.ts";
import { type AskOperator, isYes, type Terminal } from "../../cli/terminal.ts";
import type { RestoreJournal, StepResult } from "./restore-journal.ts";
import {
  planNotices,
  type PlannedStep,
  plannedSteps,
  restoredContext,
  restoredRuntime,
  restoredSubscriptions,
  type RestorePlace,
  type StageToRestore,
} from "./restore-plan.ts";

/** Parts that a restore deploys, as `deploy --only` names them. */
export type RestoredPart = "app" | "monitoring" | "billing";

/** An answer of the Function URL, or why it was not asked. */
export type RestoredUrlAnswer =
  | { readonly status: number; readonly milliseconds: number; readonly error?: string }
  | { readonly unasked: string };

/** Everything of a restore that is not this process; each call may be made again. */
export interface RestorePorts {
  readonly place: () => Promise<RestorePlace>;
  readonly parameter: (
    name: string,
  ) => Promise<{ readonly type: string; readonly value: string } | undefined>;
  readonly putParameter: (parameter: {
    readonly name: string;
    readonly type: "String" | "SecureString";
    readonly value: string;
  }) => Promise<void>;
  readonly deploy: (part: RestoredPart, context: Readonly<Record<string, string>>) => Promise<void>;
  /** Outputs of the application stack by their names. */
  readonly outputs: () => Promise<Readonly<Record<string, string>>>;
  readonly subscriptions: (topic: string, region: string) => Promise<readonly ListedSubscription[]>;
  readonly subscribe: (topic: string, region: string, address: string) => Promise<void>;
  readonly alarmNames: () => Promise<readonly string[]>;
  readonly dashboardNames: () => Promise<readonly string[]>;
  readonly askUrl: (url: string) => Promise<RestoredUrlAnswer>;
}

/** Options of `restore`, after parsing. */
export interface RestoreOptions {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly replaceSecrets?: true;
  readonly intoAccount?: string;
  readonly context: Readonly<Record<string, string>>;
}

/** One restore: what it works with, from its options to its end. */
export interface Restore {
  readonly terminal: Terminal;
  readonly directory: string;
  readonly target: Target;
  readonly stage: StageToRestore;
  readonly options: RestoreOptions;
  readonly ports: RestorePorts;
  readonly journal: (accountId: string, region: string) => Promise<RestoreJournal>;
  /** Text of the stage's file in this checkout. */
  readonly stageFileHere: string | undefined;
  /** Missing without a terminal. */
  readonly ask: AskOperator | undefined;
  readonly signal: AbortSignal;
  /** Rejects when the signal fires. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly say: (line: string) => void;
  /** The command that goes on with it. */
  readonly again: string;
}

/** What a restore leaves the person with. */
export interface RestoreResult {
  readonly did: "restored" | "nothing";
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  readonly steps: readonly string[];
  readonly url?: string;
  /** Addresses that must confirm a mail before alarms reach them. */
  readonly unconfirmed: readonly string[];
  /** What the backup has and the restored stage has not. */
  readonly missing: readonly string[];
}

/** Says what it will do, asks, does it step after step, and compares what came of it with the backup. */
export async function runRestore(restore: Restore): Promise<RestoreResult> {
  const { stage, ports, options, target } = restore;
  const place = await ports.place();
  refuseForeignAccount(restore, place);
  const replaced = await refuseOtherSecrets(restore, place);
  const steps = plannedSteps(stage, place);
  const journal = await restore.journal(place.accountId, place.region);
  sayPlan(restore, place, { steps, replaced, done: journal.done() });
  const told = { stage: target.stage, region: place.region, accountId: place.accountId };
  if (options.dryRun === true) {
    restore.say("Nothing was changed: this was a dry run.");
    return { did: "nothing", ...told, steps: [], unconfirmed: [], missing: [] };
  }
  await confirmRestore(restore, place);
  const results = await runSteps(restore, { place, steps, journal });
  await journal.finish();
  const { url, unconfirmed = "", missing = "" } = results.verify ?? {};
  return {
    did: "restored",
    ...told,
    steps: steps.map(({ id }) => id),
    ...(url !== undefined && { url }),
    unconfirmed: words(unconfirmed),
    missing: words(missing),
  };
}

function words(text: string): readonly string[] {
  return text === "" ? [] : text.split("\n");
}

/** Another account may be just what a disaster asks for, but never by accident. */
function refuseForeignAccount({ stage, options }: Restore, { accountId, isLocal }: RestorePlace): void {
  const { source, accountId: was } = stage.manifest;
  if (isLocal) return;
  if (source === "local")
    throw new Failure(
      "this is the backup of a system on a laptop: it is restored into one (--local), and never into AWS",
    );
  if (accountId === was || options.intoAccount === accountId) return;
  throw new Failure(
    `the backup is of account ${was}, and these credentials are of ${accountId}: sign in to the first, or pass --into-account ${accountId} if the stage is to be there from now on`,
  );
}

/** Names of secrets that another value would take the place of; refused unless that was asked for. */
async function refuseOtherSecrets(
  { stage, options, ports }: Restore,
  { isLocal }: RestorePlace,
): Promise<readonly string[]> {
  const others: string[] = [];
  for (const { name, value } of stage.secrets) {
    const there = await ports.parameter(name);
    if (there === undefined || there.value === value) continue;
    if (there.type !== "SecureString")
      throw new Failure(
        `${name} is there as a ${there.type}, which cannot become a SecureString: remove it with aws ssm delete-parameter, then restore again`,
      );
    others.push(name);
  }
  if (others.length > 0 && options.replaceSecrets !== true && !isLocal)
    throw new Failure(
      `${others.join(", ")} is there with another value, which a Shortcut may be using: pass --replace-secrets to put the backup's in its place, or --without-secrets to leave it`,
    );
  return others;
}

interface Shown {
  readonly steps: readonly PlannedStep[];
  readonly replaced: readonly string[];
  readonly done: readonly string[];
}

function sayPlan(restore: Restore, place: RestorePlace, { steps, replaced, done }: Shown): void {
  const { say, stage, terminal, stageFileHere } = restore;
  const { manifest } = stage;
  const where = place.isLocal
    ? "the system that runs on this machine"
    : `${place.region} of account ${place.accountId}`;
  say(`${manifest.stage} as it was in ${manifest.region} at ${manifest.madeAt}, into ${where}:`);
  steps.forEach(({ id, words: what }, at) =>
    say(`  ${at + 1}. ${what}${done.includes(id) ? " (done before)" : ""}`),
  );
  for (const name of replaced)
    say(terminal.colours.yellow(`  ${name} there has another value, which is replaced`));
  for (const notice of planNotices(stage, place, stageFileHere)) say(terminal.colours.yellow(`  ${notice}`));
}

async function confirmRestore({ options, ask, signal, target }: Restore, { region, isLocal }: RestorePlace) {
  if (options.yes === true) return;
  if (ask === undefined)
    throw new UsageError(
      "nobody can be asked here, as this is no terminal: pass --yes, or --dry-run to see what would be done",
    );
  const answer = await ask(`Restore ${target.stage} ${isLocal ? "here" : `in ${region}`}? (y/n) `, signal);
  if (signal.aborted) throw new Failure("interrupted: nothing was changed");
  if (!isYes(answer)) throw new Failure("nothing was changed");
}

interface StepRun {
  readonly place: RestorePlace;
  readonly steps: readonly PlannedStep[];
  readonly journal: RestoreJournal;
}

async function runSteps(
  restore: Restore,
  { place, steps, journal }: StepRun,
): Promise<Readonly<Record<string, StepResult>>> {
  const results: Record<string, StepResult> = {};
  for (const [at, { id, words: what }] of steps.entries()) {
    const before = journal.resultOf(id);
    // What stands at the end is asked anew, whatever an earlier run found.
    if (before !== undefined && id !== "verify") continue;
    restore.say(`\n${at + 1} of ${steps.length}: ${what}`);
    try {
      if (restore.signal.aborted) throw new Failure("interrupted");
      results[id] = await STEPS[id](restore, place);
      await journal.add(id, results[id]);
    } catch (error) {
      throw new Failure(
        `${errorMessage(error)}; step ${at + 1} of ${steps.length} (${id}) is not done, ${at === 0 ? "and nothing before it" : "those before it are"}. To go on from there: ${restore.again}`,
        { cause: error },
      );
    }
  }
  return results;
}

type RunStep = (restore: Restore, place: RestorePlace) => Promise<StepResult>;

const STEPS: Readonly<Record<PlannedStep["id"], RunStep>> = {
  secrets: putSecrets,
  application: (restore, place) => deployPart(restore, place, "app"),
  monitoring: (restore, place) => deployPart(restore, place, "monitoring"),
  billing: (restore, place) => deployPart(restore, place, "billing"),
  runtime: putRuntime,
  subscriptions: subscribeAgain,
  verify,
};

async function putSecrets({ stage, ports }: Restore): Promise<StepResult> {
  for (const { name, value } of stage.secrets) {
    const there = await ports.parameter(name);
    if (there?.value !== value) await ports.putParameter({ name, type: "SecureString", value });
  }
  return { names: stage.secrets.map(({ name }) => name).join("\n") };
}

async function deployPart(
  { stage, ports, options }: Restore,
  place: RestorePlace,
  part: RestoredPart,
): Promise<StepResult> {
  await ports.deploy(part, restoredContext(stage, place, options.context));
  return {};
}

async function putRuntime({ stage, ports }: Restore, place: RestorePlace): Promise<StepResult> {
  for (const { name, value } of restoredRuntime(stage, place))
    if ((await ports.parameter(name))?.value !== value)
      await ports.putParameter({ name, type: "String", value });
  return {};
}

/** SNS takes a subscription again that is there already, and sends another mail: so it is looked for first. */
async function subscribeAgain({ stage, ports, say }: Restore, place: RestorePlace): Promise<StepResult> {
  const made: string[] = [];
  for (const { topic, region, address } of restoredSubscriptions(stage, place)) {
    const listed = await ports.subscriptions(topic, region);
    const isThere = listed.some((each) => each.address === address && each.arn !== "Deleted");
    if (isThere) continue;
    await ports.subscribe(topic, region, address);
    made.push(`${address} to ${topic}`);
  }
  made.forEach((each) => say(`  subscribed ${each}`));
  return { subscribed: made.join("\n") };
}

/** Compares what is there now with the backup; a URL that does not answer fails the restore. */
async function verify(restore: Restore, place: RestorePlace): Promise<StepResult> {
  const { ports, say, terminal, stage } = restore;
  const { FunctionUrl: url } = await ports.outputs();
  if (url === undefined) throw new Failure("the application stack has no output FunctionUrl");
  const answer = await terminal.progress(`asking ${url}`, askedUrl(restore, url));
  if ("unasked" in answer) say(terminal.colours.yellow(`  the URL was not asked: ${answer.unasked}`));
  else if (answer.status !== 200)
    throw new Failure(`${url} answers ${answer.status} (${answer.error ?? "no reason"})`);
  else say(terminal.colours.green(`  the URL answers: ${answer.status} in ${answer.milliseconds} ms`));
  const missing = await missingParts(stage, place, ports);
  missing.forEach((each) => say(terminal.colours.red(`  ${each}`)));
  if (missing.length === 0)
    say(terminal.colours.green("  every alarm, dashboard and address of the backup is there"));
  const unconfirmed = await unconfirmedAddresses(restore, place);
  return { url, missing: missing.join("\n"), unconfirmed: unconfirmed.join("\n") };
}

const TOKEN_POLL_MS = 3_000;
const TOKEN_POLLS = 10;

/** An agent that is awake takes a token that was put back just now within seconds, and refuses it until then. */
async function askedUrl({ ports, wait, signal }: Restore, url: string): Promise<RestoredUrlAnswer> {
  for (let poll = 1; ; poll += 1) {
    const answer = await ports.askUrl(url);
    if ("unasked" in answer || answer.status !== 401 || poll === TOKEN_POLLS) return answer;
    await wait(TOKEN_POLL_MS, signal).catch((error: unknown) => {
      throw signal.aborted ? new Failure("interrupted") : error;
    });
  }
}

async function missingParts(
  stage: StageToRestore,
  place: RestorePlace,
  ports: RestorePorts,
): Promise<readonly string[]> {
  const [alarms, dashboards] = [await ports.alarmNames(), await ports.dashboardNames()];
  const { manifest, alarmNames, dashboardNames } = stage;
  // A dashboard's name holds its Region.
  const renamed = dashboardNames.map((name) => name.replace(manifest.region, place.region));
  return [
    ...alarmNames.filter((name) => !alarms.includes(name)).map((name) => `the alarm ${name} is not there`),
    ...renamed
      .filter((name) => !dashboards.includes(name))
      .map((name) => `the dashboard ${name} is not there`),
    ...(await missingAddresses(stage, place, ports)),
  ];
}

async function missingAddresses(stage: StageToRestore, place: RestorePlace, ports: RestorePorts) {
  const states = await subscriptionsNow(stage, place, ports);
  return states
    .filter(({ state }) => state === "gone")
    .map(({ address, topic }) => `${address} does not get the mails of ${topic}`);
}

async function subscriptionsNow(stage: StageToRestore, place: RestorePlace, ports: RestorePorts) {
  const wanted = restoredSubscriptions(stage, place);
  const topics = new Map(wanted.map(({ topic, region }) => [`${region} ${topic}`, { topic, region }]));
  const found = await Promise.all(
    [...topics.values()].map(async ({ topic, region }) => {
      const addresses = wanted.filter((each) => each.topic === topic).map(({ address }) => address);
      // Its name and Region are all that is read of it.
      const topicArn = `arn:aws:sns:${region}:${place.accountId}:${topic}`;
      return subscriptionStates({ topicArn, addresses }, await ports.subscriptions(topic, region));
    }),
  );
  return found.flat();
}

async function unconfirmedAddresses(
  { stage, ports }: Restore,
  place: RestorePlace,
): Promise<readonly string[]> {
  const states = await subscriptionsNow(stage, place, ports);
  return states
    .filter(({ state }) => state === "not confirmed")
    .map(({ address, topic }) => `${address} (${topic})`);
}

/** What is left for the person, after everything is there. */
export function restoreLines(result: RestoreResult, target: Target): readonly string[] {
  const { url, unconfirmed, stage } = result;
  const { tokenParameter } = namesOf(target.stage);
  return [
    ...(url === undefined ? [] : [`Give the Shortcut this address: ${url}`]),
    `The token is in ${tokenParameter}; npm run cli -- shortcut has both for the watch`,
    ...unconfirmed.map(
      (each) => `Confirm the mail of SNS to ${each} within two days: no alarm reaches it else`,
    ),
    `Look again: npm run cli -- verify --stage ${stage}${target.isLocal ? "" : ` --aws --region ${result.region}`}`,
  ];
}
