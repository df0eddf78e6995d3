import { doubleText, queryCode } from "./json-protocol.ts";
import {
  type AwsCall,
  AwsError,
  type AwsReply,
  type Input,
  type JsonService,
  type Operation,
  type QueryService,
} from "./service.ts";
import { type FlatName, type OperationShapes, presentMembers, type Shape, type Structure } from "./shapes.ts";

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

interface Branch {
  [name: string]: Branch | string;
}

/**
 * `A.member.1.B=x` becomes `{ A: [{ B: "x" }] }`, `A.entry.1.key=k` with its value `{ A: { k: "v" } }`; SNS has maps
 * whose keys are called `Name` and `Value`.
 */
function queryProtocolInput(form: URLSearchParams): Input {
  return Object.fromEntries(
    Object.entries(formTree(form)).map(([name, value]) => [name, queryMember(value)]),
  );
}

function formTree(form: URLSearchParams): Branch {
  const tree: Branch = {};
  for (const [path, value] of form) {
    const names = path.split(".");
    if (names.some((name) => name in Object.prototype)) continue;
    const last = names.pop() ?? "";
    descend(tree, names)[last] = value;
  }
  return tree;
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
        .map(({ key, value: held, Name = key, Value = held }) => [
          typeof Name === "string" ? Name : "",
          queryMember(Value ?? ""),
        ]),
    );
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, queryMember(held)]));
}

function inOrder(numbered: Branch): (Branch | string)[] {
  return Object.entries(numbered)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, value]) => value);
}

function shapedInput({ input }: OperationShapes, form: URLSearchParams): Input {
  return shapedMember({ shape: input, path: "" }, formTree(form)) as Input;
}

interface Place {
  readonly shape: Shape;
  /** How messages name it, without the dot in front. */
  readonly path: string;
}

/** A member of a form in the type that its shape has. */
function shapedMember({ shape, path }: Place, value: Branch | string): unknown {
  if (shape.kind === "list") return shapedList({ shape, path }, value);
  if (shape.kind === "map") return shapedMap({ shape, path }, value);
  if (shape.kind === "structure") return typeof value === "string" ? {} : shapedStructure(shape, path, value);
  return typeof value === "string" ? scalar({ shape, path }, value) : undefined;
}

function shapedStructure({ members }: Structure, path: string, value: Branch): object {
  const found: Record<string, unknown> = {};
  for (const [name, shape] of members) {
    const held = value[flatNameOf(shape)?.item ?? name];
    if (held !== undefined) found[name] = shapedMember({ shape, path: `${path}.${name}` }, held);
  }
  return found;
}

function flatNameOf(shape: Shape): FlatName | undefined {
  return shape.kind === "list" || shape.kind === "map" ? shape.flat : undefined;
}

interface PlaceOf<Kind extends Shape["kind"]> extends Place {
  readonly shape: Extract<Shape, { readonly kind: Kind }>;
}

function shapedMap({ shape, path }: PlaceOf<"map">, value: Branch | string): unknown {
  if (typeof value === "string") return {};
  if (shape.flat === undefined) return queryMember(value);
  const { key } = shape.flat;
  return Object.fromEntries(
    inOrder(value)
      .filter((entry) => typeof entry === "object")
      .map(({ [key]: name = "", Value = "" }) => [
        typeof name === "string" ? name : "",
        shapedMember({ shape: shape.value, path }, Value),
      ]),
  );
}

/** A list that is empty comes as the name of the list alone. */
function shapedList({ shape, path }: PlaceOf<"list">, value: Branch | string): unknown {
  if (typeof value === "string") return [];
  const items = shape.flat === undefined ? value.member : value;
  return inOrder(typeof items === "object" ? items : {}).map((item, index) =>
    shapedMember({ shape: shape.item, path: `${path}.member.${index + 1}` }, item),
  );
}

function scalar({ shape, path }: Place, text: string): unknown {
  if (shape.kind === "string") return text;
  if (shape.kind === "boolean") return text.toLowerCase() === "true";
  const number = shape.kind === "timestamp" ? epochSeconds(text) : text.trim() === "" ? NaN : Number(text);
  if (!Number.isNaN(number)) return number;
  if (/^[+-]?nan$/i.test(text)) return NaN;
  throw new AwsError("MalformedInput", `${path.slice(1)}: ${text} is not a ${shape.kind}`);
}

const ISO_WITHOUT_ZONE = /^\d{4}-\d{2}-\d{2}T[\d:.]+$/;

/** A time without a zone is UTC. */
function epochSeconds(text: string): number {
  const plain = Number(text);
  if (text !== "" && !Number.isNaN(plain)) return plain;
  return Date.parse(ISO_WITHOUT_ZONE.test(text) ? `${text}Z` : text) / 1000;
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
      return (value as readonly unknown[])
        .map((item) => `<member>${shapedXml(shape.item, item)}</member>`)
        .join("");
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
      return new Date((value as number) * 1000).toISOString().replace(".000Z", "Z");
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
