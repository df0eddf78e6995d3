import { MODES } from "./request.ts";

/** Environment variables that the monitoring stack sets and the probe reads. */
export const PROBE_ENVIRONMENT = {
  /** Stage name; decides the value of the `service` dimension. */
  stage: "STAGE",
  /** Address that the Shortcut posts to. */
  url: "AGENT_URL",
  /** Name of the SecureString parameter that holds the token. */
  tokenParameterName: "CLIENT_TOKEN_PARAM_NAME",
} as const;

/**
 * What a run asks: the model, as a Shortcut does, or the agent alone (`GET /` with the token), which costs
 * nothing.
 */
export const PROBE_QUESTIONS = ["model", "health"] as const;

/** One of {@link PROBE_QUESTIONS}. */
export type ProbeQuestion = (typeof PROBE_QUESTIONS)[number];

/** The event of a run, as its schedule sends it; another event asks the model. */
export interface ProbeEvent {
  readonly asks: ProbeQuestion;
}

/** Minutes between two runs that ask the agent alone. */
export const HEALTH_MINUTES = 1;

/** Bounds of one run: a run whose every try hangs still ends before Lambda stops it. */
export const PROBE_LIMITS = {
  /**
   * When each try begins, after the start of the run: so far apart that a short interruption does not meet
   * them all.
   */
  triesAtMs: [0, 6_500, 13_000, 19_500, 26_000, 32_500, 39_000, 45_500, 52_000],
  /** Longest reading of the token; part of its try. */
  tokenMs: 3_000,
  /**
   * How long a token that was read is presented without reading it again; a try that failed is followed by a
   * reading.
   */
  tokenReuseMs: 300_000,
  /** Longest try, from reading the token to the last byte of the answer. */
  tryMs: 5_000,
  /** After this the run gives up, whatever it waits for. */
  runMs: 59_000,
  /** Longest call of PutMetricData, its repetition included. */
  publishMs: 6_000,
  /** Timeout of the function. */
  functionSeconds: 70,
} as const;

/**
 * Requests with the probe's mark that the agent takes for the probe's within a minute: three runs may
 * overlap, each with all its tries.
 */
export const PROBE_REQUESTS_PER_MINUTE = 3 * PROBE_LIMITS.triesAtMs.length;

/**
 * Tokens that one short question of the probe costs: its two letters with the frame of a message, and one of
 * answer.
 */
export const PROBE_TOKENS = { input: 8, output: 1 } as const;

/**
 * Tokens that a question of the probe costs in the form of a user's, in the mean of the modes: rules, moment
 * and schema of the reply, and one of answer.
 */
export const PROBE_FULL_TOKENS = { input: 350, output: 1 } as const;

/**
 * When the probe asks in full: at the beginning of each span of the clock (UTC), for one mode after the
 * other.
 *
 * The time in which a full question may begin is that of one run at the default interval, so that its price
 * is bounded however many environments Lambda keeps and however often it replaces them. A fourth span a day
 * would cost more than the 0.25 USD a month that the probe's tokens are to stay under.
 */
export const PROBE_FULL_FORM = { everyMinutes: 480, withinMinutes: 3, modes: MODES } as const;

/**
 * Tokens of so many runs in so many days: one in each span of {@link PROBE_FULL_FORM} in full, the others
 * short.
 */
export function probeTokens(runs: number, days: number): { readonly input: number; readonly output: number } {
  const full = Math.min(runs, (days * 24 * 60) / PROBE_FULL_FORM.everyMinutes);
  const short = runs - full;
  return {
    input: short * PROBE_TOKENS.input + full * PROBE_FULL_TOKENS.input,
    output: short * PROBE_TOKENS.output + full * PROBE_FULL_TOKENS.output,
  };
}

/**
 * Every way a run can fail, by where the question got stuck.
 *
 * The list is closed: the runbook of `probe-failing` has a step for each.
 */
export const PROBE_FAILURES = [
  "dns",
  "connection",
  "tls",
  "timeout",
  "url_forbidden",
  "unauthorized",
  "too_many_requests",
  "refused",
  "agent_failed",
  "function_failed",
  "wrong_shape",
  "token_unreadable",
  "probe_broken",
] as const;

/** One of {@link PROBE_FAILURES}. */
export type ProbeFailure = (typeof PROBE_FAILURES)[number];

/** What each failure says, for documents and dashboards. */
export const PROBE_FAILURE_MEANING: Readonly<Record<ProbeFailure, string>> = {
  dns: "the URL's host name has no address",
  connection: "the connection was refused, cut or not routed",
  tls: "the connection stood, and no TLS session came about",
  timeout: "no whole answer in time",
  url_forbidden: "403: Lambda let nobody through to the function",
  unauthorized: "401: the agent refused the token that the parameter holds",
  too_many_requests: "429: Lambda has no concurrency left, or Bedrock throttles",
  refused: "another 4xx: the agent refused a question that it should take",
  agent_failed: "the agent answered 5xx; its outcome stands beside",
  function_failed: "5xx of Lambda itself: the function crashed, ran out of time or memory",
  wrong_shape: "an answer that a Shortcut cannot use: not the ten fields of the contract",
  token_unreadable: "the probe could not read the token from SSM",
  probe_broken: "a fault of the probe itself",
};

/** Names of the properties on a run's EMF line. */
export const PROBE_LINE = {
  /** One of {@link PROBE_FAILURES}; missing when the run succeeded. */
  failure: "failureClass",
  /** What it was exactly: an error code, a field, a fault of the token. */
  detail: "detail",
  /** How many tries the run needed or had. */
  tries: "tries",
  /** The failures of all tries that failed, oldest first, separated by commas. */
  triesFailed: "triesFailed",
  /** From the handler's start to the line. */
  runMs: "runMs",
  /** Of the last try, the token's reading apart. */
  latencyMs: "latencyMs",
  status: "httpStatus",
  /** Of the agent's line for the same request. */
  requestId: "requestId",
  /** Of the agent, where it answered. */
  outcome: "outcome",
  reason: "reason",
  /**
   * The mode whose rules and schema the agent asked the model with; missing where it asked the shortest
   * question.
   */
  mode: "mode",
  /** How far the last try came: `lookup`, `connect`, `handshake`, `answer` or `done`. */
  reached: "reached",
  lookupMs: "lookupMs",
  connectMs: "connectMs",
  handshakeMs: "handshakeMs",
  firstByteMs: "firstByteMs",
  address: "address",
  tlsProtocol: "tlsProtocol",
  /** Which token was presented: `read` now, or `remembered` because SSM did not answer. */
  token: "token",
  probeRequestId: "probeRequestId",
  /** What the run asked: `model` or `health`. */
  asks: "asks",
  /** The error's name where the metric could not be published; missing when it was. */
  unpublished: "unpublished",
  version: "version",
} as const;
