import { modelFaultOf, type ModelFault } from "./model-fault.ts";
import {
  addUsage,
  type AskModel,
  AttemptError,
  type ModelAnswer,
  NO_USAGE,
  type Question,
  type Spent,
} from "./model.ts";

const MAX_ATTEMPTS = 3;
const BACKOFF_BASE_MS = 200;
/** An attempt that cannot last this long is not begun. */
const MIN_ATTEMPT_MS = 1_000;
/** A model that thinks still sends events; one that sends nothing for this long is gone. */
const MAX_IDLE_MS = 10_000;

/** What the attempts need from outside. */
export interface AttemptPorts {
  readonly ask: AskModel;
  readonly elapsed: () => number;
  /** Resolves after that many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Models that refused the form of a question in this environment. */
  readonly refusedForms: RefusedForms;
}

/** How the attempts went, counted whether or not one succeeded. */
export interface AttemptsResult {
  readonly attempts: number;
  readonly throttles: number;
  readonly modelLatencyMs: number;
  /** What all attempts took together. */
  readonly spent: Spent;
  /** What the model said when it refused the question's form; missing when it did not in this request. */
  readonly formRefusal?: unknown;
  readonly end:
    | { readonly answer: ModelAnswer; readonly isPlain: boolean }
    | { readonly fault: ModelFault; readonly cause: unknown };
}

/**
 * Remembers for the environment's life which models refuse the form of a question: its JSON schema,
 * temperature or thinking.
 *
 * Models lose and gain such parameters without notice. Asking without them makes of an outage a slightly
 * worse answer.
 */
export class RefusedForms {
  readonly #refused = new Set<string>();

  isRefused(question: Question): boolean {
    return this.#refused.has(formKey(question));
  }

  remember(question: Question): void {
    this.#refused.add(formKey(question));
  }
}

/** Thinking apart: a model that refuses to think still takes the schema. */
function formKey({ model, thinkingTokens }: Question): string {
  return `${model.profileId} ${thinkingTokens === 0 ? "" : "thinking"}`;
}

/**
 * Asks the model until it answers, the time is used up, or another attempt would not help.
 *
 * The SDK's own retries are off: they know nothing of Lambda's deadline and do not count throttles.
 */
export async function askWithRetries(
  budgetMs: number,
  question: Question,
  ports: AttemptPorts,
): Promise<AttemptsResult> {
  const attempts = new Attempts(budgetMs, ports);
  const isPlain = question.form === "plain" || ports.refusedForms.isRefused(question);
  const first = await attempts.askInForm(isPlain ? { ...question, form: "plain" } : question);
  if (isPlain || "answer" in first || !isFormInDoubt(question, first)) return attempts.result(first, isPlain);
  if (!attempts.hasTime(0)) return attempts.result(first, isPlain);
  attempts.forgiveRefusal();
  const plain = await attempts.askInForm({ ...question, form: "plain" });
  // A model that refuses the plain question too did not refuse its form: what it said first is what is wrong.
  if ("fault" in plain && plain.fault.outcome === "config") return attempts.result(first, false);
  if ("answer" in plain) ports.refusedForms.remember(question);
  return { ...attempts.result(plain, true), formRefusal: first.cause };
}

/**
 * Whether the model may have refused how it was asked, in whatever words; a text that it refuses is the
 * user's.
 */
function isFormInDoubt({ form }: Question, { fault }: FailedAttempt): boolean {
  return form === "reply" && fault.outcome === "config" && fault.reason.startsWith("Validation");
}

interface FailedAttempt {
  readonly fault: ModelFault;
  readonly cause: unknown;
}

type AttemptEnd = { readonly answer: ModelAnswer } | FailedAttempt;

/** The attempts of one request: their number, what they took, and the time that they share. */
class Attempts {
  readonly #budgetMs: number;
  readonly #ports: AttemptPorts;
  readonly #startMs: number;
  readonly #signal: AbortSignal;
  #attempts = 0;
  /** Attempts that count against the most that a request makes, whatever form they ask in. */
  #tries = 0;
  #throttles = 0;
  #spent: Spent = { usage: NO_USAGE, estimated: NO_USAGE };

  constructor(budgetMs: number, ports: AttemptPorts) {
    this.#budgetMs = budgetMs;
    this.#ports = ports;
    this.#startMs = ports.elapsed();
    this.#signal = AbortSignal.timeout(Math.max(0, Math.round(budgetMs)));
  }

  /** Asks until there is an answer or another attempt would not help. */
  async askInForm(question: Question): Promise<AttemptEnd> {
    for (;;) {
      this.#tries += 1;
      const end = await this.#attempt(question);
      if ("answer" in end) return end;
      const backoffMs = Math.round(this.#ports.random() * BACKOFF_BASE_MS * 2 ** this.#tries);
      if (!end.fault.isRetryable || this.#tries >= MAX_ATTEMPTS || !this.hasTime(backoffMs)) return end;
      await this.#ports.wait(backoffMs);
    }
  }

  /**
   * A refused form costs nothing and says nothing of the plain question, which gets the attempt in its place.
   */
  forgiveRefusal(): void {
    this.#tries -= 1;
  }

  /** Whether an attempt after a pause could last long enough. */
  hasTime(pauseMs: number): boolean {
    return this.#leftMs() - pauseMs >= MIN_ATTEMPT_MS;
  }

  result(end: AttemptEnd, isPlain: boolean): AttemptsResult {
    return {
      attempts: this.#attempts,
      throttles: this.#throttles,
      modelLatencyMs: this.#ports.elapsed() - this.#startMs,
      spent: this.#spent,
      end: "answer" in end ? { ...end, isPlain } : end,
    };
  }

  async #attempt(question: Question): Promise<AttemptEnd> {
    this.#attempts += 1;
    const limits = { signal: this.#signal, idleTimeoutMs: idleTimeoutFor(this.#leftMs()) };
    try {
      const answer = await this.#ports.ask(question, limits);
      this.#add(answer.spent);
      return { answer };
    } catch (error) {
      const cause = error instanceof AttemptError ? error.cause : error;
      if (error instanceof AttemptError) this.#add(error.spent);
      const fault = modelFaultOf(cause);
      if (fault.outcome === "throttled") this.#throttles += 1;
      return { fault, cause };
    }
  }

  #add({ usage, estimated }: Spent): void {
    this.#spent = {
      usage: addUsage(this.#spent.usage, usage),
      estimated: addUsage(this.#spent.estimated, estimated),
    };
  }

  #leftMs(): number {
    return this.#budgetMs - (this.#ports.elapsed() - this.#startMs);
  }
}

/** Half of what is left at most, so that a hung connection leaves time for another attempt. */
function idleTimeoutFor(leftMs: number): number {
  return Math.max(1, Math.min(MAX_IDLE_MS, Math.round(leftMs / 2)));
}
