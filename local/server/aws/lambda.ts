import type { Invocation, LambdaFunction } from "../../function/lambda-function.ts";
import { aliasRoutes } from "./lambda-aliases.ts";
import { functionRoutes } from "./lambda-functions.ts";
import { functionNotFound, namedFunction } from "./lambda-names.ts";
import { type DescribedFunctions, versionRoutes } from "./lambda-versions.ts";
import { refusedLambdaRoutes } from "./refused-operations.ts";
import { type AwsCall, AwsError, type AwsReply, type RestRoute, type RestService } from "./service.ts";

/** A function that can be invoked. */
export type Invocable = Pick<LambdaFunction, "definition" | "invoke">;

/** The functions that the API invokes. */
interface InvokePort<Found extends Invocable = Invocable> extends Pick<DescribedFunctions, "account"> {
  /** By name, partial ARN or ARN, and alias or version. */
  readonly find: (target: { readonly name: string; readonly qualifier?: string }) => Found | undefined;
  /** Takes an event that nobody waits for. */
  readonly send: (lambda: Found, event: unknown, requestId: string) => void;
}

const MAX_SYNC_BYTES = 6_291_556;
const MAX_ASYNC_BYTES = 1_048_576;
const TAIL_BYTES = 4096;
const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** How functions are invoked. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
function invokeRoute<Found extends Invocable>(functions: InvokePort<Found>): RestRoute {
  const answer = ([name = ""]: readonly string[], call: AwsCall): Promise<AwsReply> | AwsReply => {
    const lambda = invoked(functions, name, call);
    const type = call.headers["x-amz-invocation-type"] ?? "RequestResponse";
    if (type === "DryRun") return { status: 204, headers: {}, body: Buffer.alloc(0) };
    if (type === "RequestResponse") return waitFor(lambda, call);
    if (type !== "Event")
      throw invalidParameterValue(`InvocationType ${type} is none of Event, RequestResponse, DryRun`);
    functions.send(lambda, eventOf(call, MAX_ASYNC_BYTES), call.requestId);
    return { status: 202, headers: {}, body: Buffer.alloc(0) };
  };
  return { method: "POST", path: INVOKE, answer };
}

function invoked<Found extends Invocable>(
  { account, find }: InvokePort<Found>,
  encodedName: string,
  call: AwsCall,
): Found {
  const named = namedFunction(encodedName, call, account);
  const { functionArn, qualifier } = named;
  const lambda = find({ name: functionArn, ...(qualifier !== undefined && { qualifier }) });
  if (lambda === undefined) throw functionNotFound(named);
  return lambda;
}

async function waitFor(lambda: Invocable, call: AwsCall): Promise<AwsReply> {
  const { requestId } = call;
  const lines: string[] = [];
  const end = await lambda.invoke(eventOf(call, MAX_SYNC_BYTES), {
    requestId,
    onLogLine: (line) => lines.push(line),
  });
  if (end.kind === "throttled") throw new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);
  const reply = replyOf(end, lambda.definition.version);
  if (call.headers["x-amz-log-type"] !== "Tail") return reply;
  return { ...reply, headers: { ...reply.headers, "x-amz-log-result": tailOf(lines) } };
}

function tailOf(lines: readonly string[]): string {
  return Buffer.from(lines.map((line) => `${line}\n`).join(""))
    .subarray(-TAIL_BYTES)
    .toString("base64");
}

function replyOf(end: Exclude<Invocation, { kind: "throttled" }>, version: string): AwsReply {
  const headers = { "content-type": "application/json", "x-amz-executed-version": version };
  if (end.kind === "result") return { status: 200, headers, body: Buffer.from(end.payload) };
  return {
    status: 200,
    headers: { ...headers, "x-amz-function-error": "Unhandled" },
    body: Buffer.from(JSON.stringify(end.error)),
  };
}

/** Without a payload the function gets an empty object. */
function eventOf({ body }: AwsCall, most: number): unknown {
  if (body.length > most)
    throw new AwsError("RequestTooLargeException", `Request must be smaller than ${most} bytes`, 413);
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError("InvalidRequestContentException", `Could not parse request body into json: ${reason}`);
  }
}

function invalidParameterValue(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", message);
}

/** The functions behind the API. */
export interface FunctionsPort<Found extends Invocable = Invocable>
  extends InvokePort<Found>, DescribedFunctions {}

/** Lambda, as far as functions are invoked, described, measured, and taken from version to version. */
export function lambdaService<Found extends Invocable>(functions: FunctionsPort<Found>): RestService {
  return {
    protocol: "rest",
    errorMembers,
    routes: [
      invokeRoute(functions),
      ...functionRoutes(functions),
      ...versionRoutes(functions),
      ...aliasRoutes(functions),
      ...refusedLambdaRoutes(),
    ],
  };
}

/** Lambda says whose fault it is, and spells the message of what it does not find as its model does. */
function errorMembers({ code, message, status }: AwsError): object {
  if (code === "ValidationException") return { message };
  const member = code === "ResourceNotFoundException" ? "Message" : "message";
  return { Type: status >= 500 ? "Service" : "User", [member]: message };
}
