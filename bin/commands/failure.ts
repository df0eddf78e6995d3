/** The user's mistake on the command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something that was asked for rightly and could not be done: exit code 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
