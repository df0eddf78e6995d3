import { QueryError } from "../query-error.ts";
import { tokensOf, type Token } from "./lexer.ts";
import { MathError } from "./math-error.ts";
import type { BinaryOperator, MathNode } from "./syntax.ts";

/** Binary operators from the loosest to the tightest; AWS documents no order: write parentheses. */
const LEVELS: readonly Readonly<Record<string, BinaryOperator>>[] = [
  { OR: "OR", "||": "OR" },
  { AND: "AND", "&&": "AND" },
  { "==": "==", "!=": "!=", "<=": "<=", ">=": ">=", "<": "<", ">": ">" },
  { "+": "+", "-": "-" },
  { "*": "*", "/": "/" },
];

const LONGEST = 2048;
const REMEMBERED = 1000;
const SELECT = /^\s*SELECT\s/i;
const AN_OPERAND = 'a number, an id, a function, "[" or "("';

const parsed = new Map<string, MathNode>();

/** Parses a metric math expression; each text is parsed once, however often it is evaluated. */
export function parseMath(expression: string): MathNode {
  let node = parsed.get(expression);
  if (node === undefined) {
    node = parse(expression);
    if (parsed.size >= REMEMBERED) parsed.clear();
    parsed.set(expression, node);
  }
  return node;
}

function parse(expression: string): MathNode {
  if (SELECT.test(expression)) throw new QueryError("Metrics Insights (SELECT …) is not evaluated here");
  if (expression.length > LONGEST)
    throw new QueryError(`an expression has at most ${LONGEST} characters, not ${expression.length}`);
  const parser = new Parser(tokensOf(expression));
  const node = parser.level(0);
  parser.expectEnd();
  return node;
}

/** Recursive descent over the tokens of one expression. */
class Parser {
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(tokens: readonly Token[]) {
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
  #named({ text, at }: Token): MathNode {
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

  get #next(): Token {
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
