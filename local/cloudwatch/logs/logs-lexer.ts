import { LogsQueryError } from "./logs-query-error.ts";

/** A piece of a query. */
export interface LogsToken {
  readonly kind: "name" | "number" | "duration" | "text" | "regex" | "sign" | "end";
  /** As written; for texts and regular expressions what is between their marks. */
  readonly text: string;
  /** Where it begins and ends in the query. */
  readonly from: number;
  readonly to: number;
}

const PIECES: readonly (readonly [LogsToken["kind"] | "blank", RegExp])[] = [
  ["blank", /\s+|#[^\n]*/y],
  ["duration", /\d+(?:ms|s|m|h|d|w|mo|q|y)\b/y],
  ["number", /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ["name", /[@A-Za-z_][\w@]*(?:\.[\w@]+)*/y],
  ["name", /`([^`]+)`/y],
  ["text", /"((?:\\.|[^"\\])*)"/y],
  ["text", /'((?:\\.|[^'\\])*)'/y],
  ["sign", /[=!<>]=|=~|&&|\|\||[|()[\],=<>+\-*/^%]/y],
];
const REGEX = /\/((?:\\.|[^/\\\n])+)\//y;

/** Splits a query into tokens, the last of which is its end. */
export function logsTokens(query: string): readonly LogsToken[] {
  const tokens: LogsToken[] = [];
  let command = "";
  for (let from = 0; from < query.length;) {
    const token = tokenAt(query, from, isRegexNext(tokens.at(-1), command));
    from = token.to;
    if (token.kind === "blank") continue;
    const isFirst = tokens.length === 0 || tokens.at(-1)?.text === "|";
    if (isFirst) command = token.text.toLowerCase();
    tokens.push({ ...token, kind: token.kind });
  }
  return [...tokens, { kind: "end", text: "", from: query.length, to: query.length }];
}

/** A slash begins a regular expression where one can stand, and divides everywhere else. */
function isRegexNext(last: LogsToken | undefined, command: string): "regex" | "division" {
  const isWanted = command === "parse" || last?.text.toLowerCase() === "like" || last?.text === "=~";
  return isWanted ? "regex" : "division";
}

type Piece = Omit<LogsToken, "kind"> & { readonly kind: LogsToken["kind"] | "blank" };

function tokenAt(query: string, from: number, slash: "regex" | "division"): Piece {
  const pieces = slash === "regex" ? [["regex", REGEX] as const, ...PIECES] : PIECES;
  for (const [kind, pattern] of pieces) {
    pattern.lastIndex = from;
    const match = pattern.exec(query);
    if (match === null) continue;
    const inside = (match as readonly (string | undefined)[])[1];
    const text = kind === "text" ? (inside ?? "").replace(/\\(["'\\])/g, "$1") : (inside ?? match[0]);
    return { kind, text, from, to: pattern.lastIndex };
  }
  throw new LogsQueryError(`log query, character ${from + 1}: unexpected "${query.charAt(from)}"`);
}
