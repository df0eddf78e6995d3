import type { TokenFault } from "../../ssm/read-token.ts";
import { refusal, type Ending } from "../ending.ts";
import { tokenAgeOf, type TokenAge } from "./token-age.ts";
import type { TokenCache, TokenState } from "./token-cache.ts";

/** The caller may pass, with the token's age; or how the request ends. */
export type Admission = { readonly age: TokenAge } | { readonly ending: Ending };

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
  return age === undefined ? "refused" : { age };
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
