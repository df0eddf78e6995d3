import { namesOf } from "../../../lib/names.ts";
import { errorMessage, Failure, UsageError } from "../../cli/failure.ts";
import type { Target } from "../../cli/target.ts";
import { isYes } from "../../cli/terminal.ts";
import {
  planNotices,
  type PlannedStep,
  plannedSteps,
  restoredContext,
  restoredRuntime,
  restoredSubscriptions,
  type RestorePlace,
} from "./restore-plan.ts";
import type { Restore, RestoredPart, RestoreJournal, RestoreResult, StepResult } from "./restore-ports.ts";
import { verifyRestored } from "./verify-restored.ts";

/** Says what it will do, asks, does it step after step, and compares what came of it with the backup. */
export async function runRestore(restore: Restore): Promise<RestoreResult> {
  const { stage, ports, options, target } = restore;
  const place = await ports.place();
  refuseForeignAccount(restore, place);
  const replaced = await refuseOtherSecrets(restore, place);
  const steps = plannedSteps(stage, place);
  const journal = await restore.journal(place.accountId, place.region);
  sayPlan(restore, place, { steps, replaced, done: journal.done() });
  const common = { stage: target.stage, region: place.region, accountId: place.accountId };
  if (options.dryRun === true) {
    restore.say("Nothing was changed: this was a dry run.");
    return { did: "nothing", ...common, steps: [], unconfirmed: [], missing: [] };
  }
  await confirmRestore(restore, place);
  const results = await runSteps(restore, { place, steps, journal });
  await journal.finish();
  const { url, unconfirmed = "", missing = "" } = results.verify ?? {};
  return {
    did: "restored",
    ...common,
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
      "this is not a terminal, so it cannot ask: pass --yes, or --dry-run to see what would be done",
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
    // What stands at the end is asked again, whatever an earlier run found.
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
  verify: verifyRestored,
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

/**
 * SNS takes a subscription again that is there already, and sends another mail: so it is looked for first.
 */
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
