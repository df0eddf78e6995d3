import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { Command } from "commander";
import { exitCodeOf } from "../../bin/cli/failure.ts";
import { ownIdentity } from "../../local/journal/process-identity.ts";
import { type Runtime, startRuntime } from "../../local/runtime.ts";
import { type Between, startBetween } from "./between.ts";
import { buildAssembly, type BuiltStage } from "./built-assembly.ts";
import { memoryTerminal, type MemoryTerminal } from "./memory-terminal.ts";

/** What a command wrote and how it ended. */
export interface CommandRun {
  readonly code: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

const MINUTE = 60_000;

/** A whole system on a clock that the test moves, and a server in front of its AWS endpoint that can be made to fail. */
export class OnCallStage {
  readonly system: Runtime;
  readonly clock: ManualClock;
  readonly between: Between;
  /** A data directory that leads commands through {@link OnCallStage.between}. */
  readonly data: string;
  readonly #directory: string;

  private constructor(parts: {
    system: Runtime;
    clock: ManualClock;
    between: Between;
    data: string;
    directory: string;
  }) {
    this.system = parts.system;
    this.clock = parts.clock;
    this.between = parts.between;
    this.data = parts.data;
    this.#directory = parts.directory;
  }

  static async start(
    startMs: number,
    built: BuiltStage = { stage: "production", context: { alarmEmail: "on-call@example.com" } },
  ): Promise<OnCallStage> {
    const directory = await mkdtemp(join(tmpdir(), "wrist-agent-on-call-"));
    buildAssembly(join(directory, "cdk.out"), built);
    const clock = new ManualClock(startMs);
    const system = await startRuntime({
      assemblyDirectory: join(directory, "cdk.out"),
      stage: built.stage,
      dataDirectory: join(directory, "own"),
      ports: { page: 0, url: 0, aws: 0 },
      model: "scripted",
      clock,
      latency: "none",
      requestColumns: [],
      callerEnvironment: {},
    });
    const between = await startBetween(system.addresses.awsEndpoint);
    const data = await mkdtemp(join(directory, "led-"));
    const running = { ...ownIdentity(), stage: built.stage, ...system.addresses, awsEndpoint: between.url };
    await writeFile(join(data, "running.json"), JSON.stringify(running));
    await writeFile(join(data, "token"), system.token);
    return new OnCallStage({ system, clock, between, data, directory });
  }

  async stop(): Promise<void> {
    await this.between.stop();
    await this.system.stop();
    await rm(this.#directory, { recursive: true });
  }

  /** Minute by minute, so that what a minute starts is over before the next one. */
  async pass(minutes: number): Promise<void> {
    for (let minute = 0; minute < minutes; minute += 1) {
      await this.clock.advance(MINUTE);
      await this.system.settled();
    }
  }

  /** Runs a command on the system. */
  async run(make: (terminal: MemoryTerminal) => Command, ...words: readonly string[]): Promise<CommandRun> {
    const terminal = memoryTerminal();
    const command = make(terminal)
      .exitOverride()
      .configureOutput({ writeErr: terminal.err, writeOut: terminal.out });
    for (const sub of command.commands) sub.exitOverride();
    const { out, err } = terminal.written;
    try {
      await command.parseAsync([...words, "--data", this.data], { from: "user" });
      return { code: 0, out, err };
    } catch (error) {
      return { code: exitCodeOf(error, terminal), out, err };
    }
  }

  state(alarmName: string): string | undefined {
    return this.system.alarms().find((alarm) => alarm.alarmName === alarmName)?.state;
  }
}
