import { CommanderError } from "commander";
import { messageOf, UsageError } from "./failure.ts";
import type { Terminal } from "./terminal.ts";

/** 0 done, 1 failed, 2 wrong usage. */
export type ExitCode = 0 | 1 | 2;

/** Turns whatever a command threw into one line for the person, and an exit code. */
export function exitCodeOf(error: unknown, terminal: Terminal): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  terminal.err(terminal.colours.red(`error: ${messageOf(error)}`));
  return error instanceof UsageError ? 2 : 1;
}
