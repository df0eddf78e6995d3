import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { PROBE_LIMITS, type ProbeFailure, type ProbeQuestion } from "../contract/probe.ts";
import {
  OUTCOME_HEADER,
  PROBE_HEADER,
  PROBE_MODE_HEADER,
  REPLY_SHAPE,
  REQUEST_ID_HEADER,
  TOKEN_HEADER,
} from "../contract/request.ts";
import { tokenDocumentOf } from "../contract/token.ts";
import type { ReadToken, TokenFault } from "../read-token.ts";
import type {
  ConnectionStep,
  ConnectionTrace,
  Exchange,
  ExchangeRequest,
  ExchangeResponse,
  ExchangeResult,
} from "./http-exchange.ts";

/** What a try says of the agent. */
interface Verdict {
  /** Missing when a Shortcut would have been served. */
  readonly failure?: ProbeFailure;
  readonly detail?: string;
  readonly status?: number;
  readonly requestId?: string;
  /** The agent's own outcome and reason, where it gave them. */
  readonly outcome?: string;
  readonly reason?: string;
  /** The mode whose full question the agent asked. */
  readonly mode?: string;
}

/** A connection that breaks is classified by the step at which it broke. */
const FAILURE_BY_STEP: Readonly<Record<ConnectionStep, ProbeFailure>> = {
  lookup: "dns",
  connect: "connection",
  handshake: "tls",
  answer: "connection",
  done: "connection",
};

/** Statuses with a class of their own; the agent itself never answers 403. */
const FAILURE_BY_STATUS: Readonly<Record<number, ProbeFailure>> = {
  401: "unauthorized",
  403: "url_forbidden",
  429: "too_many_requests",
};

/** Classifies what became of a question. */
export function exchangeVerdict(exchanged: ExchangeResult, asks: ProbeQuestion): Verdict {
  const { reached } = exchanged.travel;
  if ("timedOut" in exchanged) return { failure: "timeout", detail: reached };
  if ("broken" in exchanged) return { failure: FAILURE_BY_STEP[reached], detail: exchanged.broken };
  const { answered } = exchanged;
  return {
    status: answered.status,
    ...headerWords(answered),
    ...responseFailure(answered, BODY_FAULT[asks]),
  };
}

/** The first thing that is wrong with a body; `undefined` for a sound one. */
type BodyFault = (body: string) => string | undefined;

const BODY_FAULT: Readonly<Record<ProbeQuestion, BodyFault>> = { model: replyFault, health: healthFault };

function responseFailure(
  answered: ExchangeResponse,
  faultOf: BodyFault,
): Pick<Verdict, "failure" | "detail"> {
  const { status, body } = answered;
  if (status === 200) {
    const fault = faultOf(body);
    return fault === undefined ? {} : { failure: "wrong_shape", detail: fault };
  }
  return { failure: statusFailure(answered) };
}

function statusFailure({ status, headers }: ExchangeResponse): ProbeFailure {
  const own = FAILURE_BY_STATUS[status];
  if (own !== undefined) return own;
  if (status >= 500) return headers[REQUEST_ID_HEADER] === undefined ? "function_failed" : "agent_failed";
  return status >= 400 ? "refused" : "wrong_shape";
}

/** Words from headers are written to the log, so only what looks like a word of ours is. */
const WORD = /^[\w.-]{1,64}$/;

function headerWords({
  headers,
}: ExchangeResponse): Pick<Verdict, "requestId" | "outcome" | "reason" | "mode"> {
  const [outcome, reason] = (headers[OUTCOME_HEADER] ?? "").split(" ");
  const words = { requestId: headers[REQUEST_ID_HEADER], outcome, reason, mode: headers[PROBE_MODE_HEADER] };
  return Object.fromEntries(
    Object.entries(words).filter(([, word]) => word !== undefined && WORD.test(word)),
  );
}

/**
 * The first thing that is wrong with a body as the contract's reply; `undefined` for a sound one. Nothing of
 * the body is repeated.
 */
export function replyFault(body: string): string | undefined {
  const reply = parseJsonObject(body);
  if (reply === undefined) return "no JSON object";
  return Object.entries(REPLY_SHAPE).find(([name, isRight]) => !isRight(reply[name]))?.[0];
}

/** The same for an answer about the agent's health. */
function healthFault(body: string): string | undefined {
  const health = parseJsonObject(body);
  if (health === undefined) return "no JSON object";
  return health.status === "ok" ? undefined : "status";
}

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

/**
 * Tries until one succeeds or none is left; gives them all, oldest first. A try that lasts longer moves the
 * next.
 */
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

/**
 * The request of a Shortcut, or the one for the agent's health, with the mark that keeps it out of the users'
 * figures.
 */
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
 * The agent remembers it too, but Lambda may replace its environment, or lead the next question to another
 * one.
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

/**
 * Where a presented token comes from: SSM just now, SSM a few minutes ago, or memory because SSM does not
 * answer.
 */
export type TokenOrigin = "read" | "kept" | "remembered";

/** The token to present and where it comes from, or why there is none. */
type PresentedToken = { readonly token: string; readonly from: TokenOrigin } | { readonly fault: TokenFault };

/**
 * Reads the token every few minutes and after every failed try, so that a rotated one is met by the next try,
 * and remembers it: an outage of SSM is not one of the agent, which goes on with the token that it knows. A
 * parameter that is gone, empty or denied is never made up for.
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
