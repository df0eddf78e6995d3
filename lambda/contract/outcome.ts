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
  "throttled",
  "quota",
  "config",
  "timeout",
  "upstream",
  "internal",
] as const;

/** One of {@link OUTCOMES}. */
export type Outcome = (typeof OUTCOMES)[number];

/** Whose doing an outcome is: served, refused because of the caller, or failed because of us or the model. */
export type OutcomeClass = "served" | "rejected" | "failed";

/** The class of each outcome; `Failure` is 1 exactly for `failed`, `Rejected` exactly for `rejected`. */
export const OUTCOME_CLASS: Readonly<Record<Outcome, OutcomeClass>> = {
  ok: "served",
  degraded: "served",
  unauthorized: "rejected",
  invalid: "rejected",
  throttled: "failed",
  quota: "failed",
  config: "failed",
  timeout: "failed",
  upstream: "failed",
  internal: "failed",
};
