import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { exitCodeOf } from "../../bin/cli/failure.ts";
import { rollbackCommand } from "../../bin/commands/rollback.ts";
import type { Interaction } from "../../bin/commands/rollback/rollback.ts";
import type { HttpFake } from "./http-fake.ts";
import { memoryTerminal, type MemoryTerminal } from "./memory-terminal.ts";
import { rollbackAws, rollbackWorld, type RollbackWorld } from "./rollback-aws.ts";
import { ownIdentity } from "../../local/journal/data-directory.ts";

const DEPLOYED = ["--aws", "--stage", "production", "--region", "eu-west-1"];

/** The real command and SDK clients, against a world that the test changes. */
export class RollbackRun {
  readonly world: RollbackWorld;
  readonly fake: HttpFake;
  /** Operations that AWS was asked, in order. */
  readonly calls: readonly string[];
  readonly terminal: MemoryTerminal = memoryTerminal();
  readonly questions: string[] = [];
  /** What happens at CodeDeploy while the command waits, a step for each wait. */
  meanwhile: (() => void)[] = [];
  waits = 0;
  waitedMs = 0;
  /** Where the requests went at the end of each wait, as JSON. */
  readonly routes: string[] = [];
  /** Who listens for Ctrl-C. */
  readonly interrupts = new Set<() => void>();

  constructor(world: RollbackWorld, { fake, calls }: { fake: HttpFake; calls: readonly string[] }) {
    [this.world, this.fake, this.calls] = [world, fake, calls];
  }

  /** Starts AWS; {@link RollbackRun.stop} ends it. */
  static async start(): Promise<RollbackRun> {
    const world = rollbackWorld();
    const served = await rollbackAws(world);
    vi.stubEnv("AWS_ENDPOINT_URL", served.fake.url);
    vi.stubEnv("AWS_ACCESS_KEY_ID", "testing");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testing");
    vi.stubEnv("AWS_MAX_ATTEMPTS", "1");
    vi.stubEnv("AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED", "true");
    return new RollbackRun(world, served);
  }

  async stop(): Promise<void> {
    vi.unstubAllEnvs();
    await this.fake.stop();
  }

  /** Runs it where nobody can be asked, on production in eu-west-1, and gives its exit code. */
  run(...options: readonly string[]): Promise<number> {
    return this.#run(undefined, [...DEPLOYED, ...options]);
  }

  /** Runs it on a system on this machine, whose AWS endpoint is the world's. */
  async runHere(...options: readonly string[]): Promise<number> {
    const data = await mkdtemp(join(tmpdir(), "rollback-"));
    const { url } = this.fake;
    const running = { ...ownIdentity(), stage: "production", page: url, functionUrl: url, awsEndpoint: url };
    await writeFile(join(data, "running.json"), JSON.stringify(running));
    await writeFile(join(data, "token"), "s3cret");
    try {
      return await this.#run(undefined, ["--data", data, ...options]);
    } finally {
      await rm(data, { recursive: true });
    }
  }

  /** Runs it for somebody who answers every question so. */
  runFor(answer: string, ...options: readonly string[]): Promise<number> {
    return this.#run(answer, [...DEPLOYED, ...options]);
  }

  async #run(answer: string | undefined, options: readonly string[]): Promise<number> {
    const command = rollbackCommand(this.terminal, this.#around(answer))
      .exitOverride()
      .configureOutput({ writeErr: (text) => this.terminal.err(text) });
    try {
      await command.parseAsync(options, { from: "user" });
    } catch (error) {
      return exitCodeOf(error, this.terminal);
    }
    return 0;
  }

  #around(answer: string | undefined): Interaction {
    return {
      ...(answer !== undefined && {
        ask: (question: string) => {
          this.questions.push(question);
          return Promise.resolve(answer);
        },
      }),
      onInterrupt: (interrupt) => {
        this.interrupts.add(interrupt);
        return () => void this.interrupts.delete(interrupt);
      },
      wait: (milliseconds, signal) => {
        this.waits += 1;
        this.waitedMs += milliseconds;
        this.meanwhile.shift()?.();
        this.routes.push(JSON.stringify(this.serving()));
        return signal.aborted ? Promise.reject(new Error("aborted")) : Promise.resolve();
      },
    };
  }

  /** Ctrl-C. */
  readonly interrupt = (): void => this.interrupts.forEach((each) => each());

  said(): string {
    return this.terminal.written.out.join("\n");
  }

  complained(): string {
    return this.terminal.written.err.join("\n");
  }

  /** Where the requests go now. */
  serving(): object {
    return { version: this.world.alias?.FunctionVersion, weights: this.world.alias?.weights };
  }
}
