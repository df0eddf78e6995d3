import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { exitCodeOf } from "../../bin/cli/failure.ts";
import type { Runtime } from "../../local/runtime.ts";
import { builtProduction, type BuiltStage } from "./built-assembly.ts";
import { dictate, type DictationAnswer } from "./dictation.ts";
import { memoryTerminal, type MemoryTerminal } from "./memory-terminal.ts";
import { startScriptedRuntime } from "./scripted-runtime.ts";

const MINUTE = 60_000;

/** How a command ended. */
export interface Operated {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** Runs a command as the CLI would, on a terminal that keeps what was written. */
export async function operated(
  make: (terminal: MemoryTerminal) => Command,
  args: readonly string[],
  terminal: MemoryTerminal = memoryTerminal(),
): Promise<Operated> {
  const command = make(terminal)
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  for (const sub of command.commands)
    sub.exitOverride().configureOutput({ writeOut: terminal.out, writeErr: terminal.err });
  const before = exitCodeNow();
  process.exitCode = undefined;
  try {
    await command.parseAsync([...args], { from: "user" });
    return { code: Number(exitCodeNow() ?? 0), ...terminal.written };
  } catch (error) {
    return { code: exitCodeOf(error, terminal), ...terminal.written };
  } finally {
    process.exitCode = before;
  }
}

/** What a command that does not throw has set. */
function exitCodeNow(): typeof process.exitCode {
  return process.exitCode;
}

/** Gives each stage of a directory data of its own. */
let started = 0;

/** Production as it runs here on a manual clock, and its operator. */
export class OperatedStage {
  readonly system: Runtime;
  readonly clock: ManualClock;
  /** Where its assembly is built. */
  readonly directory: string;
  readonly data: string;

  private constructor(
    system: Runtime,
    { clock, directory, data }: Pick<OperatedStage, "clock" | "directory" | "data">,
  ) {
    this.system = system;
    this.clock = clock;
    this.directory = directory;
    this.data = data;
  }

  /** Starts what {@link builtProduction} has built, with nothing kept of an earlier start. */
  static async start(directory: string, startMs: number): Promise<OperatedStage> {
    started += 1;
    const clock = new ManualClock(startMs);
    const data = join(directory, `data-${started}`);
    const assemblyDirectory = join(directory, "cdk.out");
    const options = { assemblyDirectory, stage: "production", dataDirectory: data, clock } as const;
    return new OperatedStage(await startScriptedRuntime(options), { clock, directory, data });
  }

  /** Builds production and starts it; {@link remove} takes both away. */
  static async build(startMs: number, context?: BuiltStage["context"]): Promise<OperatedStage> {
    return OperatedStage.start(await builtProduction(context), startMs);
  }

  ask(text = "water the fern", mode = "note", token = this.system.token): Promise<DictationAnswer> {
    return dictate(this.system.addresses.functionUrl, token, { text, mode });
  }

  /** Minute by minute, so that what a minute starts is over before the next one. */
  async pass(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      await this.clock.advance(MINUTE);
      await this.system.settled();
    }
  }

  /** Runs a command of the operator on this stage. */
  operate(make: (terminal: MemoryTerminal) => Command, ...args: readonly string[]): Promise<Operated> {
    return operated(make, [...args, "--data", this.data]);
  }

  stop(): Promise<void> {
    return this.system.stop();
  }

  /** Stops it and removes what was built for it. */
  async remove(): Promise<void> {
    await this.stop();
    await rm(this.directory, { recursive: true });
  }
}
