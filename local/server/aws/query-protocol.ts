import { AwsError } from "./aws-error.ts";
import type { AwsCall, AwsReply, Input, QueryService } from "./service.ts";

/** @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html */
export async function answerQuery(
  service: QueryService,
  form: URLSearchParams,
  call: AwsCall,
): Promise<AwsReply> {
  const name = form.get("Action") ?? "";
  try {
    const operation = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
    if (operation === undefined) throw unknownAction(form);
    const output = await operation(queryInput(form), call);
    const result = `<${name}Result>${xml(output)}</${name}Result>`;
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
export function unknownAction(form: URLSearchParams): AwsError {
  const action = form.get("Action") ?? "";
  return new AwsError(
    "InvalidAction",
    `Could not find operation ${action} for version ${form.get("Version") ?? "NO_VERSION_SPECIFIED"}`,
  );
}

/** An error in the form of the query protocol. */
export function queryError(
  error: AwsError,
  { xmlNamespace, requestId }: { readonly xmlNamespace: string; readonly requestId: string },
): AwsReply {
  const fields = xml({ Type: error.type, Code: error.code, Message: error.message });
  return xmlReply(
    error.status,
    `<ErrorResponse xmlns="${xmlNamespace}"><Error>${fields}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  );
}

interface Branch {
  [name: string]: Branch | string;
}

/** `A.member.1.B=x` becomes `{ A: [{ B: "x" }] }`, `A.entry.1.key=k` with its value `{ A: { k: "v" } }`. */
export function queryInput(form: URLSearchParams): Input {
  const tree: Branch = {};
  for (const [path, value] of form) {
    const names = path.split(".");
    if (names.some((name) => name in Object.prototype)) continue;
    const last = names.pop() ?? "";
    descend(tree, names)[last] = value;
  }
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, shaped(value)]));
}

function descend(tree: Branch, names: readonly string[]): Branch {
  return names.reduce((branch, name) => {
    const next = branch[name];
    return typeof next === "object" ? next : (branch[name] = {});
  }, tree);
}

function shaped(value: Branch | string): unknown {
  if (typeof value === "string") return value;
  if (typeof value.member === "object") return inOrder(value.member).map(shaped);
  if (typeof value.entry === "object")
    return Object.fromEntries(
      inOrder(value.entry)
        .filter((entry) => typeof entry === "object")
        .map(({ key, value: held }) => [typeof key === "string" ? key : "", shaped(held ?? "")]),
    );
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, shaped(held)]));
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
export function xml(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map((item) => `<member>${xml(item)}</member>`).join("");
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object")
    return Object.entries(value)
      .filter(([, held]) => held !== undefined)
      .map(([name, held]) => `<${name}>${xml(held)}</${name}>`)
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
