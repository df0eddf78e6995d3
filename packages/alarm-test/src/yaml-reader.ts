import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLParseError } from "yaml";
import { AlarmTestError, type TestValue } from "./alarm-test.ts";
import { expandShortForms } from "./yaml-template.ts";

/** A second document would be left out in silence. */
function yamlMistake({ code, message }: Pick<YAMLParseError, "code" | "message">): string {
  return code === "MULTIPLE_DOCS"
    ? "a file holds one alarm test: write the next one into a file of its own"
    : (message.split("\n")[0] ?? "not YAML");
}

/** A YAML node that knows where it stands, so that a mistake can be shown where it was made. */
export class YamlReader {
  readonly #node: unknown;
  readonly #place: { readonly file: string; readonly lines: LineCounter };
  readonly #parentLine: number;

  private constructor(
    node: unknown,
    place: { readonly file: string; readonly lines: LineCounter },
    parentLine: number,
  ) {
    this.#node = node;
    this.#place = place;
    this.#parentLine = parentLine;
  }

  /** Parses a file's text. */
  static parse(text: string, file: string): YamlReader {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, logLevel: "error" });
    const [error] = document.errors;
    if (error !== undefined) {
      const { line } = lines.linePos(error.pos[0]);
      throw new AlarmTestError({ file, line }, yamlMistake(error));
    }
    expandShortForms(document, (tag, node) => {
      const { line } = lines.linePos(node.range?.[0] ?? 0);
      throw new AlarmTestError(
        { file, line },
        `the tag ${tag} is unknown: use !Ref, !GetAtt, !ImportValue or !Sub`,
      );
    });
    return new YamlReader(document.contents, { file, lines }, 1);
  }

  get line(): number {
    const start = (this.#node as Node | null | undefined)?.range?.[0];
    return start === undefined ? this.#parentLine : this.#place.lines.linePos(start).line;
  }

  get isMissing(): boolean {
    return this.#node === undefined || (isScalar(this.#node) && this.#node.value === null);
  }

  get isMap(): boolean {
    return isMap(this.#node);
  }

  fail(message: string): AlarmTestError {
    return new AlarmTestError({ file: this.#place.file, line: this.line }, message);
  }

  /** The members of a mapping; others than `allowed` are refused. */
  members<Name extends string>(what: string, allowed: readonly Name[]): Readonly<Record<Name, YamlReader>> {
    const entries = new Map(this.entries(what));
    for (const [name, value] of entries)
      if (!allowed.some((known) => known === name))
        throw value.fail(`${what} has the unknown member "${name}": use ${allowed.join(", ")}`);
    const members = allowed.map((name) => [name, entries.get(name) ?? this.#at(undefined)] as const);
    return Object.fromEntries(members) as Record<Name, YamlReader>;
  }

  /** Names and values of a mapping; none when it is missing. */
  entries(what: string): readonly (readonly [string, YamlReader])[] {
    if (this.isMissing) return [];
    if (!isMap(this.#node)) throw this.fail(`${what} must be a mapping of names to values`);
    return this.#node.items.map((pair) => [
      isScalar(pair.key) ? String(pair.key.value) : "",
      this.#at(pair.value ?? undefined),
    ]);
  }

  /** Items of a list; none when it is missing. */
  items(what: string): readonly YamlReader[] {
    if (this.isMissing) return [];
    if (!isSeq(this.#node)) throw this.fail(`${what} must be a list`);
    return this.#node.items.map((item) => this.#at(item));
  }

  /** A scalar as text. */
  text(what: string): string {
    if (this.isMissing) throw this.fail(`${what} is missing`);
    if (!isScalar(this.#node)) throw this.fail(`${what} must be a single value`);
    return isScalar(this.#node) && typeof this.#node.source === "string"
      ? this.#node.source
      : String(this.#node.value);
  }

  /** A text, or a CloudFormation function such as `!Ref Handler`. */
  value(what: string): TestValue {
    if (!isMap(this.#node)) return this.text(what);
    const value: unknown = this.#node.toJSON();
    const [name = "", ...others] = isJsonObject(value) ? Object.keys(value) : [];
    if (!isJsonObject(value) || others.length > 0 || !/^(?:Ref$|Fn::)/.test(name))
      throw this.fail(`${what} must be a text or one function such as !Ref, !GetAtt, !ImportValue or !Sub`);
    return value;
  }

  /** One text or a list of texts. */
  texts(what: string): readonly string[] {
    return isSeq(this.#node) ? this.items(what).map((item) => item.text(what)) : [this.text(what)];
  }

  #at(node: unknown): YamlReader {
    return new YamlReader(node, this.#place, this.line);
  }
}
