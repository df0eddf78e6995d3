import { type JsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { expressionOf, invalidPattern, type LineTest } from "./logs-input.ts";

/** A piece of a pattern by fields. */
interface PatternToken {
  readonly kind: "selector" | "operator" | "join" | "sign" | "text" | "regex" | "word" | "end";
  readonly text: string;
}

const PIECES: readonly (readonly [PatternToken["kind"], RegExp])[] = [
  ["selector", /\$(?:\.[\w-]+|\[(?:\d+|\*)\]|\.\["[^"]+"\]|\["[^"]+"\])*/y],
  ["join", /&&|\|\|/y],
  ["operator", /!=|<=|>=|=|<|>/y],
  ["sign", /\.\.\.|[(){}[\],]/y],
  ["text", /"((?:\\.|[^"\\])*)"/y],
  ["regex", /%((?:\\.|[^%\\])+)%/y],
  ["word", /[^\s(){}[\],=<>!&|"]+/y],
];

function tokensOf(pattern: string): readonly PatternToken[] {
  const tokens: PatternToken[] = [];
  for (let from = 0; from < pattern.length;) {
    const blank = /\s*/y;
    blank.lastIndex = from;
    from += blank.exec(pattern)?.[0].length ?? 0;
    if (from >= pattern.length) break;
    const found = PIECES.flatMap(([kind, expression]) => {
      expression.lastIndex = from;
      const match: readonly (string | undefined)[] | null = expression.exec(pattern);
      return match === null ? [] : [{ kind, whole: match[0] ?? "", text: match[1] ?? match[0] ?? "" }];
    })[0];
    if (found === undefined)
      throw invalidPattern(`Invalid character(s) in filter pattern: ${pattern.slice(from)}`);
    tokens.push({ kind: found.kind, text: found.text });
    from += found.whole.length;
  }
  return tokens;
}

/** A value of a field, or nothing where the line has none. */
type FieldValue = string | number | boolean | null | object | undefined;

type Condition = (fieldOf: (name: string) => readonly FieldValue[]) => boolean;

/** Reads conditions on fields, joined by `&&` and `||`. */
class PatternReader {
  readonly #tokens: readonly PatternToken[];
  #index = 0;

  constructor(pattern: string) {
    this.#tokens = tokensOf(pattern);
  }

  get next(): PatternToken {
    return this.#tokens[this.#index] ?? { kind: "end", text: "the end" };
  }

  take(): PatternToken {
    const { next } = this;
    this.#index++;
    return next;
  }

  /** The token behind the next one. */
  lookAhead(): PatternToken {
    return this.#tokens[this.#index + 1] ?? { kind: "end", text: "the end" };
  }

  takeText(text: string): boolean {
    const isIt = this.next.kind !== "text" && this.next.text.toUpperCase() === text;
    if (isIt) this.#index++;
    return isIt;
  }

  expect(text: string): void {
    if (!this.takeText(text)) throw this.#unexpected(text);
  }

  alternatives(kind: "selector" | "word"): Condition {
    let left = this.#all(kind);
    while (this.takeText("||")) {
      const [one, other] = [left, this.#all(kind)];
      left = (fieldOf) => one(fieldOf) || other(fieldOf);
    }
    return left;
  }

  #all(kind: "selector" | "word"): Condition {
    let left = this.#one(kind);
    while (this.takeText("&&")) {
      const [one, other] = [left, this.#one(kind)];
      left = (fieldOf) => one(fieldOf) && other(fieldOf);
    }
    return left;
  }

  #one(kind: "selector" | "word"): Condition {
    if (this.takeText("(")) {
      const inner = this.alternatives(kind);
      this.expect(")");
      return inner;
    }
    if (this.next.kind !== kind) throw this.#unexpected("a field");
    const name = this.take().text;
    const holds = this.#comparison();
    return (fieldOf) => holds(fieldOf(name));
  }

  #comparison(): (values: readonly FieldValue[]) => boolean {
    if (this.takeText("IS")) return this.#state();
    if (this.takeText("NOT")) {
      this.expect("EXISTS");
      return (values) => values.every((value) => value === undefined);
    }
    if (this.takeText("EXISTS")) return (values) => values.some((value) => value !== undefined);
    if (this.next.kind !== "operator") throw this.#unexpected("a comparison");
    const operator = this.take().text;
    const value = this.next;
    if (!VALUES.has(value.kind)) throw this.#unexpected("a value");
    const { kind, text } = this.take();
    if (kind === "regex") {
      const expression = expressionOf(text);
      return byText(operator, (value) => expression.test(value));
    }
    if (kind === "word" && !Number.isNaN(Number(text))) return byNumber(operator, Number(text), text);
    return byText(operator, wildcard(text));
  }

  #state(): (values: readonly FieldValue[]) => boolean {
    for (const [word, wanted] of STATES)
      if (this.takeText(word)) return (values) => values.some((value) => value === wanted);
    throw this.#unexpected("NULL, TRUE or FALSE");
  }

  #unexpected(expected: string) {
    return invalidPattern(`Invalid filter pattern: expected ${expected}, found ${this.next.text}`);
  }
}

const VALUES: ReadonlySet<PatternToken["kind"]> = new Set(["regex", "text", "word"]);

const STATES = [
  ["NULL", null],
  ["TRUE", true],
  ["FALSE", false],
] as const;

/** `*` stands for any text. */
function wildcard(pattern: string): (value: string) => boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  const expression = new RegExp(`^${parts.join(".*")}$`, "s");
  return (value) => expression.test(value);
}

/** A line without the field matches no comparison. */
function byText(operator: string, matches: (value: string) => boolean) {
  if (operator !== "=" && operator !== "!=")
    throw invalidPattern(`Invalid filter pattern: ${operator} compares numbers only`);
  return (values: readonly FieldValue[]): boolean => {
    const texts = values.flatMap((value) =>
      value === undefined || value === null || typeof value === "object" ? [] : [String(value)],
    );
    return texts.length > 0 && texts.some(matches) === (operator === "=");
  };
}

const NUMBERS: Readonly<Record<string, (value: number, wanted: number) => boolean>> = {
  "=": (value, wanted) => value === wanted,
  "!=": (value, wanted) => value !== wanted,
  "<": (value, wanted) => value < wanted,
  "<=": (value, wanted) => value <= wanted,
  ">": (value, wanted) => value > wanted,
  ">=": (value, wanted) => value >= wanted,
};

function byNumber(operator: string, wanted: number, written: string) {
  const holds = NUMBERS[operator] ?? (() => false);
  return (values: readonly FieldValue[]): boolean =>
    values.some((value) => {
      if (typeof value === "string" && (operator === "=" || operator === "!=") && value === written)
        return operator === "=";
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      return typeof number === "number" && !Number.isNaN(number) && holds(number, wanted);
    });
}

/**
 * A pattern on fields of JSON, `{ $.level = "error" && $.items[0].n > 3 }`, or of words between blanks, `[ip,
 * user, ..., status = 4*]`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function fieldPattern(pattern: string): LineTest {
  const reader = new PatternReader(pattern);
  const test = reader.takeText("{") ? jsonTest(reader) : wordsTest(reader);
  if (reader.next.kind !== "end")
    throw invalidPattern(`Invalid filter pattern: found ${reader.next.text} behind its end`);
  return test;
}

function jsonTest(reader: PatternReader): LineTest {
  const condition = reader.alternatives("selector");
  reader.expect("}");
  return (message) => {
    const line = parseJsonObject(message);
    return line !== undefined && condition((selector) => selected(line, selector));
  };
}

/** What a selector finds: of a wildcard every item. */
function selected(line: JsonObject, selector: string): readonly FieldValue[] {
  const steps = [...selector.matchAll(/\["([^"]+)"\]|\[(\d+|\*)\]|\.([\w-]+)/g)];
  let found: readonly unknown[] = [line];
  for (const [, quoted, place, name] of steps)
    found = found.flatMap((value) => {
      if (place === "*") return Array.isArray(value) ? (value as readonly unknown[]) : [undefined];
      const key = quoted ?? place ?? name ?? "";
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return [undefined];
      return [(value as JsonObject)[key]];
    });
  return found as readonly FieldValue[];
}

interface Column {
  readonly name: string;
  readonly condition: Condition | undefined;
}

function wordsTest(reader: PatternReader): LineTest {
  reader.expect("[");
  const columns: (Column | "rest")[] = [];
  while (!reader.takeText("]")) {
    columns.push(reader.takeText("...") ? "rest" : readColumn(reader));
    if (!reader.takeText(",") && reader.next.text !== "]") reader.expect("]");
  }
  return (message) => {
    const words = wordsOf(message);
    const placed = placedColumns(columns, words);
    return placed?.every(({ column, word }) => column.condition?.(() => [word]) ?? true) ?? false;
  };
}

/** A column's conditions are all on its own field, whose name stands alone where it has none. */
function readColumn(reader: PatternReader): Column {
  const { text: name } = reader.next;
  const ahead = reader.lookAhead();
  if (ahead.text === "," || ahead.text === "]") {
    reader.take();
    return { name, condition: undefined };
  }
  return { name, condition: reader.alternatives("word") };
}

/** The words of a line; a text in quotes or brackets is one. */
function wordsOf(message: string): readonly string[] {
  return [...message.matchAll(/"([^"]*)"|\[([^\]]*)\]|(\S+)/g)].map(
    ([, quoted, bracketed, bare]) => quoted ?? bracketed ?? bare ?? "",
  );
}

interface PlacedColumn {
  readonly column: Column;
  readonly word: string | undefined;
}

/** Which word each column is; `undefined` where a line has another number of them than the pattern. */
function placedColumns(
  columns: readonly (Column | "rest")[],
  words: readonly string[],
): readonly PlacedColumn[] | undefined {
  const rest = columns.indexOf("rest");
  const named = columns.filter((column): column is Column => column !== "rest");
  if (rest < 0 ? words.length !== named.length : words.length < named.length) return undefined;
  const behind = named.length - rest;
  return named.map((column, index) => ({
    column,
    word: rest < 0 || index < rest ? words[index] : words[words.length - behind + index - rest],
  }));
}
