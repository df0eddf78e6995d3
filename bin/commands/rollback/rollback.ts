import { Failure } from "../../cli/failure.ts";
import type { Target } from "../../cli/target.ts";
import { type AskOperator, isYes, type OnInterrupt, type Terminal } from "../../cli/terminal.ts";

/**
 * What is asked of Lambda and CodeDeploy; every answer that is a refusal is thrown as a Failure with its
 * remedy.
 */
export interface RollbackAws {
  readonly read: (signal: AbortSignal) => Promise<Serving>;
  /** Nothing where Lambda does not say. */
  readonly stateOf: (version: string, signal: AbortSignal) => Promise<VersionState | undefined>;
  /** Where the alias points now; asked after a change, and so never interrupted. */
  readonly alias: () => Promise<LiveAlias>;
  /** All requests to one version, unless the alias moved since `revisionId` was read. */
  readonly move: (version: string, revisionId: string | undefined) => Promise<"moved" | "moved meanwhile">;
  /** Divides the requests, unless the alias moved since `revisionId` was read. */
  readonly divide: (alias: LiveAlias) => Promise<"moved" | "moved meanwhile">;
  /** The stage's alarms that want somebody now, as they are. */
  readonly alarms: (signal?: AbortSignal) => Promise<readonly WatchedAlarm[]>;
  /** Stops a deployment and lets CodeDeploy take it back. */
  readonly stop: (deploymentId: string) => Promise<"stopping" | "over">;
  readonly deployment: (deploymentId: string, signal: AbortSignal) => Promise<Deployment>;
  /** Ends the connections. */
  readonly close: () => void;
}

/** An alarm that turns a gradual rollback back. */
export interface WatchedAlarm {
  readonly name: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  readonly state: string;
  readonly reason: string;
}

/** The person and time. */
export interface Interaction {
  /** Missing without a terminal. */
  readonly ask?: AskOperator;
  readonly onInterrupt: OnInterrupt;
  /** Rejects when the signal fires. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Options of `rollback`, after parsing. */
export interface RollbackOptions {
  readonly to?: string;
  readonly list?: true;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly gradual?: true;
  /** Percent of the requests after each step of a gradual one; {@link DEFAULT_STEPS} when missing. */
  readonly steps?: readonly number[];
  /** Minutes that each step is watched; {@link DEFAULT_STEP_MINUTES} when missing. */
  readonly every?: number;
}

/** One rollback: what it works with, from its options to its end. */
export interface Rollback {
  readonly terminal: Terminal;
  readonly target: Target;
  readonly options: RollbackOptions;
  readonly aws: RollbackAws;
  readonly around: Interaction;
  readonly signal: AbortSignal;
  /** For people alone: with `--json` it goes to stderr. */
  readonly say: (line: string) => void;
}

/** What was done, for `--json` and for the words around it. */
export interface RollbackResult {
  readonly did: "moved" | "stopped" | "waited" | "nothing";
  /** Percent of the requests that each step of a gradual one sent. */
  readonly steps?: readonly number[];
  /** With `--dry-run`, what would have been done. */
  readonly would?: "move" | "stop" | "wait";
  readonly from: string;
  /** Missing where only CodeDeploy knows. */
  readonly to?: string;
  readonly deployment?: string;
}

/** Asks unless `--yes` is given; a person who says no, or presses Ctrl-C, has changed nothing. */
export async function confirmChange(
  { options, around, signal }: Pick<Rollback, "options" | "around" | "signal">,
  question: string,
): Promise<void> {
  const isWanted =
    options.yes === true || around.ask === undefined || isYes(await around.ask(`${question} (y/n) `, signal));
  if (signal.aborted) throw new Failure("interrupted: nothing was changed");
  if (!isWanted) throw new Failure("nothing was changed");
}

/** Whether Lambda can run a version, in its words: `Active`, `Inactive`, `Failed`, `Pending`. */
export interface VersionState {
  readonly name: string;
  readonly reason?: string;
}

/** A version that was published and can be gone back to. */
export interface PublishedVersion {
  /** Its number, as Lambda writes it. */
  readonly version: string;
  readonly publishedMs: number;
  readonly codeSha256: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Missing where it was not asked for, or Lambda does not say. */
  readonly state?: VersionState;
}

/** Where the alias sends requests. */
export interface LiveAlias {
  readonly version: string;
  /** Share of the requests, from 0 to 1, that other versions get. */
  readonly weights: Readonly<Record<string, number>>;
  /** Changes with every move of the alias; without it a move cannot be refused because of another. */
  readonly revisionId?: string;
}

/** A deployment of CodeDeploy. */
export interface Deployment {
  readonly id: string;
  readonly status: string;
  /** Who began it, in CodeDeploy's words; missing where it does not say. */
  readonly creator?: string;
  readonly createdMs?: number;
  /** The deployment that takes this one back. */
  readonly rollbackId?: string;
  /** What CodeDeploy says of its end. */
  readonly message?: string;
}

/** Everything that decides where to go back to, as AWS reported it at one moment. */
export interface Serving {
  readonly region: string;
  readonly functionName: string;
  /** Newest first. */
  readonly versions: readonly PublishedVersion[];
  readonly alias: LiveAlias;
  /** Deployments that have not ended, newest first. */
  readonly underWay: readonly Deployment[];
  /** Environments that the alias keeps initialised; missing without provisioned concurrency. */
  readonly provisioned?: number;
  /** What could not be asked, each with its reason. */
  readonly unasked: readonly string[];
}

const END_STATUSES: readonly string[] = ["Succeeded", "Failed", "Stopped"];

/** Whether CodeDeploy is done with a deployment. */
export function isDeploymentOver({ status }: Deployment): boolean {
  return END_STATUSES.includes(status);
}

/** Whether a deployment goes back already: stopping it would bring the bad version forward again. */
export function isRollbackDeployment({ creator }: Deployment): boolean {
  return creator === "codeDeployRollback" || creator === "CloudFormationRollback";
}

/** Every version that gets requests, the alias's own one first. */
export function servingVersions({ version, weights }: LiveAlias): readonly string[] {
  return [version, ...weightedVersions(weights).map(([other]) => other)];
}

/**
 * The newest version that gets requests; the alias's own where that is `$LATEST`, which no number compares
 * with.
 */
export function newestServingVersion(alias: LiveAlias): string {
  return servingVersions(alias).reduce((newest, each) => (Number(each) > Number(newest) ? each : newest));
}

/** Whether a version gets every request. */
export function isOnlyServing({ version, weights }: LiveAlias, wanted: string): boolean {
  return version === wanted && weightedVersions(weights).length === 0;
}

/** What the alias serves, as the end of a sentence: `version 41, and version 42 to 10 % of the requests`. */
export function servingText({ version, weights }: LiveAlias): string {
  const others = weightedVersions(weights).map(
    ([other, weight]) => `version ${other} to ${percentText(weight)} of the requests`,
  );
  return [`version ${version}`, ...others].join(", and ");
}

/** A share from 0 to 1 for people. */
export function percentText(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

function weightedVersions(weights: LiveAlias["weights"]): readonly (readonly [string, number])[] {
  return Object.entries(weights).filter(([, weight]) => weight > 0);
}

/** A state that keeps a version from answering at once; nothing for a healthy or unknown one. */
export function versionStateText({ state }: PublishedVersion): string | undefined {
  if (state === undefined || state.name === "Active") return undefined;
  return state.reason === undefined ? state.name : `${state.name} (${state.reason})`;
}
