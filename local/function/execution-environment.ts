import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Clock } from "@wrist-agent/cloudwatch/clock";
import { build } from "esbuild";
import type { FunctionDefinition } from "./function-records.ts";
import type { Boot, FromWorker, Invoke } from "./worker/protocol.ts";

/**
 * The environment variables of an execution environment: Lambda's own and the function's, and nothing else.
 *
 * The credentials are made up: the local AWS endpoint does not check signatures.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
 */
function environmentVariables(definition: FunctionDefinition, logStreamName: string): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: "ASIALOCAL00000000000",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_SESSION_TOKEN: sessionTokenOf(definition.functionName),
    ...definition.environment,
    ...reserved(definition, logStreamName),
  };
}

/** Made up per function, as AWS's are per role: by it the local AWS endpoint knows who calls. */
export function sessionTokenOf(functionName: string): string {
  return `local/${functionName}`;
}

function reserved(definition: FunctionDefinition, logStreamName: string): Record<string, string> {
  const variables: Record<string, string> = {
    _HANDLER: definition.handler,
    AWS_DEFAULT_REGION: definition.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${definition.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: definition.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: definition.version,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_FORMAT: definition.logFormat,
    AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_REGION: definition.region,
    LAMBDA_RUNTIME_DIR: "/var/runtime",
    LAMBDA_TASK_ROOT: definition.codeDirectory,
    LANG: "en_US.UTF-8",
    PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    TZ: ":UTC",
  };
  if (definition.logFormat === "JSON")
    variables.AWS_LAMBDA_LOG_LEVEL = definition.applicationLogLevel ?? "INFO";
  return variables;
}

let code: Promise<string> | undefined;

/** The program of a worker as plain JavaScript: the worker itself must not load a TypeScript loader. */
export function workerCode(): Promise<string> {
  return (code ??= bundle());
}

async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("./worker/bootstrap.ts", import.meta.url))],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "silent",
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error("esbuild wrote no worker program");
  return output.text;
}

/** How a wait for the worker ended: by its word, its death, or not in time. */
export type WorkerOutcome =
  | Exclude<FromWorker, { kind: "line" }>
  | { readonly kind: "exit"; readonly exitCode: number }
  | { readonly kind: "out-of-memory" }
  | { readonly kind: "timeout" };

/** Where an environment gets its time, its program and the ear for its lines. */
interface EnvironmentParts {
  readonly definition: FunctionDefinition;
  readonly code: string;
  readonly clock: Clock;
  readonly line: (text: string, environment: ExecutionEnvironment) => void;
  /** Of the environment that it takes the place of; a new one when missing. */
  readonly logStreamName?: string;
}

/** One worker that runs one invocation at a time, as one of Lambda's execution environments does. */
export class ExecutionEnvironment {
  readonly logStreamName: string;
  readonly #worker: Worker;
  readonly #clock: Clock;
  #alive = true;
  #last: WorkerOutcome | undefined;
  #settle: ((outcome: WorkerOutcome) => void) | undefined;

  constructor(parts: EnvironmentParts) {
    const { definition, code, clock, line } = parts;
    this.#clock = clock;
    this.logStreamName = parts.logStreamName ?? newLogStreamName(definition.version, clock.now());
    this.#worker = new Worker(code, workerOptions(definition, this.logStreamName, dateOffset(clock)));
    this.#worker.on("message", (message: FromWorker) => {
      if (message.kind === "line") line(message.text, this);
      else this.#finish(message);
    });
    this.#worker.on("error", (error) => this.#finish(deathOf(error)));
    this.#worker.on("exit", (exitCode) => {
      this.#alive = false;
      this.#finish({ kind: "exit", exitCode });
    });
  }

  /** False once its worker is gone; such an environment takes no further invocation. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Waits until the handler is loaded. */
  initialised(limitMs: number): Promise<WorkerOutcome> {
    return this.#outcome(limitMs);
  }

  /** Hands over an event and waits for its end; a worker that is not back in time is killed. */
  async invoke(invoke: Omit<Invoke, "dateOffsetMs">): Promise<WorkerOutcome> {
    this.#last = undefined;
    this.#worker.postMessage({ ...invoke, dateOffsetMs: dateOffset(this.#clock) } satisfies Invoke);
    return this.#outcome(invoke.timeoutMs);
  }

  async stop(): Promise<void> {
    this.#alive = false;
    await this.#worker.terminate();
  }

  async #outcome(limitMs: number): Promise<WorkerOutcome> {
    const outcome = await this.#settled(limitMs);
    const usable = outcome.kind === "ready" || outcome.kind === "result" || isHandled(outcome);
    if (!usable) await this.stop();
    return outcome;
  }

  #settled(limitMs: number): Promise<WorkerOutcome> {
    return new Promise((resolve) => {
      const finish = (outcome: WorkerOutcome): void => {
        clearTimeout(timer);
        this.#settle = undefined;
        resolve(outcome);
      };
      const timer = setTimeout(() => finish({ kind: "timeout" }), limitMs);
      this.#settle = finish;
      if (this.#last !== undefined) finish(this.#last);
    });
  }

  #finish(outcome: WorkerOutcome): void {
    this.#last ??= outcome;
    this.#settle?.(outcome);
    if (!isHandled(outcome) && outcome.kind === "error") this.#alive = false;
  }
}

function isHandled(outcome: WorkerOutcome): boolean {
  return outcome.kind === "error" && !outcome.fatal;
}

function deathOf(error: Error): WorkerOutcome {
  if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") return { kind: "out-of-memory" };
  return {
    kind: "error",
    error: { errorType: error.name, errorMessage: error.message, trace: error.stack?.split("\n") ?? [] },
    memoryBytes: 0,
    fatal: true,
  };
}

/** The heap as Lambda's own start script divides the memory. */
function workerOptions(
  definition: FunctionDefinition,
  stream: string,
  dateOffsetMs: number,
): ConstructorParameters<typeof Worker>[1] {
  const youngMb = Math.floor(definition.memoryMb / 10);
  const boot: Boot = {
    handler: definition.handler,
    codeDirectory: definition.codeDirectory,
    logFormat: definition.logFormat,
    logLevel: definition.applicationLogLevel ?? "INFO",
    dateOffsetMs,
  };
  return {
    eval: true,
    workerData: boot,
    env: environmentVariables(definition, stream),
    execArgv: [],
    argv: [],
    stdin: false,
    resourceLimits: {
      maxOldGenerationSizeMb: definition.memoryMb - youngMb,
      maxYoungGenerationSizeMb: Math.max(1, youngMb),
    },
  };
}

/** 0 for a clock that shows the system's time, so that `Date` stays untouched. */
function dateOffset(clock: Clock): number {
  const before = Date.now();
  const now = clock.now();
  return now >= before && now <= Date.now() ? 0 : now - before;
}

function newLogStreamName(version: string, nowMs: number): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[${version}]${randomBytes(16).toString("hex")}`;
}
