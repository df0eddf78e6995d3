import { Failure } from "../../cli/failure.ts";
import type { Target } from "../../cli/target.ts";
import { type AskOperator, isYes, type OnInterrupt, type Terminal } from "../../cli/terminal.ts";
import type { Deployment, LiveAlias, Serving, VersionState } from "./serving.ts";

/** What is asked of Lambda and CodeDeploy; every answer that is a refusal is thrown as a Failure with its remedy. */
export interface RollbackAws {
  readonly read: (signal: AbortSignal) => Promise<Serving>;
  /** Nothing where Lambda does not tell. */
  readonly stateOf: (version: string, signal: AbortSignal) => Promise<VersionState | undefined>;
  /** Where the alias points now; asked after a change, and so never broken off. */
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

/** Asks unless told not to; a person who says no, or presses Ctrl-C, has changed nothing. */
export async function confirmChange(
  { options, around, signal }: Pick<Rollback, "options" | "around" | "signal">,
  question: string,
): Promise<void> {
  const isWanted =
    options.yes === true || around.ask === undefined || isYes(await around.ask(`${question} (y/n) `, signal));
  if (signal.aborted) throw new Failure("interrupted: nothing was changed");
  if (!isWanted) throw new Failure("nothing was changed");
}
