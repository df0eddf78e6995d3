import type {
  InvokeOutcome,
  TuningPorts,
  FunctionState,
  TunedFunction,
} from "../../bin/commands/tune-memory/tuned-function.ts";

/** What a question to a version of so many megabytes brings; `count` is 0 for the first one. */
export type Answer = (memoryMb: number, count: number) => InvokeOutcome | Promise<InvokeOutcome>;

/** Lambda's report of one request, and the agent's line before it. */
export function requestLog(told: {
  readonly durationMs: number;
  readonly modelMs?: number;
  readonly initMs?: number;
  readonly usedMb?: number;
}): string {
  const { durationMs, modelMs = 0, initMs, usedMb = 70 } = told;
  const metrics = {
    durationMs,
    billedDurationMs: Math.ceil(durationMs),
    maxMemoryUsedMB: usedMb,
    ...(initMs !== undefined && { initDurationMs: initMs }),
  };
  const lines = [
    { _aws: {}, ModelLatency: modelMs, CostUsd: 0.001 },
    { time: "2026-11-23T09:00:00.000Z", type: "platform.report", record: { requestId: "r", metrics } },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** An answer of status 200 with such a log. */
export function answered(told: Parameters<typeof requestLog>[0]): InvokeOutcome {
  return { kind: "answered", status: 200, error: "", log: requestLog(told) };
}

/** A function that keeps versions as Lambda does, and notes what is done to it. */
export class FakeTunedFunction implements TunedFunction {
  readonly name = "wrist-agent-test";
  readonly done: string[] = [];
  readonly kept = new Map<string, FunctionState>();
  /** States that `read` tells before it is ready again. */
  changing: FunctionState["progress"][] = [];
  /** Changes of `$LATEST` that somebody else was faster with. */
  overtaken = 0;
  removeFault: Error | undefined;
  readonly #answer: Answer;
  readonly #counts = new Map<string, number>();

  constructor(answer: Answer, description = "the agent") {
    this.#answer = answer;
    this.#keep("$LATEST", { memoryMb: 256, description });
    this.#keep("1", { memoryMb: 256, description });
  }

  read = (qualifier: string): Promise<FunctionState> => {
    const state = this.kept.get(qualifier);
    if (state === undefined) return Promise.reject(new Error(`no ${qualifier}`));
    return Promise.resolve({ ...state, progress: this.changing.shift() ?? "ready" });
  };

  configure: TunedFunction["configure"] = (wanted, revisionId) => {
    const isOvertaken = this.overtaken > 0;
    if (isOvertaken) this.overtaken -= 1;
    if (isOvertaken || revisionId !== this.kept.get("$LATEST")?.revisionId)
      return Promise.resolve("changed meanwhile");
    this.done.push(`$LATEST ${wanted.memoryMb}`);
    this.#keep("$LATEST", wanted);
    return Promise.resolve("changed");
  };

  publish = (description: string): Promise<string> => {
    const version = String(Math.max(...[...this.kept.keys()].map((key) => Number(key) || 0)) + 1);
    this.done.push(`publish ${version}`);
    this.#keep(version, { memoryMb: this.kept.get("$LATEST")?.memoryMb ?? 0, description });
    return Promise.resolve(version);
  };

  versions: TunedFunction["versions"] = () => Promise.resolve([...this.kept.values()]);

  remove = (version: string): Promise<void> => {
    if (this.removeFault !== undefined) return Promise.reject(this.removeFault);
    this.done.push(`remove ${version}`);
    this.kept.delete(version);
    return Promise.resolve();
  };

  ask = async (version: string, signal: AbortSignal): Promise<InvokeOutcome> => {
    signal.throwIfAborted();
    const count = this.#counts.get(version) ?? 0;
    this.#counts.set(version, count + 1);
    const asked = await this.#answer(this.kept.get(version)?.memoryMb ?? 0, count);
    signal.throwIfAborted();
    return asked;
  };

  #keep(version: string, { memoryMb, description }: Pick<FunctionState, "memoryMb" | "description">): void {
    const revisionId = `r${this.done.length}-${version}`;
    const code = { codeSha256: "hash=", architecture: "arm64", environment: {} } as const;
    this.kept.set(version, { version, memoryMb, description, revisionId, ...code, progress: "ready" });
  }
}

/** A bench on which no time passes; `waits` counts the pauses. */
export function benchOf(
  tuned: TunedFunction,
  signal: AbortSignal = new AbortController().signal,
): TuningPorts & { readonly waits: number[] } {
  const waits: number[] = [];
  return {
    tuned,
    signal,
    waits,
    wait: (milliseconds) => {
      waits.push(milliseconds);
      return Promise.resolve();
    },
    progress: (_text, work) => work,
  };
}
