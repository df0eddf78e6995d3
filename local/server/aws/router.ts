import { AwsError } from "./aws-error.ts";
import { answerJson } from "./json-protocol.ts";
import { answerQuery, queryError, unknownAction } from "./query-protocol.ts";
import type { AwsCall, AwsReply, AwsService, JsonService, QueryService, RestService } from "./service.ts";

/** Answers a call by whichever service it names, as AWS does where none does. */
export async function route(services: readonly AwsService[], call: AwsCall): Promise<AwsReply> {
  const target = call.headers["x-amz-target"];
  if (target !== undefined) return routeJson(services, target, call);
  const form = formOf(call);
  if (form !== undefined) return routeQuery(services, form, call);
  return routeRest(services, call);
}

function routeJson(services: readonly AwsService[], target: string, call: AwsCall): Promise<AwsReply> {
  const [prefix = "", operation = ""] = target.split(".");
  const service = services.find(
    (candidate): candidate is JsonService =>
      candidate.protocol === "json" && candidate.targetPrefix === prefix,
  );
  return answerJson(service ?? unknownService(prefix, call), operation, call);
}

/** Stands for a service that is not here: all its operations are unknown. */
function unknownService(targetPrefix: string, call: AwsCall): JsonService {
  const version = call.headers["content-type"]?.endsWith("1.0") === true ? "1.0" : "1.1";
  return { protocol: "json", version, targetPrefix, operations: {} };
}

function formOf(call: AwsCall): URLSearchParams | undefined {
  const type = call.headers["content-type"] ?? "";
  if (call.method !== "POST" || !type.startsWith("application/x-www-form-urlencoded")) return undefined;
  return new URLSearchParams(call.body.toString("utf8"));
}

async function routeQuery(
  services: readonly AwsService[],
  form: URLSearchParams,
  call: AwsCall,
): Promise<AwsReply> {
  const action = form.get("Action") ?? "";
  const service = services.find(
    (candidate): candidate is QueryService =>
      candidate.protocol === "query" && Object.hasOwn(candidate.operations, action),
  );
  if (service !== undefined) return answerQuery(service, form, call);
  return queryError(unknownAction(form), {
    xmlNamespace: "http://webservices.amazon.com/AWSFault/2005-15-09",
    requestId: call.requestId,
  });
}

async function routeRest(services: readonly AwsService[], call: AwsCall): Promise<AwsReply> {
  for (const { method, path, answer } of services.filter(isRest).flatMap(({ routes }) => routes)) {
    const found = path.exec(call.path);
    if (found === null || method !== call.method) continue;
    try {
      return await answer(found.slice(1), call);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return restError(error);
    }
  }
  return restError(
    new AwsError("UnknownOperationException", `no operation at ${call.method} ${call.path}`, 404),
  );
}

function isRest(service: AwsService): service is RestService {
  return service.protocol === "rest";
}

/** An error in the form of restJson. */
export function restError(error: AwsError): AwsReply {
  return {
    status: error.status,
    headers: { "content-type": "application/json", "x-amzn-errortype": error.code },
    body: Buffer.from(JSON.stringify({ message: error.message })),
  };
}
