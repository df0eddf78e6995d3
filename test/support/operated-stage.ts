import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { vi } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { exitCodeOf } from "../../bin/cli/failure.ts";
import type { Stage } from "../../lib/config/stage.ts";
import { startRuntime, type Runtime } from "../../local/runtime.ts";
import { ownIdentity } from "../../local/journal/process-identity.ts";
import { dictate, type DictationAnswer } from "./dictation.ts";
import { memoryTerminal, type MemoryTerminal } from "./memory-terminal.ts";

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

/** Makes `--aws` of every command reach `endpoint`, with credentials that nobody checks, until the test is over. */
export function signInTo(endpoint: string, region = "us-west-2"): void {
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "reader");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "nobody checks it");
  vi.stubEnv("AWS_REGION", region);
}

/** A data directory that leads commands to the system through `endpoint`, such as a faulty AWS before it. */
export async function dataLedThrough(
  { system }: OperatedStage,
  data: string,
  endpoint: string,
): Promise<string> {
  const { stage, addresses, token } = system;
  await mkdir(data, { recursive: true });
  const running = { ...ownIdentity(), stage, ...addresses, awsEndpoint: endpoint };
  await writeFile(join(data, "running.json"), JSON.stringify(running));
  await writeFile(join(data, "token"), token);
  return data;
}

/** A stage that runs here on a manual clock, and its operator. */
export class OperatedStage {
  readonly system: Runtime;
  readonly clock: ManualClock;
  readonly data: string;

  private constructor(system: Runtime, clock: ManualClock, data: string) {
    this.system = system;
    this.clock = clock;
    this.data = data;
  }

  /** Starts the assembly `cdk.out` of a directory. */
  static async start(
    directory: string,
    { stage, startMs, name }: { readonly stage: Stage; readonly startMs: number; readonly name: string },
  ): Promise<OperatedStage> {
    const clock = new ManualClock(startMs);
    const dataDirectory = join(directory, name);
    const system = await startRuntime({
      assemblyDirectory: join(directory, "cdk.out"),
      stage,
      dataDirectory,
      ports: { page: 0, url: 0, aws: 0 },
      model: "scripted",
      clock,
      latency: "none",
      requestColumns: [],
      callerEnvironment: {},
    });
    return new OperatedStage(system, clock, dataDirectory);
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
}
