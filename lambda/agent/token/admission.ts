import type { TokenDocument } from "../../contract/token.ts";
import type { TokenFault } from "../../ssm/read-token.ts";
import { refusal, withFacts, type Ending } from "../ending.ts";
import { tokenAgeOf, type TokenAge } from "./token-age.ts";
import type { TokenCache, TokenState } from "./token-cache.ts";

const DAY_MS = 86_400_000;

/** The caller may pass, with which of the tokens and how old the current one is; or how the request ends. */
export type Admission =
  | { readonly age: Exclude<TokenAge, "expired">; readonly currentAgeDays?: number }
  | { readonly ending: Ending };

/** When and where the caller asks. */
interface Moment {
  readonly nowMs: number;
  /** IANA zone of the stage, for the day that a refusal tells. */
  readonly timeZone: string;
}

/** Lets a caller pass who presents a valid token; without one nothing is read from SSM. */
export async function admit(
  token: string | undefined,
  cache: TokenCache,
  moment: Moment,
): Promise<Admission> {
  if (token === undefined) return { ending: unauthorized("token_absent") };
  const first = admitBy(await cache.get(), token, moment);
  if (!("refused" in first)) return first;
  // Also for an expired token: somebody may have made it the current one again.
  const second = admitBy(await cache.recheck(), token, moment);
  return "refused" in second ? { ending: second.refused } : second;
}

function admitBy(
  state: TokenState,
  token: string,
  { nowMs, timeZone }: Moment,
): Admission | { readonly refused: Ending } {
  if ("fault" in state) return { ending: closed(state.fault) };
  const age = tokenAgeOf(token, state.document, nowMs);
  if (age === undefined) return { refused: unauthorized("token_wrong") };
  if (age === "expired") return { refused: expired(state.document, timeZone) };
  const currentAgeDays = daysSince(state.document.createdAt, nowMs);
  return currentAgeDays === undefined ? { age } : { age, currentAgeDays };
}

/** Days since an instant in ISO 8601, to a hundredth; `undefined` when it is missing or none. */
function daysSince(instant: string | undefined, nowMs: number): number | undefined {
  const days = (nowMs - Date.parse(instant ?? "")) / DAY_MS;
  return Number.isNaN(days) ? undefined : Math.max(0, Math.round(days * 100) / 100);
}

/** Whoever holds the replaced token reads this on the watch, and nobody else does. */
function expired({ createdAt }: TokenDocument, timeZone: string): Ending {
  const error = `This token was replaced${onDay(createdAt, timeZone)}. Put the new one into the Shortcut.`;
  return withFacts(unauthorized("token_expired", error), { tokenAge: "expired" });
}

function onDay(instant: string | undefined, timeZone: string): string {
  const atMs = Date.parse(instant ?? "");
  if (Number.isNaN(atMs)) return "";
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ day: "numeric", month: "long", year: "numeric", timeZone },
  });
  return ` on ${format.format(atMs)}`;
}

function unauthorized(reason: string, error = "Unauthorized"): Ending {
  return refusal("unauthorized", reason, { status: 401, error });
}

/** Without a token to compare with nobody passes; only an outage is worth asking again for. */
function closed(fault: TokenFault): Ending {
  return fault === "token_unavailable"
    ? refusal("upstream", fault, {
        status: 503,
        error: "The token store is not available, try again shortly",
        retryAfterSeconds: 10,
      })
    : refusal("config", fault, { status: 500, error: "Failed to process request" });
}
