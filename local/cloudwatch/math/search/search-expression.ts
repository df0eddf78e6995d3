import type { MetricIdentity } from "../../metric.ts";
import { QueryError } from "../../query-error.ts";
import { matchesWord, searchable, type SearchableText } from "./search-tokens.ts";

/** Whether a search finds a metric. */
export type FindsMetric = (metric: MetricIdentity) => boolean;

const LONGEST = 1024;
const SCHEMA = /^\s*\{([^}]*)\}/;
const PIECE = /\s*(?:([()=])|"((?:\\.|[^"\\])*)"|((?:\\.|[^\s()="\\])+))/y;
const OPERATORS: ReadonlySet<string> = new Set(["AND", "OR", "NOT"]);
const REMEMBERED = 200;

const parsed = new Map<string, FindsMetric>();

/**
 * Reads `{Namespace, Dim, …} terms` of a SEARCH; each text is read once.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
export function parseSearch(expression: string): FindsMetric {
  let finds = parsed.get(expression);
  if (finds === undefined) {
    finds = parse(expression);
    if (parsed.size >= REMEMBERED) parsed.clear();
    parsed.set(expression, finds);
  }
  return finds;
}

function parse(expression: string): FindsMetric {
  if (expression.length > LONGEST)
    throw new QueryError(`a search has at most ${LONGEST} characters, not ${expression.length}`);
  const schema = SCHEMA.exec(expression);
  const inSchema = schema === null ? undefined : schemaRule(schema[1] ?? "");
  const pieces = piecesOf(schema === null ? expression : expression.slice(schema[0].length));
  const byTerms = pieces.length === 0 ? undefined : new Terms(pieces).all();
  if (inSchema === undefined && byTerms === undefined)
    throw new QueryError("a search needs a schema in braces, or terms, or both");
  return (metric) => (inSchema?.(metric) ?? true) && (byTerms?.(metric) ?? true);
}

/** A schema finds metrics with exactly these dimensions. */
function schemaRule(text: string): FindsMetric {
  const [namespace = "", ...names] = text.split(",").map((part) => part.trim().replace(/^"(.*)"$/, "$1"));
  if (namespace === "") throw new QueryError("the schema of a search begins with a namespace");
  return (metric) => {
    const dimensions = Object.keys(metric.dimensions);
    return (
      metric.namespace === namespace &&
      dimensions.length === names.length &&
      names.every((name) => Object.hasOwn(metric.dimensions, name))
    );
  };
}

interface Piece {
  readonly kind: "sign" | "exact" | "word";
  readonly text: string;
}

function piecesOf(terms: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let index = 0;
  while (terms.slice(index).trim() !== "") {
    PIECE.lastIndex = index;
    const match = PIECE.exec(terms);
    if (match === null) throw new QueryError(`search: cannot read ${terms.slice(index).trim()}`);
    const [, sign, exact, word] = match as unknown as readonly (string | undefined)[];
    if (sign !== undefined) pieces.push({ kind: "sign", text: sign });
    else if (exact !== undefined) pieces.push({ kind: "exact", text: unescaped(exact) });
    else pieces.push({ kind: "word", text: unescaped(word ?? "") });
    index = PIECE.lastIndex;
  }
  return pieces;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}

/** Texts of a metric that a term is compared with. */
type Field = (metric: MetricIdentity) => readonly string[];

const ANY_FIELD: Field = ({ namespace, metricName, dimensions }) => [
  namespace,
  metricName,
  ...Object.entries(dimensions).flat(),
];

const FIELDS: Readonly<Record<string, Field>> = {
  MetricName: ({ metricName }) => [metricName],
  Namespace: ({ namespace }) => [namespace],
  ":aws.AccountId": () => ["LOCAL"],
};

function fieldOf(designator: string): Field {
  const field = Object.hasOwn(FIELDS, designator) ? FIELDS[designator] : undefined;
  return (
    field ??
    (({ dimensions }) => (Object.hasOwn(dimensions, designator) ? [dimensions[designator] ?? ""] : []))
  );
}

/** Recursive descent over the terms: OR binds loosest, then AND or a blank, then NOT. */
class Terms {
  readonly #pieces: readonly Piece[];
  #index = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  all(): FindsMetric {
    const finds = this.#either(ANY_FIELD);
    if (this.#next !== undefined) throw this.#unexpected("a term");
    return finds;
  }

  #either(field: Field): FindsMetric {
    const choices = [this.#both(field)];
    while (this.#takeOperator("OR")) choices.push(this.#both(field));
    return (metric) => choices.some((finds) => finds(metric));
  }

  #both(field: Field): FindsMetric {
    const conditions = [this.#negatable(field)];
    for (;;) {
      const isJoined = this.#takeOperator("AND");
      if (!isJoined && !this.#isTermNext()) return (metric) => conditions.every((finds) => finds(metric));
      conditions.push(this.#negatable(field));
    }
  }

  #negatable(field: Field): FindsMetric {
    if (!this.#takeOperator("NOT")) return this.#term(field);
    const finds = this.#negatable(field);
    return (metric) => !finds(metric);
  }

  #term(field: Field): FindsMetric {
    if (this.#takeSign("(")) return this.#group(field);
    const piece = this.#next;
    if (piece === undefined || piece.kind === "sign" || isOperator(piece)) throw this.#unexpected("a term");
    this.#index++;
    if (this.#takeSign("=")) return this.#term(fieldOf(piece.text));
    return piece.kind === "exact" ? exactly(piece.text, field) : containing(searchable(piece.text), field);
  }

  #group(field: Field): FindsMetric {
    const finds = this.#either(field);
    if (!this.#takeSign(")")) throw this.#unexpected('")"');
    return finds;
  }

  get #next(): Piece | undefined {
    return this.#pieces[this.#index];
  }

  #isTermNext(): boolean {
    const piece = this.#next;
    if (piece === undefined) return false;
    if (piece.kind === "sign") return piece.text === "(";
    return !isOperator(piece) || piece.text === "NOT";
  }

  #takeOperator(name: string): boolean {
    const piece = this.#next;
    if (piece?.kind !== "word" || piece.text !== name) return false;
    this.#index++;
    return true;
  }

  #takeSign(sign: string): boolean {
    const piece = this.#next;
    if (piece?.kind !== "sign" || piece.text !== sign) return false;
    this.#index++;
    return true;
  }

  #unexpected(expected: string): QueryError {
    const found = this.#next === undefined ? "the end" : `"${this.#next.text}"`;
    return new QueryError(`search: expected ${expected}, found ${found}`);
  }
}

function isOperator(piece: Piece): boolean {
  return piece.kind === "word" && OPERATORS.has(piece.text);
}

function exactly(text: string, field: Field): FindsMetric {
  return (metric) => field(metric).includes(text);
}

function containing(word: SearchableText, field: Field): FindsMetric {
  return (metric) => field(metric).some((text) => matchesWord(word, searchable(text)));
}
