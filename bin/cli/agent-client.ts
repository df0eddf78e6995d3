import { jsonTextMembers } from "@wrist-agent/cloudwatch/json";
import { REQUEST_ID_HEADER, TOKEN_HEADER } from "../../lambda/contract/request.ts";
import { Failure, errorMessage } from "./failure.ts";

/** The fields of a request as a Shortcut sends them; what is missing gets the agent's default. */
export interface Question {
  readonly text: string;
  readonly mode?: string;
  readonly maxTokens?: number;
  readonly thinkingTokens?: number;
}

/** An answer of the Function URL, whoever made it: the handler, the URL or something in between. */
export interface Answer {
  readonly status: number;
  readonly milliseconds: number;
  readonly requestId: string | undefined;
  /** The body exactly as it came. */
  readonly raw: string;
  /** The body when it is a JSON object, else empty. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** How long a person waits for a watch; also the longest timeout of the stages. */
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * POSTs one question to the Function URL at `url`, as the Shortcut does. Throws {@link Failure} without an
 * answer.
 */
export async function askAgent(url: string, token: string, question: Question): Promise<Answer> {
  const started = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", [TOKEN_HEADER]: token },
    body: JSON.stringify(question),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Failure(`no answer from ${url}: ${fetchErrorText(error)}`, { cause: error });
  });
  const raw = await response.text();
  return {
    status: response.status,
    milliseconds: Math.round(performance.now() - started),
    requestId: response.headers.get(REQUEST_ID_HEADER) ?? undefined,
    raw,
    fields: jsonTextMembers(raw),
  };
}

/** What the answer says went wrong, in the words of whoever made it. */
export function answerErrorText(answer: Answer): string {
  for (const key of ["error", "message", "Message"]) {
    const value = answer.fields[key];
    if (typeof value === "string") return value;
  }
  return answer.raw.slice(0, 200) || "an empty body";
}

/** `fetch failed` says nothing; its cause does. */
function fetchErrorText(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? errorMessage(error) : errorMessage(cause);
}
