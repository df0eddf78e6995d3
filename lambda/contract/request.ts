/** The five modes of a request, as the Shortcut spells them. */
export const MODES = ["note", "reminder", "event", "research", "deepthink"] as const;

/** What the caller wants made of the dictated text. */
export type Mode = (typeof MODES)[number];

/** The mode of a request that names none. */
export const DEFAULT_MODE: Mode = "note";

/** Bounds and defaults of the request's fields. */
export const REQUEST_LIMITS = {
  maxTokensDefault: 800,
  maxTokensLimit: 4096,
  maxThinkingTokens: 65_536,
  textCharactersDefault: 8_000,
} as const;

/** A request after validation: every field present, within its bounds. */
export interface AgentRequest {
  readonly text: string;
  readonly mode: Mode;
  readonly maxTokens: number;
  readonly thinkingTokens: number;
  /** Epoch milliseconds that "tomorrow" is counted from; the time of receipt when missing. */
  readonly nowMs?: number;
  /** IANA zone of the speaker; the stage's zone when missing. */
  readonly timeZone?: string;
}

/** Header that carries the shared token; `Authorization: Bearer` is accepted as well. */
export const TOKEN_HEADER = "x-client-token";

/**
 * Header that marks a request of the probe, which is kept apart from user traffic in every metric.
 *
 * Its value is the mode whose full question failed last, so that an environment that knows nothing of it asks
 * it again; `1` where none did.
 */
export const PROBE_HEADER = "x-wrist-agent-probe";

/**
 * Member of an event that marks a question of the pre-traffic hook, which is kept out of every metric.
 *
 * It stands beside the headers: Lambda builds the event of a Function URL, so that no caller of the URL can
 * set it.
 */
export const VERIFICATION_MARK = "wristAgentVerification";

/** Header of every answer that repeats the request id found in the log. */
export const REQUEST_ID_HEADER = "x-request-id";

/**
 * Header of the answer to a request of the probe: the outcome, and its reason after a space where there is
 * one.
 */
export const OUTCOME_HEADER = "x-wrist-agent-outcome";

/**
 * Header of the answer to a request of the probe: the mode of which it was a full question; missing for the
 * shortest question.
 */
export const PROBE_MODE_HEADER = "x-wrist-agent-probe-mode";

/**
 * A dictated request as an invocation of a version itself, which no Function URL leads to: nobody dictated
 * it, so no metric counts it.
 *
 * An event of payload 2.0, as far as the agent reads it:
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
export function verificationEvent(token: string, body: object): object {
  return {
    version: "2.0",
    rawPath: "/",
    rawQueryString: "",
    headers: { "content-type": "application/json", [TOKEN_HEADER]: token },
    requestContext: { http: { method: "POST", path: "/", sourceIp: "", protocol: "HTTP/1.1" } },
    body: JSON.stringify(body),
    isBase64Encoded: false,
    [VERIFICATION_MARK]: true,
  };
}

/** What the Shortcut does with a reply. */
export const ACTIONS = ["note", "reminder", "event", "none"] as const;

/** One of {@link ACTIONS}. */
export type Action = (typeof ACTIONS)[number];

/** The body of a 200 answer: all ten keys are always present. */
export interface Reply {
  readonly markdown: string;
  readonly action: Action;
  readonly title: string;
  readonly dueISO: string | null;
  readonly startISO: string | null;
  readonly endISO: string | null;
  readonly location: string | null;
  readonly url: string | null;
  readonly notes: string | null;
  readonly tags: readonly string[];
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isTextOrNull: Check = (value) => value === null || isText(value);

/** What each of the ten fields must hold. */
export const REPLY_SHAPE: Readonly<Record<keyof Reply, Check>> = {
  markdown: isText,
  action: (value) => ACTIONS.some((action) => action === value),
  title: isText,
  dueISO: isTextOrNull,
  startISO: isTextOrNull,
  endISO: isTextOrNull,
  location: isTextOrNull,
  url: isTextOrNull,
  notes: isTextOrNull,
  tags: (value) => Array.isArray(value) && value.every(isText),
};

/** The body of every answer that is not a 200 and was made by the handler. */
export interface ErrorReply {
  readonly error: string;
}
