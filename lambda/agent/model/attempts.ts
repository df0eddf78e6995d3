import type { AskModel, ModelAnswer, Question } from "./model.ts";
import { modelFaultOf, type ModelFault } from "./model-fault.ts";

const ATTEMPTS_MOST = 3;
const BACKOFF_BASE_MS = 200;
/** An attempt that cannot last this long is not begun. */
const ATTEMPT_LEAST_MS = 1_000;
/** A model that thinks still sends events; one that sends nothing for this long is gone. */
const SILENCE_MS = 10_000;

/** What the attempts need from outside. */
export interface AttemptPorts {
  readonly ask: AskModel;
  readonly elapsed: () => number;
  /** Resolves after that many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
}

/** How the attempts went, counted whether or not one succeeded. */
export interface AttemptsResult {
  readonly attempts: number;
  readonly throttles: number;
  readonly modelLatencyMs: number;
  readonly end: { readonly answer: ModelAnswer } | { readonly fault: ModelFault; readonly cause: unknown };
}

/**
 * Asks the model until it answers, the time is used up, or another attempt would not help.
 *
 * The SDK's own retries are off: they know nothing of Lambda's deadline and do not count throttles.
 */
export async function askWithin(
  budgetMs: number,
  question: Question,
  ports: AttemptPorts,
): Promise<AttemptsResult> {
  const startMs = ports.elapsed();
  const leftMs = (): number => budgetMs - (ports.elapsed() - startMs);
  const signal = AbortSignal.timeout(Math.max(0, Math.round(budgetMs)));
  let throttles = 0;
  for (let attempts = 1; ; attempts++) {
    const end = await attempt(ports.ask, question, { signal, silenceMs: silenceFor(leftMs()) });
    const result = { attempts, modelLatencyMs: ports.elapsed() - startMs, end };
    if ("answer" in end) return { ...result, throttles };
    if (end.fault.outcome === "throttled") throttles += 1;
    const backoffMs = Math.round(ports.random() * BACKOFF_BASE_MS * 2 ** attempts);
    const isWorthwhile = end.fault.isRetryable && attempts < ATTEMPTS_MOST;
    if (!isWorthwhile || leftMs() - backoffMs < ATTEMPT_LEAST_MS) return { ...result, throttles };
    await ports.wait(backoffMs);
  }
}

/** Half of what is left at most, so that a hung connection leaves time for another attempt. */
function silenceFor(leftMs: number): number {
  return Math.max(1, Math.min(SILENCE_MS, Math.round(leftMs / 2)));
}

async function attempt(
  ask: AskModel,
  question: Question,
  limits: Parameters<AskModel>[1],
): Promise<AttemptsResult["end"]> {
  try {
    return { answer: await ask(question, limits) };
  } catch (cause) {
    return { fault: modelFaultOf(cause), cause };
  }
}
