import { PROBE_LIMITS } from "../contract/probe.ts";
import { PROBE_HEADER, TOKEN_HEADER } from "../contract/request.ts";
import { tokenDocumentOf } from "../contract/token.ts";
import type { ReadToken, TokenFault } from "../ssm/read-token.ts";
import type { ConnectionTrace, Exchange, ExchangeRequest } from "./http-exchange.ts";
import { exchangeVerdict, type Verdict } from "./verdict.ts";

/** What trying needs from outside. */
export interface TryPorts {
  readonly url: string;
  readonly tokens: TokenMemory;
  readonly exchange: Exchange;
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
  /** Resolves after that many milliseconds. */
  readonly wait: (milliseconds: number) => Promise<void>;
}

/** One try: its verdict, and what the network showed where it was asked. */
export interface Try {
  readonly verdict: Verdict;
  readonly travel?: ConnectionTrace;
  readonly token?: "read" | "remembered";
}

/** Tries until one succeeds or the pauses are used up; gives them all, oldest first. */
export async function tryUntilServed(ports: TryPorts): Promise<readonly Try[]> {
  const tries = [await tryOnce(ports)];
  for (const pauseMs of PROBE_LIMITS.pausesMs) {
    if (tries.at(-1)?.verdict.failure === undefined) break;
    await ports.wait(pauseMs);
    tries.push(await tryOnce(ports));
  }
  return tries;
}

async function tryOnce({ url, tokens, exchange, elapsed }: TryPorts): Promise<Try> {
  const startMs = elapsed();
  const presented = await tokens.present();
  if ("fault" in presented) return { verdict: { failure: "token_unreadable", detail: presented.fault } };
  const leftMs = PROBE_LIMITS.tryMs - (elapsed() - startMs);
  const exchanged = await exchange(probeQuestion(url, presented.token, leftMs));
  return { verdict: exchangeVerdict(exchanged), travel: exchanged.travel, token: presented.from };
}

/** A sound body; the agent asks the model less than this for the probe. */
const QUESTION_BODY = JSON.stringify({ text: "ok", mode: "note" });

/** The POST of a Shortcut, with the mark that keeps it out of the users' figures and makes it cheap. */
function probeQuestion(url: string, token: string, withinMs: number): ExchangeRequest {
  return {
    url,
    headers: { "content-type": "application/json", [TOKEN_HEADER]: token, [PROBE_HEADER]: "1" },
    body: QUESTION_BODY,
    timeoutMs: withinMs,
  };
}

/** The token to present and where it comes from, or why there is none. */
type PresentedToken =
  { readonly token: string; readonly from: "read" | "remembered" } | { readonly fault: TokenFault };

/**
 * Reads the token for every try, so that a rotated one is met at once, and remembers it: an outage of SSM is not one of the
 * agent, which goes on with the token that it knows. A parameter that is gone, empty or denied is never made up for.
 */
export class TokenMemory {
  readonly #read: ReadToken;
  #last: string | undefined;

  constructor(read: ReadToken) {
    this.#read = read;
  }

  async present(): Promise<PresentedToken> {
    const reading = await this.#read();
    if ("fault" in reading) return this.#without(reading.fault);
    const token = tokenDocumentOf(reading.value)?.current;
    if (token === undefined) return { fault: "token_empty" };
    this.#last = token;
    return { token, from: "read" };
  }

  #without(fault: TokenFault): PresentedToken {
    if (fault !== "token_unavailable" || this.#last === undefined) return { fault };
    return { token: this.#last, from: "remembered" };
  }
}
