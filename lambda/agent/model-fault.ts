import type { Outcome } from "../contract/outcome.ts";

/** How a failed model call ends the request. */
export interface ModelFault {
  readonly outcome: Extract<Outcome, "throttled" | "quota" | "invalid" | "config" | "timeout" | "upstream">;
  /** Word for the line. */
  readonly reason: string;
  readonly status: number;
  /** What the user reads; a time is put where `{when}` stands. */
  readonly error: string;
  /** Seconds after which asking again makes sense, or the moment at which Bedrock's day starts over. */
  readonly retryAfter?: number | "midnight UTC";
  /** Whether another attempt may help. */
  readonly isRetryable: boolean;
}

const FAILED = "Failed to process request";

type Row = Omit<ModelFault, "reason">;

const THROTTLED: Row = {
  outcome: "throttled",
  status: 429,
  error: "The model is busy, try again in a few seconds",
  retryAfter: 5,
  isRetryable: true,
};
const QUOTA: Row = {
  outcome: "quota",
  status: 429,
  error: "The model's quota is used up, try again later",
  retryAfter: 60,
  isRetryable: false,
};
const DAILY_QUOTA: Row = {
  ...QUOTA,
  error: "The model's quota for today is used up. Try again after {when}.",
  retryAfter: "midnight UTC",
};
const INVALID: Row = {
  outcome: "invalid",
  status: 400,
  error: "The model refused the text: it is too long, or against its content policy",
  isRetryable: false,
};
const CONFIG: Row = { outcome: "config", status: 500, error: FAILED, isRetryable: false };
const TIMEOUT: Row = {
  outcome: "timeout",
  status: 504,
  error: "The model took too long, try a shorter request",
  isRetryable: false,
};
const UPSTREAM: Row = {
  outcome: "upstream",
  status: 503,
  error: "The model is not available, try again shortly",
  retryAfter: 10,
  isRetryable: true,
};

/**
 * Bedrock's errors by name, then those that every AWS service may answer. What they say is looked at first,
 * in {@link WORDINGS}.
 *
 * Section "Errors" of https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html
 * and https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html
 */
export const MODEL_FAULTS: Readonly<Record<string, Row>> = {
  ThrottlingException: THROTTLED,
  ModelNotReadyException: THROTTLED,
  TooManyRequestsException: THROTTLED,
  ServiceQuotaExceededException: QUOTA,
  // The agent wrote the request: what the model refuses of it is the deployment's fault, unless it speaks of
  // the text.
  ValidationException: CONFIG,
  AccessDeniedException: CONFIG,
  ResourceNotFoundException: CONFIG,
  UnrecognizedClientException: CONFIG,
  ExpiredTokenException: CONFIG,
  InvalidSignatureException: CONFIG,
  IncompleteSignature: CONFIG,
  InvalidClientTokenId: CONFIG,
  MissingAuthenticationToken: CONFIG,
  NotAuthorized: CONFIG,
  OptInRequired: CONFIG,
  RequestExpired: CONFIG,
  UnknownOperationException: CONFIG,
  ValidationError: CONFIG,
  CredentialsProviderError: CONFIG,
  ModelTimeoutException: TIMEOUT,
  RequestTimeoutException: TIMEOUT,
  InternalServerException: UPSTREAM,
  InternalFailure: UPSTREAM,
  ServiceUnavailableException: UPSTREAM,
  ModelErrorException: { outcome: "upstream", status: 500, error: FAILED, isRetryable: false },
  ModelStreamErrorException: UPSTREAM,
  SilenceError: { ...TIMEOUT, isRetryable: true },
  AbortError: TIMEOUT,
  TimeoutError: { ...TIMEOUT, isRetryable: true },
};

/**
 * Sentences that say more than the error's name, the first that fits; those of access and accounts are left
 * to the name.
 */
const WORDINGS: readonly (readonly [RegExp, Row])[] = [
  [/\b(per day|daily|for today)\b/i, DAILY_QUOTA],
  [
    /overloaded|timed out|temporarily|try( your request)? again (later|shortly|in)|please retry|unexpected error|unable to process your request|(insufficient|at) capacity/i,
    UPSTREAM,
  ],
  [
    /\b(input|prompt|text|content|messages?) (is|are) too long|too many input tokens|input length (and `?max_tokens`? )?exceeds?|content[ -](filter\w*|policy|moderation)/i,
    INVALID,
  ],
];

/** Names whose sentence decides; every other name says enough. */
const WORDED: ReadonlySet<string> = new Set([
  "ValidationException",
  "ModelErrorException",
  "ModelStreamErrorException",
]);

/** Names of which only a daily quota is told apart by the sentence. */
const LIMITS: ReadonlySet<string> = new Set([
  "ThrottlingException",
  "TooManyRequestsException",
  "ServiceQuotaExceededException",
]);

/** The SDK names a connection that broke before the response as it names a slow one. */
const CONNECTION_LOST = "did not get a response";

/**
 * Classifies what a model call rejected with. What the model refuses is the deployment's fault, what is not
 * known the upstream's; nothing is the caller's by default.
 */
export function modelFaultOf(error: unknown): ModelFault {
  const name = errorNameOf(error);
  const message = error instanceof Error ? error.message : "";
  if (message.includes(CONNECTION_LOST)) return { ...UPSTREAM, reason: "connection" };
  const row = worded(name, message) ?? (Object.hasOwn(MODEL_FAULTS, name) ? MODEL_FAULTS[name] : undefined);
  if (row !== undefined) return { ...row, reason: name };
  const status = httpStatusOf(error);
  if (status === undefined) return { ...UPSTREAM, reason: "connection" };
  return { ...rowOfStatus(status), reason: name };
}

/** Services of the query protocol spell some of these without, Bedrock with `Exception` at the end. */
function errorNameOf(error: unknown): string {
  const name = error instanceof Error ? error.name : "";
  const bare = name.replace(/Exception$/, "");
  return Object.hasOwn(MODEL_FAULTS, name) || !Object.hasOwn(MODEL_FAULTS, bare) ? name : bare;
}

function worded(name: string, message: string): Row | undefined {
  const fits = WORDINGS.find(([wording]) => wording.test(message))?.[1];
  if (WORDED.has(name)) return fits;
  return LIMITS.has(name) && fits === DAILY_QUOTA ? fits : undefined;
}

/** An error without a known name that AWS answered: its status says whose it is. */
function rowOfStatus(status: number): Row {
  if (status === 429) return THROTTLED;
  return status >= 400 && status < 500 && status !== 408 ? CONFIG : UPSTREAM;
}

/** The status that AWS answered with; `undefined` for an error of the network. */
export function httpStatusOf(error: unknown): number | undefined {
  const { $metadata: metadata } = (error instanceof Error ? error : {}) as { readonly $metadata?: unknown };
  const { httpStatusCode: status } = (typeof metadata === "object" && metadata !== null ? metadata : {}) as {
    readonly httpStatusCode?: unknown;
  };
  return typeof status === "number" ? status : undefined;
}
