import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { errorCode } from "../contract/logged-error.ts";

/** How far a question came: each word is the step that did not end. */
export type ConnectionStep = "lookup" | "connect" | "handshake" | "answer" | "done";

/** What the network showed of one question; what it did not reach is missing. */
export interface ConnectionTrace {
  readonly reached: ConnectionStep;
  readonly latencyMs: number;
  readonly lookupMs?: number;
  readonly connectMs?: number;
  readonly handshakeMs?: number;
  readonly firstByteMs?: number;
  /** Address that the name led to. */
  readonly address?: string;
  /** For example `TLSv1.3`; missing without TLS. */
  readonly tlsProtocol?: string;
}

/** An answer as it came, header names in lower case. */
export interface ExchangeResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}

/** What became of a question on the network. */
export type ExchangeResult = { readonly travel: ConnectionTrace } & (
  | { readonly answered: ExchangeResponse }
  /** Node's code of the error, never its message. */
  | { readonly broken: string }
  | { readonly timedOut: true }
);

/** The question of a try. */
export interface ExchangeRequest {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** When the question is given up, in milliseconds from now. */
  readonly timeoutMs: number;
}

/** Sends a question over a connection of its own; whatever happens is a value. */
export type Exchange = (asking: ExchangeRequest) => Promise<ExchangeResult>;

/** No reply is longer than a few kilobytes; the rest of an answer that is no reply is not read. */
const MAX_BODY_CHARACTERS = 65_536;

/** What the exchange takes from outside. */
interface HttpParts {
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
  /** Finds addresses; the system's way when missing. */
  readonly lookup?: LookupFunction;
  /** Aborts after that many milliseconds; by the system's clock when missing. */
  readonly timeUp?: (milliseconds: number) => AbortSignal;
}

/**
 * Asks over Node's HTTP client, each time over a new connection: one that was kept would not meet a broken
 * name or certificate.
 *
 * It rejects only for a question that cannot be sent at all, such as a token with a character that no header
 * takes.
 */
export function httpExchange(parts: HttpParts): Exchange {
  return async (asking) => {
    const journey = new ConnectionTracer(asking.url, parts.elapsed);
    const { timeUp = AbortSignal.timeout.bind(AbortSignal) } = parts;
    const signal = timeUp(Math.max(1, Math.round(asking.timeoutMs)));
    const request = startRequest(asking, parts, signal);
    request.once("socket", (socket) => journey.follow(socket));
    try {
      const answered = await readResponse(request, journey);
      return { answered, travel: journey.travel() };
    } catch (cause) {
      const travel = journey.travel();
      return signal.aborted ? { travel, timedOut: true } : { travel, broken: errorCode(cause) };
    }
  };
}

function startRequest(
  { url, method, headers, body }: ExchangeRequest,
  { lookup }: HttpParts,
  signal: AbortSignal,
): ClientRequest {
  const send = url.startsWith("http:") ? httpRequest : httpsRequest;
  const request = send(url, {
    method,
    headers: body === "" ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
    agent: false,
    signal,
    ...(lookup === undefined ? {} : { lookup }),
  });
  request.end(body);
  return request;
}

async function readResponse(request: ClientRequest, journey: ConnectionTracer): Promise<ExchangeResponse> {
  const response = await responseOf(request);
  journey.firstByte();
  const body = await bodyOf(response);
  journey.done();
  return { status: response.statusCode ?? 0, headers: headersOf(response), body };
}

/** The listener stays: a connection that breaks twice must not stop the process. */
function responseOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.on("error", reject);
  });
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > MAX_BODY_CHARACTERS) break;
  }
  return text;
}

function headersOf({ headers }: IncomingMessage): ExchangeResponse["headers"] {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
}

/** Notes when each step of one question ended. */
class ConnectionTracer {
  readonly #elapsed: () => number;
  readonly #startMs: number;
  readonly #isTls: boolean;
  #travel: Omit<ConnectionTrace, "latencyMs">;

  constructor(url: string, elapsed: () => number) {
    const { protocol, hostname } = new URL(url);
    this.#elapsed = elapsed;
    this.#startMs = elapsed();
    this.#isTls = protocol === "https:";
    // An address needs no lookup, and its socket reports none.
    this.#travel = { reached: isIP(hostname.replace(/^\[|\]$/g, "")) === 0 ? "lookup" : "connect" };
  }

  travel(): ConnectionTrace {
    return { ...this.#travel, latencyMs: this.#passedMs() };
  }

  follow(socket: Socket): void {
    socket.once("lookup", (error: unknown) => {
      if (!(error instanceof Error)) this.#add({ reached: "connect", lookupMs: this.#passedMs() });
    });
    socket.once("connect", () => {
      const { remoteAddress } = socket;
      const connected = {
        reached: this.#isTls ? "handshake" : "answer",
        connectMs: this.#passedMs(),
      } as const;
      this.#add({ ...connected, ...(remoteAddress === undefined ? {} : { address: remoteAddress }) });
    });
    socket.once("secureConnect", () => {
      const tlsProtocol = socket instanceof TLSSocket ? socket.getProtocol() : null;
      const secured = { reached: "answer", handshakeMs: this.#passedMs() } as const;
      this.#add({ ...secured, ...(tlsProtocol === null ? {} : { tlsProtocol }) });
    });
  }

  firstByte(): void {
    this.#add({ firstByteMs: this.#passedMs() });
  }

  done(): void {
    this.#add({ reached: "done" });
  }

  #add(step: Partial<ConnectionTrace>): void {
    this.#travel = { ...this.#travel, ...step };
  }

  #passedMs(): number {
    return Math.round(this.#elapsed() - this.#startMs);
  }
}
