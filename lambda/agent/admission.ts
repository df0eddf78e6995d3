import type { TokenDocument } from "../contract/token.ts";
import type { TokenFault } from "../read-token.ts";
import type { HttpRequest } from "./function-url.ts";
import { withinBudget } from "./model.ts";
import { errorOutcome, type RequestOutcome, withFacts } from "./request-outcome.ts";
import type { RuntimeParameters, RuntimeParametersCache } from "./runtime-parameters.ts";
import type { AgentSettings } from "./settings.ts";
import { type TokenAge, tokenAgeOf, type TokenCache, type TokenState } from "./token.ts";

const DAY_MS = 86_400_000;

/** The caller may pass, with which of the tokens and how old the current one is; or how the request ends. */
export type Admission =
  | { readonly age: Exclude<TokenAge, "expired">; readonly currentAgeDays?: number }
  | { readonly ending: RequestOutcome };

/** When and where the caller asks. */
interface Moment {
  readonly nowMs: number;
  /** IANA zone of the stage, for the day that a refusal names. */
  readonly timeZone: string;
}

/** Lets a caller pass who presents a valid token; without one nothing is read from SSM. */
export async function admitCaller(
  token: string | undefined,
  cache: TokenCache,
  moment: Moment,
): Promise<Admission> {
  if (token === undefined) return { ending: unauthorizedOutcome("token_absent") };
  const first = admitWith(await cache.get(), token, moment);
  if (!("refused" in first)) return first;
  // Also for an expired token: somebody may have made it the current one again.
  const second = admitWith(await cache.recheck(), token, moment);
  return "refused" in second ? { ending: second.refused } : second;
}

/**
 * Longest that SSM's two readings of the token can take; a function with more time left need not watch the
 * clock.
 */
const MAX_TOKEN_READING_MS = 6_500;

/**
 * The admission, or the end of a request whose time would run out while SSM is waited for: a killed function
 * reports nothing.
 */
export function admittedWithin(budgetMs: number, admission: Promise<Admission>): Promise<Admission> {
  const late = (): Admission => ({ ending: noTokenOutcome("token_unavailable") });
  return budgetMs >= MAX_TOKEN_READING_MS ? admission : withinBudget(budgetMs, admission, late);
}

function admitWith(
  state: TokenState,
  token: string,
  { nowMs, timeZone }: Moment,
): Admission | { readonly refused: RequestOutcome } {
  if ("fault" in state) return { ending: noTokenOutcome(state.fault) };
  const age = tokenAgeOf(token, state.document, nowMs);
  if (age === undefined) return { refused: unauthorizedOutcome("token_wrong") };
  if (age === "expired") return { refused: expiredOutcome(state.document, timeZone) };
  const currentAgeDays = daysSince(state.document.createdAt, nowMs);
  return currentAgeDays === undefined ? { age } : { age, currentAgeDays };
}

/** Days since an instant in ISO 8601, to a hundredth; `undefined` when it is missing or none. */
function daysSince(instant: string | undefined, nowMs: number): number | undefined {
  const days = (nowMs - Date.parse(instant ?? "")) / DAY_MS;
  return Number.isNaN(days) ? undefined : Math.max(0, Math.round(days * 100) / 100);
}

/** Whoever holds the replaced token reads this on the watch, and nobody else does. */
function expiredOutcome({ createdAt }: TokenDocument, timeZone: string): RequestOutcome {
  const error = `This token was replaced${dayInWords(createdAt, timeZone)}. Put the new one into the Shortcut.`;
  return withFacts(unauthorizedOutcome("token_expired", error), { tokenAge: "expired" });
}

function dayInWords(instant: string | undefined, timeZone: string): string {
  const atMs = Date.parse(instant ?? "");
  if (Number.isNaN(atMs)) return "";
  const format = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone,
  });
  return ` on ${format.format(atMs)}`;
}

function unauthorizedOutcome(reason: string, error = "Unauthorized"): RequestOutcome {
  return errorOutcome("unauthorized", reason, { status: 401, error });
}

/** Without a token to compare with nobody passes; only an outage is worth asking again for. */
function noTokenOutcome(fault: TokenFault): RequestOutcome {
  return fault === "token_unavailable"
    ? errorOutcome("upstream", fault, {
        status: 503,
        error: "The token store is not available, try again shortly",
        retryAfterSeconds: 10,
      })
    : errorOutcome("config", fault, { status: 500, error: "Failed to process request" });
}

/**
 * A client that waits for `Retry-After` should look again within the hour: an operator may close the breaker.
 */
const MAX_RETRY_AFTER_SECONDS = 3_600;

/** What holding back needs of the agent. */
interface SpendLimitPorts {
  readonly settings: Pick<AgentSettings, "hasSpendBreaker" | "timeZone">;
  readonly runTime: Pick<RuntimeParametersCache, "fresh">;
  readonly now: () => number;
}

/** What decides whether the spend breaker concerns a request, and the time that it has left. */
interface LimitedRequest extends Pick<HttpRequest, "isProbe" | "isVerification"> {
  readonly budgetMs: () => number;
}

/**
 * How a request ends while the spend breaker is open; `undefined` when it may pass. Probe and pre-traffic
 * hook always may.
 */
export async function spendLimitOutcome(
  { isProbe, isVerification, budgetMs }: LimitedRequest,
  runTime: RuntimeParameters,
  { settings, runTime: cache, now }: SpendLimitPorts,
): Promise<RequestOutcome | undefined> {
  const nowMs = now();
  if (!settings.hasSpendBreaker || isProbe || isVerification || runTime.blockedUntilMs <= nowMs)
    return undefined;
  const { blockedUntilMs } = await cache.fresh(budgetMs());
  return blockedUntilMs <= nowMs ? undefined : blockedOutcome(blockedUntilMs, nowMs, settings.timeZone);
}

function blockedOutcome(untilMs: number, nowMs: number, timeZone: string): RequestOutcome {
  return errorOutcome("blocked", "spend", {
    status: 429,
    error: `The day's limit for the model is reached. I answer again from ${weekdayAndTime(untilMs, timeZone)}.`,
    retryAfterSeconds: Math.min(MAX_RETRY_AFTER_SECONDS, Math.ceil((untilMs - nowMs) / 1_000)),
  });
}

function weekdayAndTime(atMs: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    weekday: "long",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone,
  });
  return `${format.format(atMs)} (${timeZone})`;
}
