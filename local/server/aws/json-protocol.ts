import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { type AwsCall, AwsError, type AwsReply, type Input, type JsonService } from "./service.ts";
import { presentMembers, type Shape } from "./shapes.ts";

/** @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
export async function answerJson(service: JsonService, name: string, call: AwsCall): Promise<AwsReply> {
  const contentType = `application/x-amz-json-${service.version}`;
  try {
    const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
    if (operation === undefined) throw new AwsError("UnknownOperationException", "");
    const output = await operation(jsonInput(call.body), call);
    return {
      status: 200,
      headers: { "content-type": contentType },
      body: Buffer.from(outputText(service, name, output)),
    };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const headers = { "content-type": contentType, ...queryErrorHeader(service, error, call) };
    const body = { __type: errorType(service, error), ...errorMembers(error) };
    const status = service.model === undefined ? error.status : errorStatus(error, call);
    return { status, headers, body: Buffer.from(JSON.stringify(body)) };
  }
}

/** The members of a JSON body; an empty body has none. */
export function jsonInput(body: Buffer): Input {
  if (body.length === 0) return {};
  const input = parseJsonObject(body.toString("utf8"));
  if (input === undefined) throw new AwsError("SerializationException", "the body is not a JSON object");
  return input;
}

function outputText({ model }: JsonService, name: string, output: object): string {
  const shape = model?.shapes.get(name)?.output;
  return shape === undefined ? JSON.stringify(output) : shapedJson(shape, output);
}

/** JSON in which a double is one on the wire too: clients tell `1.0` from `1`. */
function shapedJson(shape: Shape, value: unknown): string {
  if (shape.kind === "double" || shape.kind === "timestamp") return doubleText(value as number);
  if (shape.kind === "blob") return JSON.stringify((value as Buffer).toString("base64"));
  if (shape.kind === "list")
    return `[${(value as readonly unknown[]).map((item) => shapedJson(shape.item, item)).join(",")}]`;
  if (shape.kind === "map")
    return jsonObject(
      Object.entries(value as object).filter(([, held]) => held !== undefined),
      shape.value,
    );
  if (shape.kind !== "structure") return JSON.stringify(value);
  const members = presentMembers(shape, value as object);
  return `{${members.map(([name, member, held]) => `"${name}":${shapedJson(member, held)}`).join(",")}}`;
}

function jsonObject(entries: readonly (readonly [string, unknown])[], shape: Shape): string {
  return `{${entries.map(([name, held]) => `${JSON.stringify(name)}:${shapedJson(shape, held)}`).join(",")}}`;
}

/** A double with its point: `1.0`. */
export function doubleText(value: number): string {
  const text = String(value);
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}

/** The name of an error in a JSON or CBOR body, with the prefix that AWS gives it. */
export function errorType({ version, model }: JsonService, { code }: AwsError): string {
  if (version !== "1.0") return code;
  if (code === "ValidationException") return `com.amazon.coral.validate#${code}`;
  const isOwn = model !== undefined && !FRAMEWORK_ERRORS.has(code) && !model.syntheticErrors.has(code);
  return `${isOwn ? model.errorNamespace : "com.amazon.coral.service"}#${code}`;
}

const FRAMEWORK_ERRORS: ReadonlySet<string> = new Set([
  "UnknownOperationException",
  "SerializationException",
  "InternalFailure",
]);

/**
 * Clients that were made for the query protocol get its status; all others get 400 for whatever is their
 * fault.
 */
export function errorStatus(error: AwsError, call: AwsCall): number {
  if (call.headers["x-amzn-query-mode"] === "true" || error.status >= 500) return error.status;
  return error.code === "UnknownOperationException" ? error.status : 400;
}

/** What an error's body holds beside its name. */
export function errorMembers(error: AwsError): object {
  return error.message === "" ? {} : { message: error.message };
}

/** @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait */
export function queryErrorHeader(
  service: JsonService,
  error: AwsError,
  call: AwsCall,
): Record<string, string> {
  if (service.queryErrorCodes === undefined || call.headers["x-amzn-query-mode"] !== "true") return {};
  return { "x-amzn-query-error": `${queryCode(service, error)};${error.type}` };
}

/** The code that the query protocol has for an error. */
export function queryCode(service: JsonService, error: AwsError): string {
  return service.queryErrorCodes?.[error.code] ?? error.code;
}
