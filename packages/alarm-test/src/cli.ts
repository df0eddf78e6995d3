#!/usr/bin/env node
import { processOutput } from "./commands/output.ts";
import { alarmTestProgram, exitCodeOf } from "./program.ts";

const output = processOutput();
try {
  await alarmTestProgram(output).parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error, output);
}
