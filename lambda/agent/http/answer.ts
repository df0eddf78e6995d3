import type { LambdaFunctionURLResult } from "aws-lambda";
import { OUTCOME_HEADER, REQUEST_ID_HEADER } from "../../contract/request.ts";

/** What the agent answers, before it becomes a Lambda result. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  /** Seconds after which asking again makes sense; sent with 429 and 503. */
  readonly retryAfterSeconds?: number;
  /** Methods that would have been accepted; sent with 405. */
  readonly allow?: string;
  /** Outcome and reason, told to the probe alone. */
  readonly outcome?: string;
}

/** A Lambda result of payload 2.0 in its long form. */
export type AgentResult = Exclude<LambdaFunctionURLResult, string>;

/** The Lambda result of an answer: JSON, never cached, with the request id that the log has. */
export function resultOf(answer: Answer, requestId: string): AgentResult {
  return {
    statusCode: answer.status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      [REQUEST_ID_HEADER]: requestId,
      ...(answer.retryAfterSeconds === undefined ? {} : { "retry-after": String(answer.retryAfterSeconds) }),
      ...(answer.allow === undefined ? {} : { allow: answer.allow }),
      ...(answer.outcome === undefined ? {} : { [OUTCOME_HEADER]: answer.outcome }),
    },
    body: JSON.stringify(answer.body),
  };
}
