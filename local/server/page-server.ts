import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Clock } from "@wrist-agent/cloudwatch/clock";
import { systemClock } from "../clock.ts";
import {
  discardBody,
  readBody,
  CONNECTION_LIMITS,
  type ConnectionLimits,
  http1Limits,
  foreignHost,
} from "./caller-limits.ts";
import { listen } from "./listen.ts";
import {
  DashboardVersions,
  errorAnswer,
  type JsonAnswer,
  type MetricFeed,
  type PagePort,
  READ_ROUTES,
  readAlarmState,
  readFault,
  readMetricFeed,
  readQuestion,
  readSubscriptionRequest,
  type Subscribe,
} from "./page-api.ts";
import { type PageEvents, startPageEvents } from "./page-events.ts";
import { PACKED_ENCODINGS, type PageFile, pageFiles } from "./page-bundle.ts";
import type { AlarmStateSetting, Fault, Question, QuestionAnswer, SubscriptionRequest } from "./wire.ts";

/** Headers of every answer: nothing from elsewhere runs in the page, and nobody frames it or keeps it. */
const PAGE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

/** Why a request may not change anything: another site's page could send it without asking first. */
function refuseForeignChange(request: IncomingMessage): JsonAnswer | undefined {
  const { origin, host } = request.headers;
  if (origin !== undefined && origin !== `http://${host ?? ""}`)
    return errorAnswer(
      403,
      `origin ${JSON.stringify(origin)} is another site: only this page may change anything`,
    );
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  return type === "application/json"
    ? undefined
    : errorAnswer(415, `content type must be application/json; got ${JSON.stringify(type)}`);
}

/** What the page server needs of the running system. */
export interface PageServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly api: PagePort;
  readonly subscribe: Subscribe;
  /** Makes the model's stand-in misbehave; without it (a real model answers) faults are refused with 409. */
  readonly setFault?: (fault: Fault) => void | Promise<void>;
  /** Sets an alarm's state as SetAlarmState does; gives why it does not, if it does not. */
  readonly setAlarmState: (setting: AlarmStateSetting) => string | undefined;
  /** Does what the links of SNS's mails do on AWS; gives why it does not, if it does not. */
  readonly changeSubscription: (request: SubscriptionRequest) => string | undefined;
  /** Takes data as if AWS had them, in whatever namespace; gives why it does not, if it does not. */
  readonly feedMetrics: (feed: MetricFeed) => string | undefined;
  /** Asks the agent as the Shortcut does; without it the page's form is refused with 409. */
  readonly ask?: (question: Question) => Promise<QuestionAnswer>;
  /**
   * Paces the events; the system's own when missing, whatever clock the system runs on: browsers live in real
   * time.
   */
  readonly clock?: Clock;
  /** Told of every answer that failed because of a bug. */
  readonly log: (message: string, cause: unknown) => void;
  /** {@link CONNECTION_LIMITS} when missing. */
  readonly limits?: ConnectionLimits;
}

/** A running page server. */
export interface PageServer {
  /** `http://127.0.0.1:7700`, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  /** Ends open connections too: pages keep one open for events. */
  stop(): Promise<void>;
}

interface Parts {
  readonly options: PageServerOptions;
  readonly events: PageEvents;
  readonly versions: DashboardVersions;
}

/** Enough for the longest text that the agent takes. */
const MAX_BODY_BYTES = 65_536;

/** Serves the page and its API on 127.0.0.1 only. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const server = createServer(http1Limits(options.limits ?? CONNECTION_LIMITS));
  const port = await listen(server, { port: options.port, option: "--port" });
  const events = startPageEvents(options.subscribe, options.clock ?? systemClock());
  const parts: Parts = { options, events, versions: new DashboardVersions() };
  server.on("request", (request, response) => void serve(parts, request, response));
  return { url: `http://127.0.0.1:${port}`, port, stop: () => stop(server, events) };
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
  try {
    await route(parts, request, response);
  } catch (cause) {
    // A server that stops cuts off whoever still waits: what then fails is no bug.
    if (response.destroyed) return;
    parts.options.log(`page: ${request.method ?? ""} ${request.url ?? ""} failed`, cause);
    if (!response.headersSent)
      await sendJson(request, response, errorAnswer(500, "the local runtime failed: its terminal says why"));
  }
}

async function route(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await decide(parts, request);
  if (answer === "events") openEvents(parts.events, request, response);
  else if ("etag" in answer) sendFile(request, response, answer);
  else await sendJson(request, response, answer);
}

async function decide(parts: Parts, request: IncomingMessage): Promise<JsonAnswer | PageFile | "events"> {
  const foreign = foreignHost(request.headers.host);
  if (foreign !== undefined) return errorAnswer(403, foreign);
  const url = addressOf(request.url ?? "/");
  if (url === undefined) return errorAnswer(400, `${request.url ?? ""} is no address: the page is at /`);
  const write = Object.hasOwn(WRITE_ROUTES, url.pathname) ? WRITE_ROUTES[url.pathname] : undefined;
  if (write !== undefined) return answerPost(parts.options, request, write);
  // The files may still be bundled when the first page is opened; nothing else waits for them.
  const found =
    url.pathname === "/api/events"
      ? "events"
      : (READ_ROUTES[url.pathname] ?? (await pageFiles())[url.pathname]);
  if (found === undefined) return errorAnswer(404, `nothing is at ${url.pathname}: the page is at /`);
  if (request.method !== "GET" && request.method !== "HEAD") return onlyBy("GET, HEAD", request);
  if (typeof found !== "function") return found;
  return found({ port: parts.options.api, versions: parts.versions }, url.searchParams);
}

/** The path and query of a request line; `undefined` for one that is neither (`//`, an absolute address). */
function addressOf(target: string): URL | undefined {
  const isPath = target.startsWith("/") && !target.startsWith("//");
  return isPath && URL.canParse(target, "http://page") ? new URL(target, "http://page") : undefined;
}

/** What may be posted, by path: what a page changes or asks, never by another site. */
const WRITE_ROUTES: Readonly<
  Record<string, (options: PageServerOptions, body: string) => JsonAnswer | Promise<JsonAnswer>>
> = {
  "/api/fault": changeFault,
  "/api/ask": askQuestion,
  "/api/alarm-state": setAlarmState,
  "/api/subscription": changeSubscription,
  "/api/metrics": feedMetrics,
};

async function answerPost(
  options: PageServerOptions,
  request: IncomingMessage,
  write: (typeof WRITE_ROUTES)[string],
): Promise<JsonAnswer> {
  if (request.method !== "POST") return onlyBy("POST", request);
  const foreign = refuseForeignChange(request);
  if (foreign !== undefined) return foreign;
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body.kind === "body") return write(options, body.bytes.toString("utf8"));
  discardBody(request);
  return errorAnswer(413, `body is over ${MAX_BODY_BYTES} bytes`);
}

async function changeFault(options: PageServerOptions, body: string): Promise<JsonAnswer> {
  if (options.setFault === undefined)
    return errorAnswer(409, "a real model answers: faults exist only with --model scripted");
  const { nowMs } = await options.api.overview();
  const fault = readFault(body, nowMs);
  if ("error" in fault) return errorAnswer(400, fault.error);
  await options.setFault(fault);
  return { status: 200, body: fault };
}

async function askQuestion(options: PageServerOptions, body: string): Promise<JsonAnswer> {
  if (options.ask === undefined) return errorAnswer(409, "this page cannot ask: use npm run cli -- ask");
  const question = readQuestion(body);
  if ("error" in question) return errorAnswer(400, question.error);
  return { status: 200, body: await options.ask(question) };
}

function setAlarmState(options: PageServerOptions, body: string): JsonAnswer {
  const setting = readAlarmState(body);
  if ("error" in setting) return errorAnswer(400, setting.error);
  const refusal = options.setAlarmState(setting);
  return refusal === undefined ? { status: 200, body: setting } : errorAnswer(400, refusal);
}

function feedMetrics(options: PageServerOptions, body: string): JsonAnswer {
  const feed = readMetricFeed(body);
  if ("error" in feed) return errorAnswer(400, feed.error);
  const refusal = options.feedMetrics(feed);
  return refusal === undefined ? { status: 200, body: { fed: feed.data.length } } : errorAnswer(400, refusal);
}

function changeSubscription(options: PageServerOptions, body: string): JsonAnswer {
  const request = readSubscriptionRequest(body);
  if ("error" in request) return errorAnswer(400, request.error);
  const refusal = options.changeSubscription(request);
  return refusal === undefined ? { status: 200, body: {} } : errorAnswer(400, refusal);
}

function onlyBy(allow: string, request: IncomingMessage): JsonAnswer & { readonly allow: string } {
  return { ...errorAnswer(405, `${request.method ?? ""} is not for this address: use ${allow}`), allow };
}

function openEvents(events: PageEvents, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  if (request.method === "HEAD") response.end();
  else events.join(response);
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: PageFile): void {
  const headers = { "cache-control": "no-cache", etag: file.etag, vary: "accept-encoding" };
  const encoding = PACKED_ENCODINGS.find((name) => accepts(request, name));
  const packed = encoding === undefined ? {} : { "content-encoding": encoding };
  const body = encoding === undefined ? file.body : file.packed[encoding];
  if (request.headers["if-none-match"] === file.etag) response.writeHead(304, headers).end();
  else response.writeHead(200, { ...headers, ...packed, "content-type": file.contentType }).end(body);
}

/**
 * Whether the reader takes an encoding; what they give it no weight for counts as yes, as browsers write it.
 */
function accepts(request: IncomingMessage, encoding: string): boolean {
  const accepted = (request.headers["accept-encoding"] ?? "").split(",");
  return accepted.some(
    (item) => item.trim().toLowerCase().split(";")[0] === encoding && !/;\s*q=0(\.0*)?$/.test(item),
  );
}

/** A shorter answer fits into one packet as it is. */
const MIN_PACKED_BYTES = 1400;
const pack = promisify(gzip);

async function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  answer: JsonAnswer & { readonly allow?: string },
): Promise<void> {
  if (answer.allow !== undefined) response.setHeader("allow", answer.allow);
  const json = "json" in answer ? answer.json : JSON.stringify(answer.body);
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  if (json.length < MIN_PACKED_BYTES || !accepts(request, "gzip"))
    response.writeHead(answer.status, headers).end(json);
  // zlib works on a thread of its own.
  else response.writeHead(answer.status, { ...headers, "content-encoding": "gzip" }).end(await pack(json));
}

function stop(server: Server, events: PageEvents): Promise<void> {
  events.stop();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
