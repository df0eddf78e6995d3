import { logsTokens, type LogsToken } from "./logs-lexer.ts";
import { LogsQueryError } from "./logs-query-error.ts";

/** Walks over the tokens of a query. */
export class LogsReader {
  readonly #query: string;
  readonly #tokens: readonly LogsToken[];
  #index = 0;

  constructor(query: string) {
    this.#query = query;
    this.#tokens = logsTokens(query);
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
