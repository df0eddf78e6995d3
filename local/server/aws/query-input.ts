import { AwsError, type Input } from "./service.ts";
import { flatNameOf, type OperationShapes, type Shape, type Structure } from "./shapes.ts";

/** Members by name: a text, or what lies below. */
type Branch = Map<string, Branch | string>;

/**
 * `A.member.1.B=x` becomes `{ A: [{ B: "x" }] }`, `A.entry.1.key=k` with its value `{ A: { k: "v" } }`; SNS
 * has maps whose keys are called `Name` and `Value`.
 */
export function queryProtocolInput(form: URLSearchParams): Input {
  return queryMembers(formTree(form));
}

function formTree(form: URLSearchParams): Branch {
  const tree: Branch = new Map();
  for (const [path, value] of form) putMember(tree, path, value);
  return tree;
}

function putMember(tree: Branch, path: string, value: string): void {
  let branch = tree;
  let from = 0;
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", from)) {
    const name = path.slice(from, dot);
    const known = branch.get(name);
    const next: Branch = known instanceof Map ? known : new Map();
    if (next !== known) branch.set(name, next);
    branch = next;
    from = dot + 1;
  }
  branch.set(path.slice(from), value);
}

function queryMembers(branch: Branch): Input {
  return Object.fromEntries(Array.from(branch, ([name, value]) => [name, queryMember(value)]));
}

function queryMember(value: Branch | string): unknown {
  if (typeof value === "string") return value;
  const members = value.get("member");
  if (members instanceof Map) return inOrder(members).map(queryMember);
  const entries = value.get("entry");
  return entries instanceof Map
    ? Object.fromEntries(
        inOrder(entries).flatMap((entry) => (typeof entry === "string" ? [] : [mapEntry(entry)])),
      )
    : queryMembers(value);
}

function mapEntry(entry: Branch): readonly [string, unknown] {
  const key = entry.get("Name") ?? entry.get("key");
  const held = entry.get("Value") ?? entry.get("value");
  return [typeof key === "string" ? key : "", queryMember(held ?? "")];
}

function inOrder(numbered: Branch): (Branch | string)[] {
  const numbers = Array.from(numbered.keys(), Number);
  // Clients number the items as they write them.
  if (numbers.every((number, index) => number === index + 1)) return [...numbered.values()];
  return [...numbered].sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}

export /** The input of an operation from a form, in the types that its shapes have. */
function shapedInput({ input }: OperationShapes, form: URLSearchParams): Input {
  return shapedMembers({ shape: input, path: "" }, formTree(form));
}

interface Place<Kind extends Shape = Shape> {
  readonly shape: Kind;
  /** How messages name it, with a dot in front. */
  readonly path: string;
}

/** A member of a form in the type that its shape has. */
function shapedMember({ shape, path }: Place, value: Branch | string): unknown {
  if (shape.kind === "list") return shapedList({ shape, path }, value);
  if (shape.kind === "map") return shapedMap({ shape, path }, value);
  if (shape.kind === "structure")
    return typeof value === "string" ? {} : shapedMembers({ shape, path }, value);
  return typeof value === "string" ? scalar({ shape, path }, value) : undefined;
}

function shapedMembers({ shape, path }: Place<Structure>, branch: Branch): Input {
  const members: Record<string, unknown> = {};
  for (const [name, member] of shape.members) {
    const held = branch.get(flatNameOf(member)?.item ?? name);
    if (held !== undefined) members[name] = shapedMember({ shape: member, path: `${path}.${name}` }, held);
  }
  return members;
}

type ShapeOf<Kind extends Shape["kind"]> = Extract<Shape, { readonly kind: Kind }>;

function shapedMap({ shape, path }: Place<ShapeOf<"map">>, value: Branch | string): unknown {
  if (typeof value === "string") return {};
  if (shape.flat === undefined) return queryMember(value);
  const { key } = shape.flat;
  return Object.fromEntries(
    inOrder(value).flatMap((entry) => {
      if (typeof entry === "string") return [];
      const name = entry.get(key);
      const held = shapedMember({ shape: shape.value, path }, entry.get("Value") ?? "");
      return [[typeof name === "string" ? name : "", held] as const];
    }),
  );
}

/** A list that is empty comes as the name of the list alone. */
function shapedList({ shape, path }: Place<ShapeOf<"list">>, value: Branch | string): readonly unknown[] {
  if (typeof value === "string") return [];
  const items = shape.flat === undefined ? value.get("member") : value;
  if (!(items instanceof Map)) return [];
  return inOrder(items).map((item, index) =>
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
