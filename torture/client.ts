import { connect } from "node:net";
import type { SystemAddresses } from "./torture.ts";

/** An answer of the Function URL. */
export interface UrlAnswer {
  readonly status: number;
  readonly requestId: string;
  readonly body: string;
}

/** Longer than the function's timeout: an answer that has not come by then never comes. */
const ANSWER_LIMIT_MS = 60_000;

/** Sends one request to the Function URL, with the token unless the headers say otherwise. */
export async function askUrl(
  { functionUrl, token }: SystemAddresses,
  init: { readonly body: string; readonly method?: string; readonly headers?: Record<string, string> },
): Promise<UrlAnswer> {
  const response = await fetch(functionUrl, {
    method: init.method ?? "POST",
    headers: { "content-type": "application/json", "x-client-token": token, ...init.headers },
    ...(init.method !== "GET" && { body: init.body }),
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  });
  const requestId = response.headers.get("x-amzn-requestid") ?? "";
  return { status: response.status, requestId, body: await response.text() };
}

/** Calls an operation of AWS in JSON; the Region is the home Region when the call is not signed. */
export async function callAws(
  { awsEndpoint }: SystemAddresses,
  target: string,
  input: object,
): Promise<{ readonly status: number; readonly output: Readonly<Record<string, unknown>> }> {
  const isSsm = target.startsWith("AmazonSSM");
  const response = await fetch(awsEndpoint, {
    method: "POST",
    headers: { "x-amz-target": target, "content-type": `application/x-amz-json-1.${isSsm ? 1 : 0}` },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  });
  return { status: response.status, output: (await response.json()) as Record<string, unknown> };
}

/** Calls an operation of SNS, which speaks in forms and XML. */
export async function callSns(
  { awsEndpoint }: SystemAddresses,
  input: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(awsEndpoint, {
    method: "POST",
    body: new URLSearchParams({ Version: "2010-03-31", ...input }),
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  });
  return { status: response.status, text: await response.text() };
}

/** The target of a CloudWatch operation. */
export function cloudWatch(operation: string): string {
  return `GraniteServiceVersion20100801.${operation}`;
}

/** What waits for more than it was sent is not waited for as long. */
const PATIENCE_MS = 3000;

/** Beyond every time limit of the ports. */
const RAW_LIMIT_MS = 45_000;

/**
 * Writes bytes to a port and gives all that comes back until the server closes; `undefined` when it never
 * does.
 */
export function sendRaw(address: string, bytes: string): Promise<string | undefined> {
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  return new Promise((resolve) => {
    let text = "";
    const tooLate = setTimeout(() => {
      socket.destroy();
      resolve(undefined);
    }, RAW_LIMIT_MS);
    // A server that hears the end first drops the answer that it has not written yet.
    const patience = setTimeout(() => socket.end(), PATIENCE_MS);
    socket.on("data", (part) => {
      text += part.toString("latin1");
      socket.end();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(tooLate);
      clearTimeout(patience);
      resolve(text);
    });
    socket.write(Buffer.from(bytes, "latin1"));
  });
}
