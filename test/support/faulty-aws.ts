import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { cbor } from "@smithy/core/cbor";

/** What AWS does with a call in place of answering it. */
export type AwsFault =
  | { readonly kind: "error"; readonly name: string; readonly message: string; readonly status?: number }
  /** The connection ends before the answer. */
  | { readonly kind: "cut" }
  /** Another answer than that of the endpoint, in JSON. */
  | { readonly kind: "answer"; readonly body: object }
  /** AWS does it, and the connection ends before its answer is here. */
  | { readonly kind: "lost" }
  /** AWS answers, and what is in its answer is another. */
  | { readonly kind: "rewritten"; readonly by: (text: string) => string };

/**
 * Asked before each call: a fault, or nothing where it is to be answered. `nth` counts the calls of the
 * operation, from 1.
 */
export type FaultOf = (
  operation: string,
  nth: number,
) => AwsFault | undefined | Promise<AwsFault | undefined>;

/** A proxy in front of an AWS endpoint that throttles, refuses and cuts as a test wants it. */
export interface FaultyAws {
  readonly url: string;
  /** Operations in the order in which they were asked for, REST ones as `GET /path`. */
  readonly asked: readonly string[];
  readonly stop: () => Promise<void>;
}

export const THROTTLED: AwsFault = { kind: "error", name: "ThrottlingException", message: "Rate exceeded" };

export const EXPIRED: AwsFault = {
  kind: "error",
  name: "ExpiredTokenException",
  message: "The security token included in the request is expired",
  status: 403,
};

/** A refusal as AWS words it. */
export function denied(action: string, resource: string): AwsFault {
  const message = `User: arn:aws:sts::123456789012:assumed-role/reader/ann is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`;
  return { kind: "error", name: "AccessDeniedException", message, status: 403 };
}

/** Starts a {@link FaultyAws} in front of `endpoint`. */
export async function faultyAws(endpoint: string, faultOf: FaultOf): Promise<FaultyAws> {
  const asked: string[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const operation = operationOf(request, body);
      const nth = (counts.get(operation) ?? 0) + 1;
      counts.set(operation, nth);
      asked.push(operation);
      const fault = await faultOf(operation, nth);
      if (fault === undefined) pass(endpoint, { request, body }, response);
      else if (fault.kind === "cut") request.socket.destroy();
      else if (fault.kind === "answer") {
        response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
        response.end(JSON.stringify(fault.body));
      } else if (fault.kind === "lost") lose(endpoint, { request, body });
      else if (fault.kind === "rewritten") rewrite(endpoint, { request, body }, { response, by: fault.by });
      else refuse(request, response, fault);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function operationOf({ headers, method = "", url = "" }: IncomingMessage, body: Buffer): string {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return target.split(".")[1] ?? "";
  const [, ofPath] = /^\/service\/[^/]+\/operation\/([^/?]+)/.exec(url) ?? [];
  if (ofPath !== undefined) return ofPath;
  const form = new URLSearchParams(body.toString("latin1"));
  return form.get("Action") ?? `${method} ${url}`;
}

function pass(
  endpoint: string,
  { request, body }: { readonly request: IncomingMessage; readonly body: Buffer },
  response: ServerResponse,
): void {
  const { method, headers, url = "/" } = request;
  const own = { ...headers, host: new URL(endpoint).host };
  const onward = httpRequest(new URL(url, endpoint), { method, headers: own }, (answer) => {
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  onward.end(body);
}

function lose(
  endpoint: string,
  { request, body }: { readonly request: IncomingMessage; readonly body: Buffer },
): void {
  const { method, headers, url = "/", socket } = request;
  const own = { ...headers, host: new URL(endpoint).host };
  httpRequest(new URL(url, endpoint), { method, headers: own }, () => socket.destroy()).end(body);
}

function rewrite(
  endpoint: string,
  { request, body }: { readonly request: IncomingMessage; readonly body: Buffer },
  { response, by }: { readonly response: ServerResponse; readonly by: (text: string) => string },
): void {
  const { method, headers, url = "/" } = request;
  const own = { ...headers, host: new URL(endpoint).host };
  const onward = httpRequest(new URL(url, endpoint), { method, headers: own }, (received) => {
    void bodyOf(received).then((whole) => {
      const text = by(whole.toString("utf8"));
      const { "content-length": _length, ...others } = received.headers;
      response.writeHead(received.statusCode ?? 500, others);
      response.end(text);
    });
  });
  onward.end(body);
}

/** The error in the protocol of the call. */
function refuse(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { name, message, status = 400 }: Extract<AwsFault, { kind: "error" }>,
): void {
  if (headers["smithy-protocol"] === "rpc-v2-cbor") {
    response.writeHead(status, { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" });
    response.end(Buffer.from(cbor.serialize({ __type: `com.amazonaws#${name}`, message })));
    return;
  }
  if (String(headers["content-type"]).startsWith("application/x-www-form-urlencoded")) {
    // The query protocol leaves the ending off.
    const code = name.replace(/Exception$/, "");
    response.writeHead(status, { "content-type": "text/xml" });
    response.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    );
    return;
  }
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": name });
  response.end(JSON.stringify({ __type: name, message }));
}
