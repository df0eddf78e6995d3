import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to a call on its way: an AWS error by name, the connection cut before or after AWS has answered, or silence. */
export type Trouble =
  | { readonly error: string; readonly message?: string; readonly status?: number }
  | "cut before"
  | "cut after";

/** A server between SDK clients and an AWS endpoint, which lets calls through but for those in trouble. */
export interface Between {
  readonly url: string;
  /** Operations that were called, in order. */
  readonly calls: string[];
  /** By operation; a test changes it at any time. */
  readonly trouble: Map<string, Trouble>;
  /** Called before an operation is passed on. */
  readonly before: Map<string, () => void | Promise<void>>;
  readonly stop: () => Promise<void>;
}

/** Starts one before `endpoint`. */
export async function startBetween(endpoint: string): Promise<Between> {
  const calls: string[] = [];
  const trouble = new Map<string, Trouble>();
  const before = new Map<string, () => void | Promise<void>>();
  const server = createServer((request, response) => {
    void receive(request).then(async (body) => {
      const operation = operationOf(request, body);
      calls.push(operation);
      await before.get(operation)?.();
      const found = trouble.get(operation);
      if (found === undefined)
        return pass(endpoint, { request, body }, (answer) => void relay(answer, response));
      if (found === "cut before") return void request.socket.destroy();
      if (found === "cut after") return pass(endpoint, { request, body }, () => request.socket.destroy());
      refuse(request, response, found);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, calls, trouble, before, stop: () => stop(server) };
}

async function receive(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The operation of a call in any of the protocols of AWS; method and path of a REST call. */
function operationOf({ headers, url = "", method = "" }: IncomingMessage, body: Buffer): string {
  const target = headers["x-amz-target"];
  const inPath = /\/operation\/(\w+)$/.exec(url)?.[1];
  const inForm = /(?:^|&)Action=(\w+)/.exec(body.toString("latin1"))?.[1];
  const named = typeof target === "string" ? target.split(".").at(-1) : undefined;
  return named ?? inPath ?? inForm ?? `${method} ${url.split("?")[0] ?? ""}`;
}

function pass(
  endpoint: string,
  { request, body }: { readonly request: IncomingMessage; readonly body: Buffer },
  done: (answer: IncomingMessage) => void,
): void {
  const { method, url = "", headers } = request;
  const { host: _host, ...others } = headers;
  const onward = forward(new URL(url, endpoint), { method, headers: others }, done);
  onward.end(body);
}

async function relay(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  response.writeHead(answer.statusCode ?? 500, answer.headers);
  response.end(await receive(answer));
}

/** The error in JSON, XML or, for CloudWatch's own protocol, in JSON that its client takes from the header. */
function refuse(
  { headers }: IncomingMessage,
  response: ServerResponse,
  { error, message = "no", status = 400 }: Exclude<Trouble, string>,
): void {
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  response.statusCode = status;
  if (isForm) {
    response.setHeader("content-type", "text/xml");
    response.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>${error}</Code><Message>${message}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    );
    return;
  }
  response.setHeader("content-type", "application/x-amz-json-1.1");
  response.setHeader("x-amzn-errortype", error);
  response.end(JSON.stringify({ __type: error, message }));
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
