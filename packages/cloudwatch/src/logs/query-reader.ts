import { QueryError } from "../metric.ts";
import { PERIOD_UNITS } from "./log-period.ts";

/** A mistake in a Logs Insights query, or a part of the language that is not run here. */
export class LogsQueryError extends QueryError {
  override readonly name = "LogsQueryError";
}

/** A piece of a query. */
interface LogsToken {
  readonly kind: "name" | "number" | "duration" | "text" | "regex" | "sign" | "end";
  /** As written; for texts and regular expressions what is between their marks. */
  readonly text: string;
  /** Where it begins and ends in the query. */
  readonly from: number;
  readonly to: number;
}

const PIECES: readonly (readonly [LogsToken["kind"] | "blank", RegExp])[] = [
  ["blank", /\s+|#[^\n]*/y],
  ["duration", new RegExp(`\\d+ *(?:${Object.keys(PERIOD_UNITS).join("|")})\\b`, "y")],
  ["number", /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ["name", /[@A-Za-z_][\w@]*(?:\.[\w@]+|\[\d+\])*/y],
  ["name", /`([^`]+)`/y],
  ["text", /"((?:\\.|[^"\\])*)"/y],
  ["text", /'((?:\\.|[^'\\])*)'/y],
  ["sign", /[=!<>]=|=~|&&|\|\||[|()[\],:!=<>+\-*/^%]/y],
];
const REGEX = /\/((?:\\.|[^/\\\n])+)\//y;

/** Splits a query into tokens, the last of which is its end. */
function logsTokens(query: string): readonly LogsToken[] {
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

/** Walks over the tokens of a query. */
export class LogsReader {
  readonly #query: string;
  readonly #tokens: readonly LogsToken[];
  #index = 0;

  constructor(query: string) {
    this.#query = query;
    this.#tokens = logsTokens(query);
  }

  /** How many tokens the query has. */
  get pieces(): number {
    return this.#tokens.length;
  }

  get next(): LogsToken {
    const token = this.#tokens[this.#index];
    if (token === undefined) throw new RangeError("read past the end of a log query");
    return token;
  }

  /** Takes the next token whatever it is. */
  take(): LogsToken {
    const token = this.next;
    if (token.kind !== "end") this.#index++;
    return token;
  }

  /** Takes the sign if it is next. */
  takeSign(sign: string): boolean {
    const isIt = this.next.kind === "sign" && this.next.text === sign;
    if (isIt) this.#index++;
    return isIt;
  }

  /** Takes the word, in any case, if it is next. */
  takeWord(word: string): boolean {
    const isIt = this.next.kind === "name" && this.next.text.toLowerCase() === word;
    if (isIt) this.#index++;
    return isIt;
  }

  /** Takes `by` or, as many public queries have it, `group by`. */
  takeGrouping(): boolean {
    const isGroup = this.takeWord("group");
    if (this.takeWord("by")) return true;
    if (isGroup) throw this.unexpected('"by"');
    return false;
  }

  /** Whether the words, in any case, come next. */
  isNext(...words: readonly string[]): boolean {
    return words.every((word, offset) => this.#tokens[this.#index + offset]?.text.toLowerCase() === word);
  }

  expectSign(sign: string): void {
    if (!this.takeSign(sign)) throw this.unexpected(`"${sign}"`);
  }

  expectName(what: string): string {
    if (this.next.kind !== "name") throw this.unexpected(what);
    return this.take().text;
  }

  /** What the query says from a place up to the next token, without blanks around it. */
  since(from: number): string {
    return this.#query.slice(from, this.#tokens[this.#index - 1]?.to ?? from).trim();
  }

  unexpected(expected: string): LogsQueryError {
    const { kind, text, from } = this.next;
    const found = kind === "end" ? "the end" : `"${text}"`;
    return new LogsQueryError(`log query, character ${from + 1}: expected ${expected}, found ${found}`);
  }
}

/** Reads one thing or several with commas between them. */
export function readCommaSeparated<Item>(
  reader: LogsReader,
  read: (reader: LogsReader) => Item,
): readonly Item[] {
  const items = [read(reader)];
  while (reader.takeSign(",")) items.push(read(reader));
  return items;
}
