/** What a member holds on the wire, whichever protocol carries it. */
export type Shape =
  | { readonly kind: "string" | "double" | "integer" | "boolean" | "timestamp" | "blob" }
  | { readonly kind: "list"; readonly item: Shape; readonly flat?: FlatName }
  | { readonly kind: "map"; readonly value: Shape; readonly flat?: FlatName }
  | Structure;

/** How the query protocol calls each item of a list or map that has no element of its own. */
export interface FlatName {
  readonly item: string;
  /** Of a map's entry. */
  readonly key: string;
}

/** Members by name. */
export interface Structure {
  readonly kind: "structure";
  readonly members: ReadonlyMap<string, Shape>;
}

/** What an operation takes and answers. */
export interface OperationShapes {
  readonly input: Structure;
  /** Missing when the operation answers nothing. */
  readonly output?: Structure;
}

/** A service's operations by name. */
export type ServiceShapes = ReadonlyMap<string, OperationShapes>;

/**
 * `"double"`, `"Dimension[]"`, `"{string}"` for a map of strings, or the name of a structure. A list or map
 * that is flat in the query protocol ends with what its items are called there: `"string[] as TagKey"`,
 * `"{string} as Tag.Key"` where the keys are not called `Name`.
 */
type Notation = Readonly<Record<string, string>>;

type OperationNotation = Readonly<Record<string, { readonly input: Notation; readonly output?: Notation }>>;

/** Resolves a table that names its structures into shapes. */
export function serviceShapes(
  structures: Readonly<Record<string, Notation>>,
  operations: OperationNotation,
): ServiceShapes {
  const resolved = new Map<string, Structure>();
  const shapeOf = (notation: string): Shape => {
    const [text = "", name] = notation.split(" as ");
    const shape = plainShape(text);
    if (name === undefined || (shape.kind !== "list" && shape.kind !== "map")) return shape;
    return { ...shape, flat: flatName(name) };
  };
  const plainShape = (text: string): Shape => {
    if (text.endsWith("[]")) return { kind: "list", item: shapeOf(text.slice(0, -2)) };
    if (text.startsWith("{")) return { kind: "map", value: shapeOf(text.slice(1, -1)) };
    return SCALARS.get(text) ?? namedStructure(text);
  };
  const structure = (members: Notation): Structure => ({
    kind: "structure",
    members: new Map(Object.entries(members).map(([name, text]) => [name, shapeOf(text)])),
  });
  const namedStructure = (name: string): Structure => {
    const known = resolved.get(name);
    if (known !== undefined) return known;
    const members = structures[name];
    if (members === undefined) throw new Error(`no structure ${name}`);
    const made = structure(members);
    resolved.set(name, made);
    return made;
  };
  return new Map(
    Object.entries(operations).map(([name, { input, output }]) => [
      name,
      { input: structure(input), ...(output !== undefined && { output: structure(output) }) },
    ]),
  );
}

function flatName(name: string): FlatName {
  const [item = "", key = "Name"] = name.split(".");
  return { item, key };
}

const SCALARS = new Map<string, Shape>(
  (["string", "double", "integer", "boolean", "timestamp", "blob"] as const).map((kind) => [kind, { kind }]),
);

/** The members of an answer that its shape knows and that are there. */
export function presentMembers(
  { members }: Structure,
  value: object,
): readonly (readonly [string, Shape, unknown])[] {
  const held = value as Readonly<Record<string, unknown>>;
  const found: [string, Shape, unknown][] = [];
  for (const [name, shape] of members) {
    const member = held[name];
    if (member !== undefined && member !== null) found.push([name, shape, member]);
  }
  return found;
}

/** The names of a list or map whose items stand beside the other members; missing of any other shape. */
export function flatNameOf(shape: Shape): FlatName | undefined {
  return shape.kind === "list" || shape.kind === "map" ? shape.flat : undefined;
}
