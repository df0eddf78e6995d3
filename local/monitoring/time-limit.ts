import { Script } from "node:vm";

/** Something took longer than it may, and was stopped. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

const NAME = "wrist-agent.limited";
const SLOT = Symbol.for(NAME);
const slots = globalThis as { [SLOT]?: (() => void) | undefined };
/** Runs whatever stands in the slot: only a script can be stopped from outside while it computes. */
const CALL = new Script(`globalThis[Symbol.for(${JSON.stringify(NAME)})]()`);

/**
 * Computes something that does not wait, for at most `limitMs` of time; what it has not finished by then is
 * stopped, also in the middle of a regular expression, and a {@link TimeLimitError} is thrown. It must leave
 * nothing half changed behind.
 */
export function withTimeLimit<Result>(limitMs: number, compute: () => Result): Result {
  const results: Result[] = [];
  const outer = slots[SLOT];
  slots[SLOT] = () => void results.push(compute());
  try {
    CALL.runInThisContext({ timeout: limitMs });
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw new TimeLimitError(`it took longer than ${limitMs / 1000} s and was stopped`, { cause: error });
  } finally {
    slots[SLOT] = outer;
  }
  return results[0] as Result;
}

function isTimeout(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}
