import type { TokenFault } from "../../ssm/read-token.ts";
import { refusal, type Ending } from "../ending.ts";
import { tokenAgeOf, type TokenAge } from "./token-age.ts";
import type { TokenCache, TokenState } from "./token-cache.ts";

const DAY_MS = 86_400_000;

/** The caller may pass, with which of the tokens and how old the current one is; or how the request ends. */
export type Admission =
  { readonly age: TokenAge; readonly currentAgeDays?: number } | { readonly ending: Ending };

/** Lets a caller pass who presents a valid token; without one nothing is read from SSM. */
export async function admit(token: string | undefined, cache: TokenCache, nowMs: number): Promise<Admission> {
  if (token === undefined) return { ending: unauthorized("token_absent") };
  const first = admitBy(await cache.get(), token, nowMs);
  if (first !== "refused") return first;
  const second = admitBy(await cache.recheck(), token, nowMs);
  return second === "refused" ? { ending: unauthorized("token_wrong") } : second;
}

function admitBy(state: TokenState, token: string, nowMs: number): Admission | "refused" {
  if ("fault" in state) return { ending: closed(state.fault) };
  const age = tokenAgeOf(token, state.document, nowMs);
  if (age === undefined) return "refused";
  const currentAgeDays = daysSince(state.document.createdAt, nowMs);
  return currentAgeDays === undefined ? { age } : { age, currentAgeDays };
}

/** Days since an instant in ISO 8601, to a hundredth; `undefined` when it is missing or none. */
function daysSince(instant: string | undefined, nowMs: number): number | undefined {
  const days = (nowMs - Date.parse(instant ?? "")) / DAY_MS;
  return Number.isNaN(days) ? undefined : Math.max(0, Math.round(days * 100) / 100);
}

function unauthorized(reason: string): Ending {
  return refusal("unauthorized", reason, { status: 401, error: "Unauthorized" });
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
