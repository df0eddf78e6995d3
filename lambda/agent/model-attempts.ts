import type { Outcome } from "../contract/outcome.ts";
import type { AskModel, ModelAnswer, Question } from "./model.ts";

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
export async function askWithRetries(
  budgetMs: number,
  question: Question,
  ports: AttemptPorts,
): Promise<AttemptsResult> {
  const startMs = ports.elapsed();
  const leftMs = (): number => budgetMs - (ports.elapsed() - startMs);
  const signal = AbortSignal.timeout(Math.max(0, Math.round(budgetMs)));
  let throttles = 0;
  for (let attempts = 1; ; attempts++) {
    const end = await attemptOnce(ports.ask, question, { signal, idleTimeoutMs: idleTimeoutFor(leftMs()) });
    const result = { attempts, modelLatencyMs: ports.elapsed() - startMs, end };
    if ("answer" in end) return { ...result, throttles };
    if (end.fault.outcome === "throttled") throttles += 1;
    const backoffMs = Math.round(ports.random() * BACKOFF_BASE_MS * 2 ** attempts);
    const isWorthwhile = end.fault.isRetryable && attempts < MAX_ATTEMPTS;
    if (!isWorthwhile || leftMs() - backoffMs < MIN_ATTEMPT_MS) return { ...result, throttles };
    await ports.wait(backoffMs);
  }
}

/** Half of what is left at most, so that a hung connection leaves time for another attempt. */
function idleTimeoutFor(leftMs: number): number {
  return Math.max(1, Math.min(MAX_IDLE_MS, Math.round(leftMs / 2)));
}

async function attemptOnce(
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

/** How a failed model call ends the request. */
export interface ModelFault {
  readonly outcome: Extract<Outcome, "throttled" | "quota" | "invalid" | "config" | "timeout" | "upstream">;
  /** Word for the line. */
  readonly reason: string;
  readonly status: number;
  /** What the speaker reads. */
  readonly error: string;
  readonly retryAfterSeconds?: number;
  /** Whether another attempt may help. */
  readonly isRetryable: boolean;
}

const BUSY = "The model is busy, try again in a few seconds";
const SHORTLY = "The model is not available, try again shortly";
const FAILED = "Failed to process request";
const TOO_SLOW = "The model took too long, try a shorter request";

type Row = Omit<ModelFault, "reason">;

const THROTTLED: Row = {
  outcome: "throttled",
  status: 429,
  error: BUSY,
  retryAfterSeconds: 5,
  isRetryable: true,
};
const CONFIG: Row = { outcome: "config", status: 500, error: FAILED, isRetryable: false };
const TIMEOUT: Row = { outcome: "timeout", status: 504, error: TOO_SLOW, isRetryable: false };
const UPSTREAM: Row = {
  outcome: "upstream",
  status: 503,
  error: SHORTLY,
  retryAfterSeconds: 10,
  isRetryable: true,
};

/** Bedrock's errors by name: section "Errors" of https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html */
const FAULTS: Readonly<Record<string, Row>> = {
  ThrottlingException: THROTTLED,
  ModelNotReadyException: THROTTLED,
  TooManyRequestsException: THROTTLED,
  ServiceQuotaExceededException: {
    outcome: "quota",
    status: 429,
    error: "The model's quota is used up, try again later",
    retryAfterSeconds: 60,
    isRetryable: false,
  },
  ValidationException: {
    outcome: "invalid",
    status: 400,
    error: "The model refused the request, check your input",
    isRetryable: false,
  },
  AccessDeniedException: CONFIG,
  ResourceNotFoundException: CONFIG,
  UnrecognizedClientException: CONFIG,
  ExpiredTokenException: CONFIG,
  InvalidSignatureException: CONFIG,
  CredentialsProviderError: CONFIG,
  ModelTimeoutException: TIMEOUT,
  InternalServerException: UPSTREAM,
  ServiceUnavailableException: UPSTREAM,
  ModelErrorException: { outcome: "upstream", status: 500, error: FAILED, isRetryable: false },
  ModelStreamErrorException: UPSTREAM,
  SilenceError: { ...TIMEOUT, isRetryable: true },
  AbortError: TIMEOUT,
  TimeoutError: { ...TIMEOUT, isRetryable: true },
};

/** Wordings of a ValidationException that is about the deployment and not about what was said. */
const ABOUT_CONFIG =
  /on-demand throughput|inference profile|model identifier|model id|operation not allowed|not supported/i;

/** The SDK names a connection that broke before the response as it names a slow one. */
const CONNECTION_LOST = "did not get a response";

/** Classifies what a model call rejected with; what is not known by name is the upstream's. */
export function modelFaultOf(error: unknown): ModelFault {
  const name = error instanceof Error ? error.name : "";
  const message = error instanceof Error ? error.message : "";
  if (name === "ValidationException" && ABOUT_CONFIG.test(message))
    return { ...CONFIG, reason: "ValidationException" };
  if (message.includes(CONNECTION_LOST)) return { ...UPSTREAM, reason: "connection" };
  const row = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
  return { ...(row ?? UPSTREAM), reason: row === undefined ? "connection" : name };
}
