import { Failure } from "../../failure.ts";
import { isYes } from "../../person.ts";
import type { Terminal } from "../../terminal.ts";
import type { Target } from "../target.ts";
import type { RollbackAws, Surroundings } from "./edges.ts";

/** Options of `rollback`, after parsing. */
export interface RollbackOptions {
  readonly to?: string;
  readonly list?: true;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** One rollback: what it works with, from its options to its end. */
export interface Rollback {
  readonly terminal: Terminal;
  readonly target: Target;
  readonly options: RollbackOptions;
  readonly aws: RollbackAws;
  readonly around: Surroundings;
  readonly signal: AbortSignal;
  /** For people alone: with `--json` it goes to stderr. */
  readonly say: (line: string) => void;
}

/** What was done, for `--json` and for the words around it. */
export interface Did {
  readonly did: "moved" | "stopped" | "waited" | "nothing";
  /** With `--dry-run`, what would have been done. */
  readonly would?: "move" | "stop" | "wait";
  readonly from: string;
  /** Missing where only CodeDeploy knows. */
  readonly to?: string;
  readonly deployment?: string;
}

/** Asks unless told not to; a person who says no, or presses Ctrl-C, has changed nothing. */
export async function confirm(
  { options, around, signal }: Pick<Rollback, "options" | "around" | "signal">,
  question: string,
): Promise<void> {
  const isWanted =
    options.yes === true || around.ask === undefined || isYes(await around.ask(`${question} (y/n) `, signal));
  if (signal.aborted) throw new Failure("interrupted: nothing was changed");
  if (!isWanted) throw new Failure("nothing was changed");
}
