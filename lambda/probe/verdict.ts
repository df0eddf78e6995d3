import { parseJsonObject } from "../contract/json-object.ts";
import type { ProbeFailure, ProbeQuestion } from "../contract/probe.ts";
import { REPLY_SHAPE } from "../contract/reply.ts";
import { OUTCOME_HEADER, PROBE_MODE_HEADER, REQUEST_ID_HEADER } from "../contract/request.ts";
import type { ConnectionStep, ExchangeResponse, ExchangeResult } from "./http-exchange.ts";

/** What a try says of the agent. */
export interface Verdict {
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

/** The first thing that is wrong with a body as the contract's reply; `undefined` for a sound one. Nothing of the body is repeated. */
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
