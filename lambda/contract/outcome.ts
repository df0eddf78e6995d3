/**
 * Every way a request can end, one word each.
 *
 * The list is closed: dashboards, log queries and runbooks are written against it.
 */
export const OUTCOMES = [
  "ok",
  "degraded",
  "unauthorized",
  "invalid",
  "blocked",
  "throttled",
  "quota",
  "config",
  "timeout",
  "upstream",
  "internal",
] as const;

/** One of {@link OUTCOMES}. */
export type Outcome = (typeof OUTCOMES)[number];

/**
 * Whose doing an outcome is: served, refused because of the caller, blocked by the spend breaker, or failed
 * because of us or the model.
 */
export type OutcomeClass = "served" | "rejected" | "blocked" | "failed";

/** The class of each outcome; `Failure` is 1 exactly for `failed`, `Rejected` exactly for `rejected`. */
export const OUTCOME_CLASS: Readonly<Record<Outcome, OutcomeClass>> = {
  ok: "served",
  degraded: "served",
  unauthorized: "rejected",
  invalid: "rejected",
  blocked: "blocked",
  throttled: "failed",
  quota: "failed",
  config: "failed",
  timeout: "failed",
  upstream: "failed",
  internal: "failed",
};

/** What each outcome says, for documents and dashboards. */
export const OUTCOME_MEANING: Readonly<Record<Outcome, string>> = {
  ok: "the model answered as asked",
  degraded: "the model answered, and its reply was repaired or replaced by plain text",
  unauthorized: "the token was missing, wrong or replaced",
  invalid: "a field, the method or the path was wrong, or the model refused the input",
  blocked: "the spend breaker was open: the day's limit for the model is reached",
  throttled: "Bedrock throttled every attempt",
  quota: "a Bedrock quota is used up",
  config: "the deployment is wrong: model id, access, token parameter or environment",
  timeout: "the model was too slow for the time that Lambda leaves",
  upstream: "Bedrock or SSM failed, or the connection to it",
  internal: "a bug of the agent itself",
};
