import type { Cancel, Clock } from "@wrist-agent/cloudwatch/clock";
import { ExecutionEnvironment, workerCode, type WorkerOutcome } from "./execution-environment.ts";
import {
  type AccountConcurrency,
  type FunctionDefinition,
  type FunctionRecords,
  type InFlight,
  type InvocationStatus,
  invokedFunctionArn,
  newTraceId,
  runtimeRefusal,
} from "./function-records.ts";
import {
  type InitFailure,
  invocationEnding,
  type InvocationEnding,
  type InvocationReport,
  systemLines,
  type SystemLines,
} from "./invocation-report.ts";
import type { FunctionError } from "./worker/protocol.ts";

/** What became of an invocation; `payload` is the handler's result as JSON text. */
export type Invocation =
  | { readonly kind: "result"; readonly payload: string }
  | { readonly kind: "error"; readonly error: FunctionError }
  | { readonly kind: "timeout"; readonly error: FunctionError }
  | { readonly kind: "throttled" };

/** How the caller of an invocation names it. */
export interface InvocationNames {
  readonly requestId: string;
  /** In the form of the `X-Amzn-Trace-Id` header; a new one when missing. */
  readonly traceId?: string;
  /** Hears every line of the log that belongs to this invocation. */
  readonly onLogLine?: (line: string) => void;
}

/** The world of a function: its clock and who hears of its lines and invocations. */
export interface FunctionPorts {
  readonly clock: Clock;
  readonly records: Pick<FunctionRecords, "log" | "invocation">;
  /** Shared by all versions of a function; a count of its own when missing. */
  readonly inFlight?: InFlight;
  /** What functions without reserved concurrency share; no bound when missing. */
  readonly account?: AccountConcurrency;
  /**
   * How long a handler may take to load before it is loaded again, milliseconds; Lambda's ten seconds when
   * missing.
   */
  readonly initLimitMs?: number;
}

type Named = InvocationNames & Required<Pick<InvocationNames, "traceId">>;

interface Idle {
  readonly environment: ExecutionEnvironment;
  readonly sinceMs: number;
}

interface Run {
  readonly environment: ExecutionEnvironment;
  readonly outcome: WorkerOutcome;
  readonly startMs: number;
  readonly durationMs: number;
  readonly initDurationMs?: number;
}

const INIT_LIMIT_MS = 10_000;
const IDLE_LIMIT_MS = 10 * 60_000;
const MEGABYTE = 1024 * 1024;

/**
 * Runs a bundled asset as Lambda does: environments that start cold, stay warm, and write Lambda's log lines.
 */
export class LambdaFunction {
  readonly definition: FunctionDefinition;
  readonly #ports: FunctionPorts;
  readonly #lines: SystemLines;
  readonly #environments = new Set<ExecutionEnvironment>();
  readonly #cancelReaping: Cancel;
  readonly #inFlight: InFlight;
  readonly #hearers = new Map<ExecutionEnvironment, (line: string) => void>();
  #idle: Idle[] = [];
  #isRetired = false;
  #isStopped = false;

  constructor(definition: FunctionDefinition, ports: FunctionPorts) {
    const refusal = runtimeRefusal(definition.runtime);
    if (refusal !== undefined) throw new Error(`function ${definition.functionName} ${refusal}`);
    this.definition = definition;
    this.#ports = ports;
    this.#inFlight = ports.inFlight ?? { count: 0 };
    this.#lines = systemLines(definition);
    this.#cancelReaping = ports.clock.every(60_000, (nowMs) => this.#reap(nowMs));
  }

  /** Runs the handler once; every line it wrote has reached the records when this resolves. */
  async invoke(event: unknown, names: InvocationNames): Promise<Invocation> {
    if (!this.#isFree()) return this.#throttle(names.requestId);
    const counts = this.#counts();
    for (const count of counts) count.count += 1;
    const concurrentExecutions = this.#inFlight.count;
    try {
      const run = await this.#run(JSON.stringify(event), names);
      return await this.#conclude(run, names.requestId, concurrentExecutions);
    } finally {
      for (const count of counts) count.count -= 1;
    }
  }

  /** Reserved concurrency is a function's own; the others share the account's. */
  #isFree(): boolean {
    const { reservedConcurrency } = this.definition;
    const { account = { count: 0, limit: Infinity } } = this.#ports;
    return reservedConcurrency === undefined
      ? account.count < account.limit
      : this.#inFlight.count < reservedConcurrency;
  }

  #counts(): readonly InFlight[] {
    const { account } = this.#ports;
    const isShared = account !== undefined && this.definition.reservedConcurrency === undefined;
    return isShared ? [this.#inFlight, account] : [this.#inFlight];
  }

  /**
   * Ends idle environments, and the others with their invocation: nobody will ask this version under this
   * name again.
   */
  async retire(): Promise<void> {
    this.#isRetired = true;
    this.#cancelReaping();
    const idle = this.#idle;
    this.#idle = [];
    await Promise.all(idle.map(({ environment }) => this.#end(environment)));
  }

  /** Ends every environment; an invocation still under way, and any later one, ends in an error. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelReaping();
    this.#idle = [];
    await Promise.all([...this.#environments].map((environment) => environment.stop()));
    this.#environments.clear();
  }

  #run(event: string, given: InvocationNames): Promise<Run> {
    const names = { traceId: newTraceId(this.#ports.clock.now()), ...given };
    const warm = this.#takeIdle();
    if (warm === undefined) return this.#runCold(event, names);
    this.#listen(warm, names);
    return this.#runOn(warm, event, names);
  }

  async #runCold(event: string, names: Named): Promise<Run> {
    const { clock, initLimitMs = INIT_LIMIT_MS } = this.#ports;
    const environment = await this.#newEnvironment(names);
    const began = performance.now();
    this.#log(environment, this.#lines.initStart(clock.now()));
    const outcome = await environment.initialised(initLimitMs);
    const initDurationMs = performance.now() - began;
    if (outcome.kind === "ready")
      return { ...(await this.#runOn(environment, event, names)), initDurationMs };
    const startMs = clock.now();
    const durationMs = initDurationMs;
    const failure = { ...initFailure(outcome), durationMs, phase: "init" } as const;
    this.#log(environment, this.#lines.initReport(startMs, failure));
    if (outcome.kind === "timeout") return this.#runAfterLateInit(environment, event, names);
    this.#log(environment, this.#lines.start(startMs, names.requestId));
    return { environment, outcome, startMs, durationMs };
  }

  async #newEnvironment(names: Named, logStreamName?: string): Promise<ExecutionEnvironment> {
    const environment = new ExecutionEnvironment({
      definition: this.definition,
      code: await workerCode(),
      clock: this.#ports.clock,
      line: (text, from) => this.#log(from, [text]),
      ...(logStreamName !== undefined && { logStreamName }),
    });
    this.#environments.add(environment);
    this.#listen(environment, names);
    // Requests come until the servers are stopped, which is after the functions.
    if (this.#isStopped) await environment.stop();
    return environment;
  }

  /**
   * Loads a handler that was not there in time once more, as a part of the invocation and within its time.
   * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
   */
  async #runAfterLateInit(late: ExecutionEnvironment, event: string, names: Named): Promise<Run> {
    const { clock } = this.#ports;
    const timeoutMs = this.definition.timeoutSeconds * 1000;
    const startMs = clock.now();
    const began = performance.now();
    const passedMs = (): number => performance.now() - began;
    this.#log(late, this.#lines.start(startMs, names.requestId));
    const environment = await this.#newEnvironment(names, late.logStreamName);
    this.#environments.delete(late);
    this.#hearers.delete(late);
    const outcome = await environment.initialised(timeoutMs);
    if (outcome.kind === "ready") {
      const leftMs = Math.max(0, timeoutMs - passedMs());
      const ended = await this.#invokeOn(environment, event, { ...names, timeoutMs: leftMs });
      return { environment, outcome: ended, startMs, durationMs: passedMs() };
    }
    const durationMs = passedMs();
    const failure = { ...initFailure(outcome), durationMs, phase: "invoke" } as const;
    this.#log(environment, this.#lines.initReport(clock.now(), failure));
    return { environment, outcome, startMs, durationMs };
  }

  async #runOn(environment: ExecutionEnvironment, event: string, names: Named): Promise<Run> {
    const startMs = this.#ports.clock.now();
    this.#log(environment, this.#lines.start(startMs, names.requestId));
    const began = performance.now();
    const timeoutMs = this.definition.timeoutSeconds * 1000;
    const outcome = await this.#invokeOn(environment, event, { ...names, timeoutMs });
    return { environment, outcome, startMs, durationMs: performance.now() - began };
  }

  #invokeOn(
    environment: ExecutionEnvironment,
    event: string,
    { requestId, traceId, timeoutMs }: Named & { readonly timeoutMs: number },
  ): Promise<WorkerOutcome> {
    const invokedArn = invokedFunctionArn(this.definition);
    return environment.invoke({ event, requestId, traceId, timeoutMs, invokedFunctionArn: invokedArn });
  }

  async #conclude(run: Run, requestId: string, concurrentExecutions: number): Promise<Invocation> {
    const { timeoutSeconds } = this.definition;
    const nowMs = this.#ports.clock.now();
    const end = invocationEnding(run.outcome, { requestId, nowMs, timeoutSeconds });
    const report = this.#report(run, end, requestId);
    this.#log(run.environment, end.status === "success" ? [] : end.lines);
    this.#log(run.environment, this.#lines.end(nowMs, report));
    this.#ports.records.invocation({
      ...this.#identity(requestId),
      startMs: run.startMs,
      concurrentExecutions,
      ...measures(report),
    });
    await this.#release(run.environment);
    if (end.status === "success") return { kind: "result", payload: end.payload };
    return { kind: end.status, error: end.error };
  }

  #report(run: Run, end: InvocationEnding, requestId: string): InvocationReport {
    const { memoryMb, timeoutSeconds } = this.definition;
    const durationMs = end.status === "timeout" ? timeoutSeconds * 1000 : run.durationMs;
    const usedBytes = "memoryBytes" in run.outcome ? run.outcome.memoryBytes : 0;
    const usedMb = run.outcome.kind === "out-of-memory" ? memoryMb : Math.ceil(usedBytes / MEGABYTE);
    return {
      requestId,
      status: end.status,
      ...(end.status !== "success" && end.errorType !== undefined && { errorType: end.errorType }),
      durationMs,
      billedDurationMs: Math.ceil(durationMs + (run.initDurationMs ?? 0)),
      ...(run.initDurationMs !== undefined && { initDurationMs: run.initDurationMs }),
      maxMemoryUsedMb: Math.min(memoryMb, usedMb),
    };
  }

  #throttle(requestId: string): Invocation {
    this.#ports.records.invocation({
      ...this.#identity(requestId),
      startMs: this.#ports.clock.now(),
      status: "throttled",
      durationMs: 0,
      billedDurationMs: 0,
      maxMemoryUsedMb: 0,
      concurrentExecutions: this.#inFlight.count,
    });
    return { kind: "throttled" };
  }

  #identity(requestId: string): {
    functionName: string;
    qualifier: string;
    executedVersion: string;
    requestId: string;
  } {
    const { functionName, qualifier, version } = this.definition;
    return { functionName, qualifier, executedVersion: version, requestId };
  }

  #log(environment: ExecutionEnvironment, messages: readonly string[]): void {
    const { logGroupName } = this.definition;
    const { logStreamName } = environment;
    for (const message of messages) {
      this.#ports.records.log({
        logGroupName,
        logStreamName,
        timestampMs: this.#ports.clock.now(),
        message,
      });
      this.#hearers.get(environment)?.(message);
    }
  }

  #listen(environment: ExecutionEnvironment, { onLogLine: hear }: InvocationNames): void {
    if (hear !== undefined) this.#hearers.set(environment, hear);
  }

  #takeIdle(): ExecutionEnvironment | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.environment.alive) return idle.environment;
      this.#environments.delete(idle.environment);
    }
    return undefined;
  }

  async #release(environment: ExecutionEnvironment): Promise<void> {
    this.#hearers.delete(environment);
    if (environment.alive && !this.#isRetired && !this.#isStopped)
      this.#idle.push({ environment, sinceMs: this.#ports.clock.now() });
    else await this.#end(environment);
  }

  async #end(environment: ExecutionEnvironment): Promise<void> {
    this.#environments.delete(environment);
    await environment.stop();
  }

  async #reap(nowMs: number): Promise<void> {
    const expired = this.#idle.filter(({ sinceMs }) => nowMs - sinceMs >= IDLE_LIMIT_MS);
    this.#idle = this.#idle.filter((idle) => !expired.includes(idle));
    for (const { environment } of expired) await this.#end(environment);
  }
}

function initFailure(outcome: WorkerOutcome): Pick<InitFailure, "status" | "errorType"> {
  if (outcome.kind === "timeout") return { status: "timeout" };
  return {
    status: "error",
    errorType: outcome.kind === "error" ? outcome.error.errorType : "Runtime.ExitError",
  };
}

function measures(report: InvocationReport): {
  status: InvocationStatus;
  durationMs: number;
  billedDurationMs: number;
  initDurationMs?: number;
  maxMemoryUsedMb: number;
} {
  const { status, durationMs, billedDurationMs, initDurationMs, maxMemoryUsedMb } = report;
  return {
    status,
    durationMs,
    billedDurationMs,
    ...(initDurationMs !== undefined && { initDurationMs }),
    maxMemoryUsedMb,
  };
}
