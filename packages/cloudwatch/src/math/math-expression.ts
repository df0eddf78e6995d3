import { QueryError } from "../metric.ts";

/** A mistake in a metric math expression, and where it is. */
export class MathError extends QueryError {
  override readonly name = "MathError";
  /** Character of the expression, counted from 1. */
  readonly position: number;

  constructor(position: number, message: string) {
    super(`at character ${position}: ${message}`);
    this.position = position;
  }
}

/** An operator between two operands. */
export type BinaryOperator =
  | "OR"
  | "AND"
  | "=="
  | "!="
  | "<="
  | ">="
  | "<"
  | ">"
  | "+"
  | "-"
  | "*"
  | "/"
  | "^";

/** A function and its arguments. */
export interface CallNode {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly MathNode[];
  readonly at: number;
}

/** A metric math expression, parsed; `at` is the character where each part begins, counted from 1. */
export type MathNode =
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "id"; readonly name: string; readonly at: number }
  | { readonly kind: "keyword"; readonly name: string; readonly at: number }
  | { readonly kind: "array"; readonly items: readonly MathNode[]; readonly at: number }
  | { readonly kind: "negation"; readonly operand: MathNode; readonly at: number }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: MathNode;
      readonly right: MathNode;
      readonly at: number;
    }
  | CallNode;

/** A piece of an expression; `at` counts characters from 1. */
interface MathToken {
  readonly kind: "number" | "text" | "name" | "sign" | "end";
  /** As written; for texts what is between the quotes. */
  readonly text: string;
  readonly at: number;
}

const PIECE =
  /\s*(?:(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z][A-Za-z0-9_]*)|(?<single>'(?:\\'|[^'])*')|(?<double>"(?:\\"|[^"])*")|(?<sign>&&|\|\||[=!<>]=|[-+*/^<>()[\],]))/y;

/** Splits an expression into tokens, the last of which is its end. */
function mathTokens(expression: string): readonly MathToken[] {
  const tokens: MathToken[] = [];
  let index = 0;
  while (expression.slice(index).trim() !== "") {
    PIECE.lastIndex = index;
    const match = PIECE.exec(expression);
    if (match === null) throw strayCharacter(expression, index);
    tokens.push(mathToken(match));
    index = PIECE.lastIndex;
  }
  return [...tokens, { kind: "end", text: "", at: expression.length + 1 }];
}

function mathToken(match: RegExpExecArray): MathToken {
  const { number, name, single, double, sign } = match.groups ?? {};
  const at = match.index + match[0].length - match[0].trimStart().length + 1;
  if (number !== undefined) return { kind: "number", text: number, at };
  if (name !== undefined) return { kind: "name", text: name, at };
  if (sign !== undefined) return { kind: "sign", text: sign, at };
  const quoted = single ?? double ?? "";
  const quote = quoted.charAt(0);
  return { kind: "text", text: quoted.slice(1, -1).replaceAll(`\\${quote}`, quote), at };
}

function strayCharacter(expression: string, index: number): MathError {
  const rest = expression.slice(index);
  const at = index + rest.length - rest.trimStart().length;
  const character = expression.charAt(at);
  const isQuote = character === '"' || character === "'";
  if (isQuote) return new MathError(at + 1, `the text that begins here has no closing ${character}`);
  const hint = character === "{" ? ": this is metric math, and PromQL is not evaluated" : "";
  return new MathError(at + 1, `unexpected "${character}"${hint}`);
}

/** Binary operators from the loosest to the tightest; AWS documents no order: write parentheses. */
const LEVELS: readonly Readonly<Record<string, BinaryOperator>>[] = [
  { OR: "OR", "||": "OR" },
  { AND: "AND", "&&": "AND" },
  { "==": "==", "!=": "!=", "<=": "<=", ">=": ">=", "<": "<", ">": ">" },
  { "+": "+", "-": "-" },
  { "*": "*", "/": "/" },
];

const MAX_LENGTH = 2048;
/** Far more than anybody writes, far less than the stack holds. */
const MAX_DEPTH = 100;
const MAX_PARSED = 1000;
const SELECT = /^\s*SELECT\s/i;
const AN_OPERAND = 'a number, an id, a function, "[" or "("';

const PARSED = new Map<string, MathNode>();

/** Parses a metric math expression; each text is parsed once, however often it is evaluated. */
export function parseMath(expression: string): MathNode {
  let node = PARSED.get(expression);
  if (node === undefined) {
    node = parse(expression);
    if (PARSED.size >= MAX_PARSED) PARSED.clear();
    PARSED.set(expression, node);
  }
  return node;
}

function parse(expression: string): MathNode {
  if (SELECT.test(expression)) throw new QueryError("Metrics Insights (SELECT …) is not evaluated here");
  if (expression.length > MAX_LENGTH)
    throw new QueryError(`an expression has at most ${MAX_LENGTH} characters, not ${expression.length}`);
  const parser = new Parser(mathTokens(expression));
  const node = parser.level(0);
  parser.expectEnd();
  return node;
}

/** Recursive descent over the tokens of one expression. */
class Parser {
  readonly #tokens: readonly MathToken[];
  #index = 0;
  #depth = 0;

  constructor(tokens: readonly MathToken[]) {
    this.#tokens = tokens;
  }

  /** Operands joined by the operators of this level or of a tighter one. */
  level(index: number): MathNode {
    const operators = LEVELS[index];
    if (operators === undefined) return this.#power();
    let left = this.level(index + 1);
    for (;;) {
      const token = this.#next;
      const operator = token.kind === "text" ? undefined : ownValue(operators, token.text);
      if (operator === undefined) return left;
      this.#index++;
      left = { kind: "binary", operator, left, right: this.level(index + 1), at: token.at };
    }
  }

  expectEnd(): void {
    if (this.#next.kind !== "end") throw this.#unexpected("an operator or the end");
  }

  /** `^` binds to the right, and tighter than a minus in front: `-2^2` is -4. */
  #power(): MathNode {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH)
      throw new MathError(this.#next.at, `an expression is nested at most ${MAX_DEPTH} deep`);
    const node = this.#powerOf();
    this.#depth -= 1;
    return node;
  }

  #powerOf(): MathNode {
    const at = this.#next.at;
    if (this.#take("-")) return { kind: "negation", operand: this.#power(), at };
    const left = this.#operand();
    const operatorAt = this.#next.at;
    if (!this.#take("^")) return left;
    return { kind: "binary", operator: "^", left, right: this.#power(), at: operatorAt };
  }

  #operand(): MathNode {
    const token = this.#next;
    const { kind, text, at } = token;
    if (kind === "end") throw this.#unexpected(AN_OPERAND);
    this.#index++;
    if (kind === "number") return { kind, value: Number(text), at };
    if (kind === "text") return { kind, text, at };
    if (kind === "name") return this.#named(token);
    if (text === "(") return this.#parenthesised();
    if (text === "[") return { kind: "array", items: this.#list("]"), at };
    this.#index--;
    throw this.#unexpected(AN_OPERAND);
  }

  #parenthesised(): MathNode {
    const node = this.level(0);
    if (!this.#take(")")) throw this.#unexpected('an operator or ")"');
    return node;
  }

  /** Ids begin with a lower-case letter; functions and keywords do not. */
  #named({ text, at }: MathToken): MathNode {
    if (this.#take("(")) return { kind: "call", name: text, args: this.#list(")"), at };
    return { kind: /^[a-z]/.test(text) ? "id" : "keyword", name: text, at };
  }

  #list(close: ")" | "]"): readonly MathNode[] {
    const items: MathNode[] = [];
    if (this.#take(close)) return items;
    for (;;) {
      items.push(this.level(0));
      if (this.#take(close)) return items;
      if (!this.#take(",")) throw this.#unexpected(`an operator, "," or "${close}"`);
    }
  }

  get #next(): MathToken {
    const token = this.#tokens[this.#index];
    if (token === undefined) throw new RangeError("read past the end of an expression");
    return token;
  }

  #take(sign: string): boolean {
    const isIt = this.#next.kind === "sign" && this.#next.text === sign;
    if (isIt) this.#index++;
    return isIt;
  }

  #unexpected(expected: string): MathError {
    const { kind, text, at } = this.#next;
    return new MathError(at, `expected ${expected}, found ${kind === "end" ? "the end" : `"${text}"`}`);
  }
}

function ownValue<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Functions whose every point depends on its own slot alone; FILL does where its filler is no keyword. */
const POINTWISE: ReadonlySet<string> = new Set([
  "ABS",
  "CEIL",
  "FLOOR",
  "LOG",
  "LOG10",
  "FILL",
  "IF",
  "PERIOD",
  "TIME_SERIES",
]);

/** The same, of functions of the slot's time. */
const OF_SLOT_TIME: ReadonlySet<string> = new Set([
  "MINUTE",
  "HOUR",
  "DAY",
  "DATE",
  "MONTH",
  "YEAR",
  "EPOCH",
]);

/** Functions that join an array into a series, slot by slot. */
const ACROSS_ARRAY: ReadonlySet<string> = new Set(["AVG", "MAX", "MIN", "SUM"]);

/**
 * What a point of an expression depends on: the points of its own slot; that slot's time as well, so that a
 * read of many slots still gives what a read of each one gives; or other slots too. What cannot be parsed
 * depends on everything: its evaluation says why.
 */
export type PointDependence = "points" | "slot" | "series";

/** See {@link PointDependence}. */
export function pointDependence(expression: string): PointDependence {
  try {
    const node = parseMath(expression);
    if (!isNodePointwise(node)) return "series";
    return tellsTime(node) ? "slot" : "points";
  } catch (error) {
    if (error instanceof QueryError) return "series";
    throw error;
  }
}

function isNodePointwise(node: MathNode): boolean {
  switch (node.kind) {
    case "number":
    case "id":
      return true;
    case "negation":
      return isNodePointwise(node.operand);
    case "binary":
      return isNodePointwise(node.left) && isNodePointwise(node.right);
    case "call":
      return isCallPointwise(node);
    case "keyword":
    case "text":
    case "array":
      return false;
  }
}

function isCallPointwise({ name, args }: CallNode): boolean {
  const [first] = args;
  if (ACROSS_ARRAY.has(name)) return first?.kind === "array" && first.items.every(isNodePointwise);
  return (POINTWISE.has(name) || OF_SLOT_TIME.has(name)) && args.every(isNodePointwise);
}

function tellsTime(node: MathNode): boolean {
  switch (node.kind) {
    case "negation":
      return tellsTime(node.operand);
    case "binary":
      return tellsTime(node.left) || tellsTime(node.right);
    case "call":
      return OF_SLOT_TIME.has(node.name) || node.args.some(tellsTime);
    case "array":
      return node.items.some(tellsTime);
    default:
      return false;
  }
}
