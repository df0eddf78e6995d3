import { AwsError } from "./aws-error.ts";
import type { AwsCall, AwsReply, Input, JsonService } from "./service.ts";

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
      body: Buffer.from(JSON.stringify(output)),
    };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const headers = { "content-type": contentType, ...queryErrorHeader(service, error, call) };
    return { status: error.status, headers, body: jsonError(error, service.version) };
  }
}

/** The members of a JSON body; an empty body has none. */
export function jsonInput(body: Buffer): Input {
  if (body.length === 0) return {};
  try {
    const input = JSON.parse(body.toString("utf8")) as unknown;
    if (typeof input === "object" && input !== null && !Array.isArray(input)) return input as Input;
  } catch {
    // Falls through to the one answer for everything that is not an object.
  }
  throw new AwsError("SerializationException", "the body is not a JSON object");
}

function jsonError(error: AwsError, version: "1.0" | "1.1"): Buffer {
  const type = version === "1.0" ? `com.amazon.coral.service#${error.code}` : error.code;
  return Buffer.from(
    JSON.stringify({ __type: type, ...(error.message !== "" && { message: error.message }) }),
  );
}

/** @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait */
function queryErrorHeader(service: JsonService, error: AwsError, call: AwsCall): Record<string, string> {
  if (service.queryErrorCodes === undefined || call.headers["x-amzn-query-mode"] !== "true") return {};
  const code = service.queryErrorCodes[error.code] ?? error.code;
  return { "x-amzn-query-error": `${code};${error.type}` };
}
