import { CommanderError } from "commander";
import { UsageError as AlarmTestUsageError } from "cw-alarm-test/commands/output";
import type { Terminal } from "./terminal.ts";

/** The user's mistake on the command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something that was asked for rightly and could not be done: exit code 1. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** The message of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** 0 done, 1 failed, 2 wrong usage. */
type ExitCode = 0 | 1 | 2;

/** Turns whatever a command threw into one line for the person, and an exit code. */
export function exitCodeOf(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  terminal.err(terminal.colours.red(`error: ${errorMessage(error)}`));
  return error instanceof UsageError || error instanceof AlarmTestUsageError ? 2 : 1;
}
