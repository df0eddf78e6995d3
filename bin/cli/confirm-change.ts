import { Failure, UsageError } from "./failure.ts";
import type { Target } from "./target.ts";
import { askAtTerminal, type AskOperator, isYes } from "./terminal.ts";

/** What a person is asked before a deployed stage is changed. */
export interface ChangeQuestion {
  readonly target: Target;
  /** `change the token of production`. */
  readonly change: string;
  /** Given with `--yes`. */
  readonly yes: true | undefined;
}

/**
 * Asks before a deployed stage is changed; a system on this machine is changed at once.
 *
 * Throws where nobody can be asked and `--yes` was not given, and where the answer is no.
 */
export async function confirmDeployedChange(
  { target, change, yes }: ChangeQuestion,
  ask: AskOperator | undefined = askAtTerminal(),
): Promise<void> {
  if (target.isLocal || yes === true) return;
  if (ask === undefined)
    throw new UsageError("nobody can be asked here, as this is no terminal: pass --yes to change it unasked");
  const answer = await ask(`${target.where}: ${change}? (y/n) `, new AbortController().signal);
  if (!isYes(answer)) throw new Failure("nothing was changed");
}
