import { type Grid, type MetricIdentity, QueryError } from "../metric.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import { distinctLabels } from "../metrics/series-labels.ts";
import { parseStatistic } from "../metrics/statistic.ts";
import { type MathNode, parseMath } from "./math-expression.ts";
import type { Line } from "./math-value.ts";

/** Pieces of camel case, of digits, of anything between other characters. */
const WORD_PIECE = /[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g;

/** A text as searches see it. */
interface SearchableText {
  readonly text: string;
  /** In their order and case: `CustomCount1` has Custom, Count and 1. */
  readonly pieces: readonly string[];
  /** The pieces and the whole joined word, in lower case. */
  readonly tokens: ReadonlySet<string>;
}

/** Splits a text into the tokens that a search compares. */
export function searchable(text: string): SearchableText {
  const pieces = text.match(WORD_PIECE) ?? [];
  const tokens = new Set([pieces.join(""), ...pieces].map((token) => token.toLowerCase()));
  return { text, pieces, tokens };
}

/** A word that can be one token of a text, the joined one included. */
const ONE_TOKEN = /^[A-Za-z0-9]+$/;

/**
 * Whether a bare word finds the text: one token in any case, several only next to each other and in their
 * case.
 */
function matchesWord(word: SearchableText, { pieces, tokens }: SearchableText): boolean {
  if (word.pieces.length === 0) return false;
  if (ONE_TOKEN.test(word.text) && tokens.has(word.text.toLowerCase())) return true;
  if (word.pieces.length === 1) return tokens.has(word.pieces.join("").toLowerCase());
  const last = pieces.length - word.pieces.length;
  for (let from = 0; from <= last; from++)
    if (word.pieces.every((piece, index) => piece === pieces[from + index])) return true;
  return false;
}

/** Whether a search finds a metric. */
type FindsMetric = (metric: MetricIdentity) => boolean;

const MAX_SEARCH_LENGTH = 1024;
const SCHEMA = /^\s*\{([^}]*)\}/;
const PIECE = /\s*(?:([()=])|"((?:\\.|[^"\\])*)"|((?:\\.|[^\s()="\\])+))/y;
const OPERATORS: ReadonlySet<string> = new Set(["AND", "OR", "NOT"]);
const MAX_PARSED_SEARCHES = 200;

const PARSED_SEARCHES = new Map<string, FindsMetric>();

/**
 * Reads `{Namespace, Dim, …} terms` of a SEARCH; each text is read once.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
export function parseSearch(expression: string): FindsMetric {
  let finds = PARSED_SEARCHES.get(expression);
  if (finds === undefined) {
    finds = parseSearchText(expression);
    if (PARSED_SEARCHES.size >= MAX_PARSED_SEARCHES) PARSED_SEARCHES.clear();
    PARSED_SEARCHES.set(expression, finds);
  }
  return finds;
}

function parseSearchText(expression: string): FindsMetric {
  if (expression.length > MAX_SEARCH_LENGTH)
    throw new QueryError(`a search has at most ${MAX_SEARCH_LENGTH} characters, not ${expression.length}`);
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

/** Metrics without data for longer than this are not found. */
const RECENT_MS = 14 * 24 * 3_600_000;
const MAX_SERIES = 500;

/** A search over a store's metrics, read with one statistic. */
interface MetricSearch {
  readonly expression: string;
  readonly stat: string;
  readonly grid: Grid;
  /** Called before each series is read; what it throws ends the search. */
  readonly reading?: () => void;
}

/**
 * Reads every metric that the search finds, ordered by namespace, name and dimensions; at most 500 of them.
 */
export function searchMetrics(
  store: MetricStore,
  { expression, stat, grid, reading }: MetricSearch,
): readonly Line[] {
  const finds = parseSearch(expression);
  const statistic = parseStatistic(stat);
  const sinceMs = grid.startMs + grid.slots * grid.periodSeconds * 1000 - RECENT_MS;
  const found = [...store.metrics()]
    .filter(({ identity, lastMs }) => lastMs >= sinceMs && finds(identity))
    .map(({ identity }) => ({ metric: identity, stat, order: orderOf(identity) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .slice(0, MAX_SERIES);
  const labels = distinctLabels(found);
  return found.map(({ metric }, index) => {
    reading?.();
    const { values } = store.read({ metric, statistic, grid });
    return { points: values, label: labels[index] ?? metric.metricName, metric };
  });
}

function orderOf({ namespace, metricName, dimensions }: MetricIdentity): string {
  return [namespace, metricName, ...Object.entries(dimensions).flat()].join("\u0000");
}

/**
 * The longest period that a SEARCH in the expression asks for, seconds: whoever chooses the grid obeys it.
 */
export function searchPeriodSeconds(expression: string): number | undefined {
  const periods = periodsIn(parsedOrNothing(expression));
  return periods.length === 0 ? undefined : Math.max(...periods);
}

/** A mistake is for the evaluation to report. */
function parsedOrNothing(expression: string): readonly MathNode[] {
  try {
    return [parseMath(expression)];
  } catch (error) {
    if (error instanceof QueryError) return [];
    throw error;
  }
}

function periodsIn(nodes: readonly MathNode[]): readonly number[] {
  return nodes.flatMap((node) => {
    const period = node.kind === "call" && node.name === "SEARCH" ? node.args[2] : undefined;
    return [...(period?.kind === "number" ? [period.value] : []), ...periodsIn(partsOf(node))];
  });
}

function partsOf(node: MathNode): readonly MathNode[] {
  if (node.kind === "call") return node.args;
  if (node.kind === "array") return node.items;
  if (node.kind === "negation") return [node.operand];
  return node.kind === "binary" ? [node.left, node.right] : [];
}
