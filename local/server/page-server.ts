import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Cancel } from "@wrist-agent/cloudwatch/clock";
import { discardBody, readBody } from "./bounded-body.ts";
import { CONNECTION_LIMITS, type ConnectionLimits, http1Limits } from "./connection-limits.ts";
import { foreignHost } from "./foreign-caller.ts";
import { listen } from "./listen.ts";
import {
  errorAnswer,
  type JsonAnswer,
  type PagePort,
  READ_ROUTES,
  readFault,
  type Subscribe,
} from "./page-api.ts";
import { type PageFile, pageFiles, type PageFiles } from "./page-bundle.ts";
import type { Fault } from "./wire.ts";

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

/** The pages that listen for changes. */
interface PageEvents {
  /** Keeps `response` open and tells it of every change from now on. */
  join(response: ServerResponse): void;
  /** Ends every open response and the subscription. */
  stop(): void;
}

/** Joins one subscription to any number of pages as server-sent events; changes of the same turn are told once. */
function startPageEvents(subscribe: Subscribe): PageEvents {
  const pages = new Set<ServerResponse>();
  let told = true;
  const tell = (): void => {
    told = true;
    for (const page of pages) page.write("event: changed\ndata:\n\n");
  };
  const cancel: Cancel = subscribe(() => {
    if (!told) return;
    told = false;
    setImmediate(tell);
  });
  return {
    join(response) {
      response.on("close", () => pages.delete(response));
      pages.add(response);
      // Comes back a second after the connection breaks, so that a restarted server is seen at once.
      response.write("retry: 1000\nevent: changed\ndata:\n\n");
    },
    stop() {
      cancel();
      for (const page of pages) page.end();
    },
  };
}

/** What the page server needs of the running system. */
export interface PageServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly api: PagePort;
  readonly subscribe: Subscribe;
  /** Makes the model's stand-in misbehave; without it (a real model answers) faults are refused with 409. */
  readonly setFault?: (fault: Fault) => void | Promise<void>;
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
  readonly files: PageFiles;
  readonly events: PageEvents;
}

const MAX_BODY_BYTES = 4096;

/** Serves the page and its API on 127.0.0.1 only. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const files = await pageFiles();
  const server = createServer(http1Limits(options.limits ?? CONNECTION_LIMITS));
  const port = await listen(server, { port: options.port, option: "--port" });
  const events = startPageEvents(options.subscribe);
  const parts: Parts = { options, files, events };
  server.on("request", (request, response) => void serve(parts, request, response));
  return { url: `http://127.0.0.1:${port}`, port, stop: () => stop(server, events) };
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value);
  try {
    await route(parts, request, response);
  } catch (cause) {
    parts.options.log(`page: ${request.method ?? ""} ${request.url ?? ""} failed`, cause);
    if (!response.headersSent)
      sendJson(response, errorAnswer(500, "the local runtime failed: its terminal says why"));
  }
}

async function route(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await decide(parts, request);
  if (answer === "events") openEvents(parts.events, request, response);
  else if ("etag" in answer) sendFile(request, response, answer);
  else sendJson(response, answer);
}

async function decide(parts: Parts, request: IncomingMessage): Promise<JsonAnswer | PageFile | "events"> {
  const foreign = foreignHost(request.headers.host);
  if (foreign !== undefined) return errorAnswer(403, foreign);
  const url = addressOf(request.url ?? "/");
  if (url === undefined) return errorAnswer(400, `${request.url ?? ""} is no address: the page is at /`);
  if (url.pathname === "/api/fault") return changeFault(parts.options, request);
  const found =
    url.pathname === "/api/events" ? "events" : (parts.files[url.pathname] ?? READ_ROUTES[url.pathname]);
  if (found === undefined) return errorAnswer(404, `nothing is at ${url.pathname}: the page is at /`);
  if (request.method !== "GET" && request.method !== "HEAD") return onlyBy("GET, HEAD", request);
  return typeof found === "function" ? found(parts.options.api, url.searchParams) : found;
}

/** The path and query of a request line; `undefined` for one that is neither (`//`, an absolute address). */
function addressOf(target: string): URL | undefined {
  const isPath = target.startsWith("/") && !target.startsWith("//");
  return isPath && URL.canParse(target, "http://page") ? new URL(target, "http://page") : undefined;
}

async function changeFault(options: PageServerOptions, request: IncomingMessage): Promise<JsonAnswer> {
  if (request.method !== "POST") return onlyBy("POST", request);
  const foreign = refuseForeignChange(request);
  if (foreign !== undefined) return foreign;
  if (options.setFault === undefined)
    return errorAnswer(409, "a real model answers: faults exist only with --model scripted");
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body.kind === "too-large") {
    discardBody(request);
    return errorAnswer(413, `body is over ${MAX_BODY_BYTES} bytes: a fault needs a kind and a rate`);
  }
  const fault = readFault(body.bytes.toString("utf8"));
  if ("error" in fault) return errorAnswer(400, fault.error);
  await options.setFault(fault);
  return { status: 200, body: fault };
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
  const headers = { "cache-control": "no-cache", etag: file.etag };
  if (request.headers["if-none-match"] === file.etag) response.writeHead(304, headers).end();
  else response.writeHead(200, { ...headers, "content-type": file.contentType }).end(file.body);
}

function sendJson(response: ServerResponse, answer: JsonAnswer & { readonly allow?: string }): void {
  if (answer.allow !== undefined) response.setHeader("allow", answer.allow);
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  response.writeHead(answer.status, headers).end(JSON.stringify(answer.body));
}

function stop(server: Server, events: PageEvents): Promise<void> {
  events.stop();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
