import { MathError } from "./math-error.ts";

/** A piece of an expression; `at` counts characters from 1. */
export interface Token {
  readonly kind: "number" | "text" | "name" | "sign" | "end";
  /** As written; for texts what is between the quotes. */
  readonly text: string;
  readonly at: number;
}

const PIECE =
  /\s*(?:(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z][A-Za-z0-9_]*)|(?<single>'(?:\\'|[^'])*')|(?<double>"(?:\\"|[^"])*")|(?<sign>&&|\|\||[=!<>]=|[-+*/^<>()[\],]))/y;

/** Splits an expression into tokens, the last of which is its end. */
export function tokensOf(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  let index = 0;
  while (expression.slice(index).trim() !== "") {
    PIECE.lastIndex = index;
    const match = PIECE.exec(expression);
    if (match === null) throw strayCharacter(expression, index);
    tokens.push(tokenOf(match));
    index = PIECE.lastIndex;
  }
  return [...tokens, { kind: "end", text: "", at: expression.length + 1 }];
}

function tokenOf(match: RegExpExecArray): Token {
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
