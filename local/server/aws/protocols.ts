import {
  type AwsCall,
  AwsError,
  type AwsReply,
  type AwsService,
  type Input,
  type JsonService,
  type QueryService,
  type RestService,
} from "./service.ts";

/** @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
async function answerJson(service: JsonService, name: string, call: AwsCall): Promise<AwsReply> {
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

/** @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
async function answerQuery(service: QueryService, form: URLSearchParams, call: AwsCall): Promise<AwsReply> {
  const name = form.get("Action") ?? "";
  try {
    const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
    if (operation === undefined) throw unknownAction(form);
    const output = await operation(queryProtocolInput(form), call);
    const result = `<${name}Result>${xmlMembers(output)}</${name}Result>`;
    const metadata = `<ResponseMetadata><RequestId>${call.requestId}</RequestId></ResponseMetadata>`;
    return xmlReply(
      200,
      `<${name}Response xmlns="${service.xmlNamespace}">${result}${metadata}</${name}Response>`,
    );
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return queryError(error, { xmlNamespace: service.xmlNamespace, requestId: call.requestId });
  }
}

/** The answer to an action that no service has. */
function unknownAction(form: URLSearchParams): AwsError {
  const action = form.get("Action") ?? "";
  return new AwsError(
    "InvalidAction",
    `Could not find operation ${action} for version ${form.get("Version") ?? "NO_VERSION_SPECIFIED"}`,
  );
}

/** An error in the form of the query protocol. */
function queryError(
  error: AwsError,
  { xmlNamespace, requestId }: { readonly xmlNamespace: string; readonly requestId: string },
): AwsReply {
  const fields = xmlMembers({ Type: error.type, Code: error.code, Message: error.message });
  return xmlReply(
    error.status,
    `<ErrorResponse xmlns="${xmlNamespace}"><Error>${fields}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  );
}

interface Branch {
  [name: string]: Branch | string;
}

/** `A.member.1.B=x` becomes `{ A: [{ B: "x" }] }`, `A.entry.1.key=k` with its value `{ A: { k: "v" } }`. */
function queryProtocolInput(form: URLSearchParams): Input {
  const tree: Branch = {};
  for (const [path, value] of form) {
    const names = path.split(".");
    if (names.some((name) => name in Object.prototype)) continue;
    const last = names.pop() ?? "";
    descend(tree, names)[last] = value;
  }
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, queryMember(value)]));
}

function descend(tree: Branch, names: readonly string[]): Branch {
  return names.reduce((branch, name) => {
    const next = branch[name];
    return typeof next === "object" ? next : (branch[name] = {});
  }, tree);
}

function queryMember(value: Branch | string): unknown {
  if (typeof value === "string") return value;
  if (typeof value.member === "object") return inOrder(value.member).map(queryMember);
  if (typeof value.entry === "object")
    return Object.fromEntries(
      inOrder(value.entry)
        .filter((entry) => typeof entry === "object")
        .map(({ key, value: held }) => [typeof key === "string" ? key : "", queryMember(held ?? "")]),
    );
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, queryMember(held)]));
}

function inOrder(numbered: Branch): (Branch | string)[] {
  return Object.entries(numbered)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, value]) => value);
}

function xmlReply(status: number, body: string): AwsReply {
  return { status, headers: { "content-type": "text/xml" }, body: Buffer.from(body) };
}

/** The members of an output as XML; a list's items are called `member`. */
function xmlMembers(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((item) => `<member>${xmlMembers(item)}</member>`).join("");
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object")
    return Object.entries(value)
      .filter(([, held]) => held !== undefined)
      .map(([name, held]) => `<${name}>${xmlMembers(held)}</${name}>`)
      .join("");
  if (typeof value === "string") return escapeXml(value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\r": "&#xD;",
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? character);
}

/** Answers a call by whichever service it names, as AWS does where none does. */
export async function routeAwsCall(services: readonly AwsService[], call: AwsCall): Promise<AwsReply> {
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
