import { answerCbor, cborTarget } from "./cbor-protocol.ts";
import { answerJson } from "./json-protocol.ts";
import { answerQuery, answerShapedQuery, unknownActionReply } from "./query-protocol.ts";
import {
  type AwsCall,
  AwsError,
  type AwsReply,
  type AwsService,
  type JsonService,
  type QueryService,
  type RestService,
} from "./service.ts";

/** Answers a call by whichever service it names, as AWS does where none does. */
export async function routeAwsCall(services: readonly AwsService[], call: AwsCall): Promise<AwsReply> {
  const target = call.headers["x-amz-target"];
  if (target !== undefined) return routeJson(services, target, call);
  const cbor = cborTarget(call);
  if (cbor !== undefined) {
    const [prefix, operation] = cbor;
    return answerCbor(jsonService(services, prefix) ?? unknownService(prefix, call), operation, call);
  }
  const form = formOf(call);
  if (form !== undefined) return routeQuery(services, form, call);
  return routeRest(services, call);
}

function routeJson(services: readonly AwsService[], target: string, call: AwsCall): Promise<AwsReply> {
  const [prefix = "", operation = ""] = target.split(".");
  return answerJson(jsonService(services, prefix) ?? unknownService(prefix, call), operation, call);
}

function jsonService(services: readonly AwsService[], prefix: string): JsonService | undefined {
  return services.find(
    (candidate): candidate is JsonService =>
      candidate.protocol === "json" && candidate.targetPrefix === prefix,
  );
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

type ShapedService = Parameters<typeof answerShapedQuery>[0];

async function routeQuery(
  services: readonly AwsService[],
  form: URLSearchParams,
  call: AwsCall,
): Promise<AwsReply> {
  const action = form.get("Action") ?? "";
  const version = form.get("Version");
  const shaped = services.find(
    (candidate): candidate is ShapedService =>
      candidate.protocol === "json" &&
      candidate.model?.shapes.has(action) === true &&
      (version === null || version === candidate.model.version),
  );
  if (shaped !== undefined) return answerShapedQuery(shaped, form, call);
  const service = services.find(
    (candidate): candidate is QueryService =>
      candidate.protocol === "query" && Object.hasOwn(candidate.operations, action),
  );
  if (service !== undefined) return answerQuery(service, form, call);
  return unknownActionReply(form, call.requestId);
}

async function routeRest(services: readonly AwsService[], call: AwsCall): Promise<AwsReply> {
  for (const { routes, errorMembers } of services.filter(isRest)) {
    const route = routes.find(({ method, path }) => method === call.method && path.test(call.path));
    if (route === undefined) continue;
    try {
      return await route.answer(route.path.exec(call.path)?.slice(1) ?? [], call);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return restError(error, errorMembers);
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
export function restError(
  error: AwsError,
  membersOf: NonNullable<RestService["errorMembers"]> = ({ message }) => ({ message }),
): AwsReply {
  return {
    status: error.status,
    headers: { "content-type": "application/json", "x-amzn-errortype": error.code },
    body: Buffer.from(JSON.stringify(membersOf(error))),
  };
}
