import { isoUtc } from "@wrist-agent/cloudwatch/aws-text";
import { doubleText, queryCode } from "./json-protocol.ts";
import {
  type AwsCall,
  AwsError,
  type AwsReply,
  type JsonService,
  type Operation,
  type QueryService,
} from "./service.ts";
import { queryProtocolInput, shapedInput } from "./query-input.ts";
import { flatNameOf, presentMembers, type Shape } from "./shapes.ts";

/** @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export async function answerQuery(
  service: QueryService,
  form: URLSearchParams,
  call: AwsCall,
): Promise<AwsReply> {
  const name = form.get("Action") ?? "";
  const wrap = { name, xmlNamespace: service.xmlNamespace, requestId: call.requestId };
  return orQueryError(wrap, undefined, async () => {
    const operation = operationOf(service.operations, form);
    return xmlMembers(await operation(queryProtocolInput(form), call));
  });
}

/** Answers by the shapes of a service whose first protocol is another one. */
export async function answerShapedQuery(
  service: JsonService & { readonly model: NonNullable<JsonService["model"]> },
  form: URLSearchParams,
  call: AwsCall,
): Promise<AwsReply> {
  const name = form.get("Action") ?? "";
  const wrap = { name, xmlNamespace: service.model.xmlNamespace, requestId: call.requestId };
  return orQueryError(wrap, service, async () => {
    const shapes = service.model.shapes.get(name);
    if (shapes === undefined) throw unknownAction(form);
    const output = await operationOf(service.operations, form)(shapedInput(shapes, form), call);
    return shapes.output === undefined ? undefined : shapedXml(shapes.output, output);
  });
}

interface Wrap {
  readonly name: string;
  readonly xmlNamespace: string;
  readonly requestId: string;
}

async function orQueryError(
  { name, xmlNamespace, requestId }: Wrap,
  service: JsonService | undefined,
  result: () => Promise<string | undefined>,
): Promise<AwsReply> {
  try {
    const members = await result();
    const wrapped = members === undefined ? "" : `<${name}Result>${members}</${name}Result>`;
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    return xmlReply(200, `<${name}Response xmlns="${xmlNamespace}">${wrapped}${metadata}</${name}Response>`);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const code = service === undefined ? error.code : queryCode(service, error);
    return queryError(error, { code, xmlNamespace, requestId });
  }
}

function operationOf(operations: Readonly<Record<string, Operation>>, form: URLSearchParams): Operation {
  const name = form.get("Action") ?? "";
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (operation === undefined) throw unknownAction(form);
  return operation;
}

/** The answer to an action that no service has. */
function unknownAction(form: URLSearchParams): AwsError {
  const action = form.get("Action") ?? "";
  return new AwsError(
    "InvalidAction",
    `Could not find operation ${action} for version ${form.get("Version") ?? "NO_VERSION_SPECIFIED"}`,
  );
}

/** The answer to a form that names an action of no service. */
export function unknownActionReply(form: URLSearchParams, requestId: string): AwsReply {
  const xmlNamespace = "http://webservices.amazon.com/AWSFault/2005-15-09";
  const error = unknownAction(form);
  return queryError(error, { code: error.code, xmlNamespace, requestId });
}

/** An error in the form of the query protocol. */
function queryError(
  error: AwsError,
  wrap: { readonly code: string; readonly xmlNamespace: string; readonly requestId: string },
): AwsReply {
  const message = error.message === "" ? undefined : error.message;
  const fields = xmlMembers({ Type: error.type, Code: wrap.code, Message: message });
  return xmlReply(
    error.status,
    `<ErrorResponse xmlns="${wrap.xmlNamespace}"><Error>${fields}</Error><RequestId>${wrap.requestId}</RequestId></ErrorResponse>`,
  );
}

function xmlReply(status: number, body: string): AwsReply {
  return { status, headers: { "content-type": "text/xml" }, body: Buffer.from(body) };
}

/** The members of an output by its shape; a list's items are called `member`, a map's `entry`. */
function shapedXml(shape: Shape, value: unknown): string {
  switch (shape.kind) {
    case "structure":
      return presentMembers(shape, value as object)
        .map(([name, member, held]) =>
          flatNameOf(member) === undefined
            ? `<${name}>${shapedXml(member, held)}</${name}>`
            : flatXml(member, held),
        )
        .join("");
    case "list":
      return xmlList((value as readonly unknown[]).map((item) => shapedXml(shape.item, item)));
    case "map":
      return Object.entries(value as object)
        .filter(([, held]) => held !== undefined)
        .map(
          ([key, held]) =>
            `<entry><key>${escapeXml(key)}</key><value>${shapedXml(shape.value, held)}</value></entry>`,
        )
        .join("");
    case "double":
      return doubleText(value as number);
    case "blob":
      return (value as Buffer).toString("base64");
    case "timestamp":
      return isoUtc((value as number) * 1000);
    default:
      return xmlMembers(value);
  }
}

/** The items of a list or map that has no element of its own. */
function flatXml(shape: Shape, value: unknown): string {
  if (shape.kind === "list" && shape.flat !== undefined) {
    const { item } = shape.flat;
    return (value as readonly unknown[])
      .map((held) => `<${item}>${shapedXml(shape.item, held)}</${item}>`)
      .join("");
  }
  if (shape.kind !== "map" || shape.flat === undefined) return "";
  const { item, key } = shape.flat;
  return Object.entries(value as object)
    .map(
      ([name, held]) =>
        `<${item}><${key}>${escapeXml(name)}</${key}><Value>${shapedXml(shape.value, held)}</Value></${item}>`,
    )
    .join("");
}

/** The members of an output as XML; a list's items are called `member`, a map's `entry`. */
function xmlMembers(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (value instanceof Map)
    return [...value]
      .map(([key, held]) => `<entry>${xmlMembers({ key: key as unknown, value: held as unknown })}</entry>`)
      .join("");
  if (Array.isArray(value)) return xmlList(value.map(xmlMembers));
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object")
    return Object.entries(value)
      .filter(([, held]) => held !== undefined)
      .map(([name, held]) => `<${name}>${xmlMembers(held)}</${name}>`)
      .join("");
  if (typeof value === "string") return escapeXml(value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function xmlList(items: readonly string[]): string {
  return items.length === 0 ? "" : `<member>${items.join("</member><member>")}</member>`;
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
