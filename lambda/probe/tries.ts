import { PROBE_LIMITS, type ProbeQuestion } from "../contract/probe.ts";
import { PROBE_HEADER, TOKEN_HEADER } from "../contract/request.ts";
import { tokenDocumentOf } from "../contract/token.ts";
import type { ReadToken, TokenFault } from "../ssm/read-token.ts";
import type { ConnectionTrace, Exchange, ExchangeRequest } from "./http-exchange.ts";
import { exchangeVerdict, type Verdict } from "./verdict.ts";

/** What trying needs from outside. */
export interface TryPorts {
  readonly url: string;
  readonly tokens: TokenMemory;
  readonly failedMode: FailedMode;
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
  readonly token?: TokenOrigin;
}

/** Tries until one succeeds or none is left; gives them all, oldest first. A try that lasts longer moves the next. */
export async function tryUntilServed(asks: ProbeQuestion, ports: TryPorts): Promise<readonly Try[]> {
  const startMs = ports.elapsed();
  const tries: Try[] = [];
  for (const afterMs of PROBE_LIMITS.triesAtMs) {
    const pauseMs = startMs + afterMs - ports.elapsed();
    if (pauseMs > 0) await ports.wait(pauseMs);
    const last = await tryOnce(asks, ports, tries.length === 0 ? PROBE_LIMITS.tokenReuseMs : 0);
    tries.push(last);
    if (last.verdict.failure === undefined) break;
  }
  return tries;
}

async function tryOnce(
  asks: ProbeQuestion,
  { url, tokens, failedMode, exchange, elapsed }: TryPorts,
  tokenReuseMs: number,
): Promise<Try> {
  const startMs = elapsed();
  const presented = await tokens.present(startMs, tokenReuseMs);
  if ("fault" in presented) return { verdict: { failure: "token_unreadable", detail: presented.fault } };
  const leftMs = PROBE_LIMITS.tryMs - (elapsed() - startMs);
  const { token } = presented;
  const mark = failedMode.mark();
  const exchanged = await exchange(requestOf(asks, { url, token, mark, timeoutMs: leftMs }));
  const verdict = exchangeVerdict(exchanged, asks);
  failedMode.learn(verdict);
  return { verdict, travel: exchanged.travel, token: presented.from };
}

/** A sound body; the agent asks the model less than this for the probe. */
const QUESTION_BODY = JSON.stringify({ text: "ok", mode: "note" });

interface AskedWith extends Pick<ExchangeRequest, "url" | "timeoutMs"> {
  readonly token: string;
  /** Value of the header that marks the probe. */
  readonly mark: string;
}

/** The request of a Shortcut, or the one for the agent's health, with the mark that keeps it out of the users' figures. */
function requestOf(asks: ProbeQuestion, { url, token, mark, timeoutMs }: AskedWith): ExchangeRequest {
  const headers = { [TOKEN_HEADER]: token, [PROBE_HEADER]: mark };
  if (asks === "health") return { url, method: "GET", headers, body: "", timeoutMs };
  return {
    url,
    method: "POST",
    body: QUESTION_BODY,
    timeoutMs,
    headers: { "content-type": "application/json", ...headers },
  };
}

/**
 * Remembers the mode whose full question failed, until one is answered.
 *
 * The agent remembers it too, but Lambda may replace its environment, or lead the next question to another one.
 */
export class FailedMode {
  #mode: string | undefined;

  /** Value of the header that marks a question of the probe. */
  mark(): string {
    return this.#mode ?? "1";
  }

  /** Takes note of a try; one that was no full question says nothing of a mode. */
  learn({ mode, failure }: Verdict): void {
    if (mode !== undefined) this.#mode = failure === undefined ? undefined : mode;
  }
}

/** Where a presented token comes from: SSM just now, SSM a few minutes ago, or memory because SSM does not answer. */
export type TokenOrigin = "read" | "kept" | "remembered";

/** The token to present and where it comes from, or why there is none. */
type PresentedToken = { readonly token: string; readonly from: TokenOrigin } | { readonly fault: TokenFault };

/**
 * Reads the token every few minutes and after every failed try, so that a rotated one is met by the next try, and remembers
 * it: an outage of SSM is not one of the agent, which goes on with the token that it knows. A parameter that is gone, empty
 * or denied is never made up for.
 */
export class TokenMemory {
  readonly #read: ReadToken;
  #last: { readonly token: string; readonly readMs: number } | undefined;

  constructor(read: ReadToken) {
    this.#read = read;
  }

  /** The token at `elapsedMs`; read again when the last reading is `reuseMs` old or older. */
  async present(elapsedMs: number, reuseMs: number): Promise<PresentedToken> {
    const last = this.#last;
    if (last !== undefined && elapsedMs - last.readMs < reuseMs) return { token: last.token, from: "kept" };
    const reading = await this.#read();
    if ("fault" in reading) return this.#without(reading.fault);
    const token = tokenDocumentOf(reading.value)?.current;
    if (token === undefined) return { fault: "token_empty" };
    this.#last = { token, readMs: elapsedMs };
    return { token, from: "read" };
  }

  #without(fault: TokenFault): PresentedToken {
    if (fault !== "token_unavailable" || this.#last === undefined) return { fault };
    return { token: this.#last.token, from: "remembered" };
  }
}
