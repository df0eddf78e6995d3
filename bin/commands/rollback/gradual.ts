import { errorMessage, Failure, UsageError } from "../../cli/failure.ts";
import { targetCommand } from "../../cli/target.ts";
import { chooseRollback, type RollbackChoice } from "./version-list.ts";
import {
  confirmChange,
  isOnlyServing,
  type LiveAlias,
  type Rollback,
  type RollbackResult,
  type Serving,
  servingText,
  servingVersions,
  type WatchedAlarm,
} from "./rollback.ts";

/** Percent of the requests that go to the other version after each step. */
export const DEFAULT_STEPS: readonly number[] = [10, 50, 100];

/** Minutes that each step is watched before the next. */
export const DEFAULT_STEP_MINUTES = 5;

const POLL_MS = 15_000;

/** Alarms that cannot be read for a minute are not watched any more. */
const MAX_UNREAD_POLLS = 4;

/** A shift of requests from one version to another. */
interface Shift {
  readonly rollback: Rollback;
  readonly from: string;
  readonly to: string;
  /** Where the requests went before. */
  readonly before: LiveAlias;
  /** Alarms that were raised before the first step: they say nothing of it until they have been OK. */
  readonly raisedBefore: Set<string>;
}

/**
 * Goes to a version by steps and watches the alarms; a new alarm, Ctrl-C or a failure sends every request
 * back.
 */
export async function rollBackGradually(rollback: Rollback, serving: Serving): Promise<RollbackResult> {
  const { options, say } = rollback;
  const to = gradualVersion(rollback, serving);
  const { version: from, weights } = serving.alias;
  const steps = (options.steps ?? DEFAULT_STEPS).filter((percent) => percent > (weights[to] ?? 0) * 100);
  const alarms = await watchableAlarms(rollback);
  planLines({ rollback, serving, to, steps, alarms }).forEach(say);
  if (options.dryRun === true) {
    say("Nothing was changed: this was a dry run.");
    return { did: "nothing", would: "move", from, to, steps };
  }
  await confirmChange(rollback, `Shift the requests to version ${to} by ${steps.length} steps?`);
  const raisedBefore = new Set(raised(alarms).map(({ name }) => name));
  const before = { version: from, weights: {} };
  const shift: Shift = { rollback, from, to, before, raisedBefore };
  await shiftBySteps(shift, steps, serving.alias);
  say(rollback.terminal.colours.green(`${rollback.target.where}: version ${to} serves every request now`));
  return { did: "moved", from, to, steps };
}

function raised(alarms: readonly WatchedAlarm[]): readonly WatchedAlarm[] {
  return alarms.filter(({ state }) => state === "ALARM");
}

/** The version to go to: as for a rollback at once, or the one that a shift was interrupted with. */
function gradualVersion({ target, options }: Rollback, serving: Serving): string {
  const { alias, provisioned } = serving;
  if (provisioned !== undefined)
    throw new Failure(
      `${target.where}: the alias has provisioned concurrency, and Lambda divides no such alias: go back at once, with ${targetCommand(target, "rollback")}`,
    );
  const [, ...others] = servingVersions(alias);
  const [under] = others;
  if (under !== undefined && (options.to ?? under) === under && serving.underWay.length === 0) return under;
  if (under !== undefined)
    throw new Failure(
      `${target.where}: the alias serves ${servingText(alias)} already: end that shift with ${targetCommand(target, "rollback")}, or go on with --to ${under}`,
    );
  return movedTo(target.where, chooseRollback(serving, options.to));
}

function movedTo(where: string, choice: RollbackChoice): string {
  if (choice.kind === "refused") throw new Failure(`${where}: ${choice.reason}`);
  if (choice.kind === "move") return choice.to.version;
  throw new Failure(
    `${where}: deployment ${choice.deployment.id} is under way (${choice.deployment.status}) and shifts requests itself: rollback without --gradual ends it`,
  );
}

/** Without an alarm nothing would turn a bad shift back. */
async function watchableAlarms({ aws, target, signal }: Rollback): Promise<readonly WatchedAlarm[]> {
  const alarms = await aws.alarms(signal);
  if (alarms.length > 0) return alarms;
  throw new Failure(
    `${target.where} has no alarm that pages somebody, so nothing could turn a shift back: deploy the monitoring (npm run deploy -- --stage ${target.stage} --only monitoring), or go back at once, without --gradual`,
  );
}

interface GradualPlan {
  readonly rollback: Rollback;
  readonly serving: Serving;
  readonly to: string;
  readonly steps: readonly number[];
  readonly alarms: readonly WatchedAlarm[];
}

function planLines({ rollback, serving, to, steps, alarms }: GradualPlan): readonly string[] {
  const { target, options } = rollback;
  const minutes = options.every ?? DEFAULT_STEP_MINUTES;
  const before = raised(alarms);
  return [
    `${target.where}: ${serving.functionName} in ${serving.region} serves ${servingText(serving.alias)}`,
    `version ${to} would get ${steps.map((percent) => `${percent} %`).join(", ")} of the requests, a step every ${minutesText(minutes)}: ${minutesText(minutes * steps.length)} in all`,
    `watched: ${alarms.map(({ name }) => name).join(", ")}; one that is raised, or Ctrl-C, sends every request to version ${serving.alias.version} again`,
    ...before.map(
      ({ name }) =>
        `${name} is raised already: it counts again once it has been OK. Where people get errors now, go back at once: ${targetCommand(target, "rollback")}`,
    ),
  ];
}

function minutesText(minutes: number): string {
  return minutes === 1 ? "minute" : `${minutes} minutes`;
}

/** Why a shift was stopped; it is shown once the requests are back. */
class ShiftStopped extends Error {}

async function shiftBySteps(shift: Shift, steps: readonly number[], alias: LiveAlias): Promise<void> {
  const { rollback, to } = shift;
  let now = alias;
  for (const percent of steps) {
    try {
      now = await takeStep(shift, percent, now);
      await watchStep(shift, percent);
    } catch (error) {
      throw await returned(shift, error);
    }
  }
  const end = await rollback.aws.alias();
  if (!isOnlyServing(end, to))
    throw new Failure(
      `${rollback.target.where}: the alias serves ${servingText(end)} now: somebody else moves it too. Look again with ${targetCommand(rollback.target, "rollback --list")}`,
    );
}

/** Somebody else moves the alias: what they did is left alone. */
class MovedMeanwhile extends Failure {}

async function takeStep({ rollback, from, to }: Shift, percent: number, now: LiveAlias): Promise<LiveAlias> {
  const { aws, target, say, signal } = rollback;
  if (signal.aborted) throw new ShiftStopped("interrupted");
  const { revisionId } = now;
  const route =
    percent === 100 ? { version: to, weights: {} } : { version: from, weights: { [to]: percent / 100 } };
  const outcome = await aws.divide({ ...route, ...(revisionId !== undefined && { revisionId }) });
  const after = await aws.alias();
  if (outcome === "moved meanwhile")
    throw new MovedMeanwhile(
      `${target.where}: somebody else moved the alias meanwhile, and it serves ${servingText(after)} now: that is left as it is. Look again with ${targetCommand(target, "rollback --list")}`,
    );
  say(`${percent} %: the alias serves ${servingText(after)}`);
  return after;
}

async function watchStep(shift: Shift, percent: number): Promise<void> {
  const { rollback, to } = shift;
  const { options, around, signal, terminal } = rollback;
  const watchedMs = (options.every ?? DEFAULT_STEP_MINUTES) * 60_000;
  await terminal.progress(`watching the alarms with ${percent} % at version ${to}`, async (show) => {
    let unread = 0;
    for (let waitedMs = 0; waitedMs < watchedMs; waitedMs += POLL_MS) {
      show(
        `watching the alarms with ${percent} % at version ${to}: ${Math.ceil((watchedMs - waitedMs) / 60_000)} min left`,
      );
      await around.wait(Math.min(POLL_MS, watchedMs - waitedMs), signal).catch((error: unknown) => {
        throw signal.aborted ? new ShiftStopped("interrupted") : error;
      });
      unread = await checkAlarms(shift, unread);
    }
  });
}

/**
 * How many times in a row the alarms could not be read; throws when one is raised, or they are not known for
 * too long.
 */
async function checkAlarms({ rollback, raisedBefore }: Shift, unread: number): Promise<number> {
  const { aws, signal } = rollback;
  const alarms = await aws.alarms(signal).catch((error: unknown) => {
    if (signal.aborted) throw new ShiftStopped("interrupted");
    if (unread + 1 >= MAX_UNREAD_POLLS)
      throw new ShiftStopped(`the alarms could not be read: ${errorMessage(error)}`);
    return undefined;
  });
  if (alarms === undefined) return unread + 1;
  const raisedNow = raised(alarms);
  for (const name of raisedBefore)
    if (!raisedNow.some((alarm) => alarm.name === name)) raisedBefore.delete(name);
  const [first] = raisedNow.filter(({ name }) => !raisedBefore.has(name));
  if (first !== undefined) throw new ShiftStopped(`${first.name} is raised (${first.reason})`);
  return 0;
}

/** Sends every request back to where it went before, and says how things stand, whatever happens. */
async function returned({ rollback, before }: Shift, cause: unknown): Promise<Error> {
  if (cause instanceof MovedMeanwhile) return cause;
  const { aws, target } = rollback;
  const why = errorMessage(cause);
  try {
    const { revisionId } = await aws.alias();
    await aws.divide({ ...before, ...(revisionId !== undefined && { revisionId }) });
    const now = await aws.alias();
    if (isOnlyServing(now, before.version))
      return new Failure(`${target.where}: ${why}: version ${before.version} serves every request again`, {
        cause,
      });
    return new Failure(
      `${target.where}: ${why}: the alias serves ${servingText(now)} now, as somebody else moves it too. Look again with ${targetCommand(target, "rollback --list")}`,
      { cause },
    );
  } catch (error) {
    return new Failure(
      `${target.where}: ${why}; and the alias could not be set back (${errorMessage(error)}). Requests are divided until it is: ${targetCommand(target, `rollback --to ${before.version}`)}`,
      { cause: error },
    );
  }
}

/** `10,50,100`: rising, and every request at the end. */
export function parseSteps(text: string): readonly number[] | undefined {
  const steps = text.split(",").map((part) => Number(part.trim()));
  const isRising = steps.every((percent, at) => percent > (steps[at - 1] ?? 0));
  return isRising && steps.every((percent) => percent <= 100) && steps.at(-1) === 100 ? steps : undefined;
}

/** Options that mean nothing without `--gradual`. */
export function refuseStepsAlone({ gradual, steps, every }: Rollback["options"]): void {
  if (gradual === true || (steps === undefined && every === undefined)) return;
  throw new UsageError("--steps and --every belong to --gradual: without it the alias moves at once");
}
