import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Clock } from "@wrist-agent/cloudwatch/clock";
import { type FunctionRecords, newTraceId } from "../function/function-records.ts";
import {
  corsAnswerHeaders,
  type CorsConfig,
  corsPreflightHeaders,
  type CorsRequest,
  isCorsPreflight,
  urlAnswer,
  type UrlAnswer,
  urlEvent,
  urlOwnAnswer,
} from "../function/function-url-mapping.ts";
import type { LambdaFunction } from "../function/lambda-function.ts";
import {
  announcesTooLargeBody,
  discardBody,
  readBody,
  CONNECTION_LIMITS,
  type ConnectionLimits,
  http1Limits,
  foreignHost,
} from "./caller-limits.ts";
import { listen, type WantedPort } from "./listen.ts";

/** A function behind its URL, and who hears of the requests. */
export interface FunctionUrl {
  readonly lambda: Pick<LambdaFunction, "definition" | "invoke">;
  /** Without it the URL knows nothing of CORS and passes `OPTIONS` on. */
  readonly cors?: CorsConfig;
  readonly clock: Clock;
  readonly records: Pick<FunctionRecords, "url">;
  /** Name of the header that marks requests which nobody dictated; none is marked when missing. */
  readonly syntheticHeader?: string;
}

/** A server that listens, until it is stopped. */
export interface RunningServer {
  readonly port: number;
  /** `http://127.0.0.1:7701/`. */
  readonly url: string;
  stop(): Promise<void>;
}

interface Exchange {
  readonly answer: UrlAnswer;
  /** Missing when the function was not asked. */
  readonly requestId?: string;
}

const MAX_BODY_BYTES = 6 * 1024 * 1024;

/** Serves a function as its Function URL does: mapping, limits, CORS and Lambda's own answers. */
export async function startFunctionUrl(
  functionUrl: FunctionUrl,
  wanted: WantedPort,
  limits: ConnectionLimits = CONNECTION_LIMITS,
): Promise<RunningServer> {
  const handle = (request: IncomingMessage, response: ServerResponse): void =>
    void serve(functionUrl, request, response);
  const server = createServer(http1Limits(limits), handle);
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    if (!announcesTooLargeBody(request, MAX_BODY_BYTES)) response.writeContinue();
    handle(request, response);
  });
  const port = await listen(server, wanted);
  return {
    port,
    url: `http://127.0.0.1:${port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(served: FunctionUrl, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startMs = served.clock.now();
  const began = performance.now();
  const traceId = newTraceId(startMs);
  // Read once, before the function runs: its alias may move while it does, or be divided between two
  // versions.
  const functionUrl = { ...served };
  const { functionName, qualifier, version } = functionUrl.lambda.definition;
  const exchange = await exchangeFor(functionUrl, request, traceId).catch(() => undefined);
  if (exchange === undefined) return void response.destroy();
  const { answer, requestId } = exchange;
  // First, so that whoever has an answer finds the request after a kill, too.
  const isKept = functionUrl.records.url({
    functionName,
    qualifier,
    executedVersion: version,
    ...(requestId !== undefined && { requestId }),
    startMs,
    latencyMs: performance.now() - began,
    status: answer.status,
    method: request.method ?? "GET",
    path: (request.url ?? "/").split("?")[0] ?? "/",
    ...(isMarked(request, served.syntheticHeader) && { isMarked: true }),
  });
  send(response, isKept ? answer : NOT_KEPT, { requestId: requestId ?? randomUUID(), traceId });
  if (!request.complete) discardBody(request);
}

function isMarked({ headers }: IncomingMessage, header: string | undefined): boolean {
  return header !== undefined && headers[header] !== undefined;
}

/** Nobody hears that all is well when nothing of it will be known after a restart. */
const NOT_KEPT = urlOwnAnswer(500, {
  Message: "the local runtime could not write this request down: its terminal says why",
});

async function exchangeFor(
  functionUrl: FunctionUrl,
  request: IncomingMessage,
  traceId: string,
): Promise<Exchange> {
  const foreign = foreignHost(request.headers.host);
  if (foreign !== undefined) return { answer: urlOwnAnswer(403, { Message: foreign }) };
  const corsRequest = corsOf(request);
  if (functionUrl.cors !== undefined && isCorsPreflight(functionUrl.cors, corsRequest))
    return { answer: preflight(functionUrl.cors, corsRequest) };
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body.kind === "too-large") return { answer: tooLarge() };
  return invoke(functionUrl, request, { body: body.bytes, traceId });
}

async function invoke(
  { lambda, clock, cors }: FunctionUrl,
  request: IncomingMessage,
  { body, traceId }: { readonly body: Buffer; readonly traceId: string },
): Promise<Exchange> {
  const requestId = randomUUID();
  const event = urlEvent({
    method: request.method ?? "GET",
    target: request.url ?? "/",
    rawHeaders: request.rawHeaders,
    body,
    sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
    protocol: `HTTP/${request.httpVersion}`,
    requestId,
    traceId,
    nowMs: clock.now(),
  });
  const answer = urlAnswer(await lambda.invoke(event, { requestId, traceId }));
  const headers = { ...answer.headers, ...corsAnswerHeaders(cors, request.headers.origin) };
  return { answer: { ...answer, headers }, requestId };
}

function corsOf(request: IncomingMessage): CorsRequest {
  const { origin, "access-control-request-method": requestMethod } = request.headers;
  return { method: request.method ?? "GET", origin, requestMethod };
}

function preflight(cors: CorsConfig, request: CorsRequest): UrlAnswer {
  return { status: 200, headers: corsPreflightHeaders(cors, request), cookies: [], body: Buffer.alloc(0) };
}

function tooLarge(): UrlAnswer {
  const message = `request must be smaller than ${MAX_BODY_BYTES} bytes`;
  return urlOwnAnswer(413, { Message: message }, { "x-amzn-errortype": "RequestTooLargeException" });
}

/** Headers about the connection are the server's own. */
const CONNECTION_HEADERS = new Set(["content-length", "transfer-encoding", "keep-alive", "upgrade"]);

function send(
  response: ServerResponse,
  answer: UrlAnswer,
  { requestId, traceId }: { readonly requestId: string; readonly traceId: string },
): void {
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers))
    if (!CONNECTION_HEADERS.has(name)) response.setHeader(name, value);
  if (answer.cookies.length > 0) response.setHeader("set-cookie", answer.cookies);
  response.setHeader("x-amzn-requestid", requestId);
  response.setHeader("x-amzn-trace-id", traceId.split(";")[0] ?? traceId);
  response.setHeader("content-length", answer.body.length);
  response.end(answer.body);
}
