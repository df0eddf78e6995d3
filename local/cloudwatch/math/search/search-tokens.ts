/** Pieces of camel case, of digits, of anything between other characters. */
const PIECE = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g;

/** A text as searches see it. */
export interface SearchableText {
  readonly text: string;
  /** In their order and case: `CustomCount1` has Custom, Count and 1. */
  readonly pieces: readonly string[];
  /** The pieces and the whole joined word, in lower case. */
  readonly tokens: ReadonlySet<string>;
}

/** Splits a text into the tokens that a search compares. */
export function searchable(text: string): SearchableText {
  const pieces = text.match(PIECE) ?? [];
  const tokens = new Set([pieces.join(""), ...pieces].map((token) => token.toLowerCase()));
  return { text, pieces, tokens };
}

/** A word that can be one token of a text, the joined one included. */
const ONE_TOKEN = /^[A-Za-z0-9]+$/;

/** Whether a bare word finds the text: one token in any case, several only next to each other and in their case. */
export function matchesWord(word: SearchableText, { pieces, tokens }: SearchableText): boolean {
  if (word.pieces.length === 0) return false;
  if (ONE_TOKEN.test(word.text) && tokens.has(word.text.toLowerCase())) return true;
  if (word.pieces.length === 1) return tokens.has(word.pieces.join("").toLowerCase());
  const last = pieces.length - word.pieces.length;
  for (let from = 0; from <= last; from++)
    if (word.pieces.every((piece, index) => piece === pieces[from + index])) return true;
  return false;
}
