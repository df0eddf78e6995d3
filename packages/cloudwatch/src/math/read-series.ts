import {
  type Grid,
  type MetricDataQuery,
  type MetricStat,
  QueryError,
  type ReadSeries,
  type Series,
} from "../metric.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import type { Column } from "../metrics/read-stream.ts";
import { parseStatistic } from "../metrics/statistic.ts";
import { type AnomalyDetector, detectorOf } from "./anomaly-detector.ts";
import { MathError, type MathNode, parseMath } from "./math-expression.ts";
import { findMathFunction } from "./math-functions.ts";
import { applyOperator, negatedValue } from "./math-operators.ts";
import {
  type Line,
  type MathSources,
  type MathValue,
  type RequestMetric,
  scalarValue,
  type Scope,
} from "./math-value.ts";
import { searchMetrics } from "./search.ts";

/** The metrics of a Region; of the one that is asked without a name. */
type StoreOf = (region?: string) => MetricStore;

type SourcesOf = (region?: string) => MathSources | undefined;

/**
 * Reads metrics and metric math from a store, over any grid. The grid's period counts, whatever the queries
 * say. An expression that is an array gives one series for each element, all with the query's id. A mistake
 * in a query is thrown as a {@link QueryError}. `storeIn` has the metrics of other Regions, for queries that
 * name one; without it every query reads the store. `sourcesIn` knows anomaly detectors and Contributor
 * Insights rules of a Region, of the one that is asked without a name.
 */
export function readSeriesFrom(
  store: MetricStore,
  storeIn?: (region: string) => MetricStore,
  sourcesIn: SourcesOf = () => undefined,
): ReadSeries {
  const storeOf: StoreOf = (region) => (region === undefined ? store : (storeIn?.(region) ?? store));
  return (queries, grid) => {
    let evaluation: QueryEvaluation | undefined;
    const returned = queries.filter((query) => query.returnData !== false);
    checkSlots(returned, grid);
    return returned.flatMap((query): readonly Series[] =>
      query.metricStat === undefined
        ? valueSeries(
            query,
            (evaluation ??= new QueryEvaluation({ queries, storeOf, sourcesOf: sourcesIn }, grid)).valueOf(
              query,
            ),
            grid,
          )
        : [metricSeries(storeOf(query.region), query, grid)],
    );
  };
}

/**
 * For how many milliseconds a grid may move on before a datum of any metric of the queries enters or leaves a
 * slot: what is read point by point stays the same until then.
 */
export function steadyTimeFrom(
  store: MetricStore,
): (queries: readonly MetricDataQuery[], grid: Grid) => number {
  return (queries, grid) => {
    let leastMs = Infinity;
    for (const { metricStat } of queries)
      if (metricStat !== undefined) leastMs = Math.min(leastMs, store.steadyForMs(metricStat.metric, grid));
    return leastMs;
  };
}

/** Periods that the series of one request may have together. */
const MAX_SLOTS = 10_000_000;

/** Refuses a request that nobody could wait for, before memory is taken for it. */
function checkSlots(returned: readonly MetricDataQuery[], { slots }: Grid): void {
  if (slots * returned.length <= MAX_SLOTS) return;
  throw new QueryError(
    `the queries ask for ${slots * returned.length} periods, which is more than ${MAX_SLOTS}: ask for a shorter time, a longer period or fewer series`,
  );
}

function metricSeries(store: MetricStore, query: MetricDataQuery, grid: Grid): Series {
  const { id, label, metricStat } = query;
  if (metricStat === undefined) throw new QueryError(`query "${id}" has no metricStat`);
  const { metric } = metricStat;
  const { startMs, periodSeconds } = grid;
  const { values, sampleCounts } = readMetric(store, metricStat, grid);
  return { id, startMs, periodSeconds, label: label ?? metric.metricName, values, sampleCounts, metric };
}

function valueSeries({ id, label }: MetricDataQuery, value: MathValue, grid: Grid): readonly Series[] {
  if (value.type === "S")
    throw new QueryError(
      `query "${id}" is a number (S): what is returned must be a series, write TIME_SERIES(…)`,
    );
  const lines = value.type === "TS" ? [value.line] : value.lines;
  const isArray = value.type === "TS[]";
  return lines.map((line) =>
    lineSeries(line, {
      ...seriesBase(id, grid),
      label: (isArray ? line.label : label) ?? label ?? line.label ?? id,
    }),
  );
}

function lineSeries({ points, metric }: Line, rest: Omit<Series, "values">): Series {
  return metric === undefined ? { ...rest, values: points } : { ...rest, values: points, metric };
}

function seriesBase(
  id: string,
  { startMs, periodSeconds }: Grid,
): Pick<Series, "id" | "startMs" | "periodSeconds"> {
  return { id, startMs, periodSeconds };
}

/**
 * Points that the expressions of one request may compute: AWS bounds a request by what it answers, 100,800
 * points.
 */
const MAX_COMPUTED_POINTS = 20_000_000;

/** What is left of {@link MAX_COMPUTED_POINTS}, for all grids of a request together. */
interface PointBudget {
  points: number;
}

interface EvaluationSources {
  readonly queries: readonly MetricDataQuery[];
  readonly storeOf: StoreOf;
  readonly sourcesOf: SourcesOf;
}

/** One evaluation of the queries of a request over a grid: each query at most once. */
class QueryEvaluation implements Scope {
  readonly grid: Grid;
  readonly #queries: readonly MetricDataQuery[];
  readonly #storeOf: StoreOf;
  readonly #sourcesOf: SourcesOf;
  /** Of the expression that is evaluated: there it searches. */
  #region: string | undefined;
  readonly #values = new Map<string, MathValue>();
  readonly #underway = new Set<string>();
  readonly #budget: PointBudget;

  constructor(
    { queries, storeOf, sourcesOf }: EvaluationSources,
    grid: Grid,
    budget: PointBudget = { points: MAX_COMPUTED_POINTS },
  ) {
    this.grid = grid;
    this.#queries = queries;
    this.#storeOf = storeOf;
    this.#sourcesOf = sourcesOf;
    this.#budget = budget;
  }

  /** The value of a query: a metric is a series, an expression may be any type. */
  valueOf(query: MetricDataQuery): MathValue {
    let value = this.#values.get(query.id);
    if (value === undefined) {
      value = this.#read(query);
      this.#values.set(query.id, value);
    }
    return value;
  }

  evaluate(node: MathNode): MathValue {
    const value = this.#computed(node);
    const lines = value.type === "TS[]" ? value.lines.length : 1;
    this.#spend(value.type === "S" ? 1 : lines * this.grid.slots);
    return value;
  }

  #spend(points: number): void {
    this.#budget.points -= points;
    if (this.#budget.points < 0)
      throw new QueryError(
        `the expressions compute more than ${MAX_COMPUTED_POINTS} points: ask for fewer series, a shorter time or a longer period`,
      );
  }

  #computed(node: MathNode): MathValue {
    switch (node.kind) {
      case "number":
        return scalarValue(node.value);
      case "id":
        return this.#idValue(node.name, node.at);
      case "negation":
        return negatedValue(this.evaluate(node.operand));
      case "binary":
        return applyOperator(node, this.evaluate(node.left), this.evaluate(node.right));
      case "call":
        return findMathFunction(node).run(node, this);
      case "array":
        return { type: "TS[]", lines: node.items.flatMap((item) => this.#linesOf(item)) };
      case "text":
        throw new MathError(node.at, "a text is only understood by METRICS and SEARCH");
      case "keyword":
        throw new MathError(node.at, `unknown name "${node.name}": ids begin with a lower-case letter`);
    }
  }

  metrics(): readonly RequestMetric[] {
    return this.#queries
      .filter((query) => query.metricStat !== undefined)
      .flatMap((query) => {
        const value = this.valueOf(query);
        return value.type === "TS" ? [{ id: query.id, line: value.line }] : [];
      });
  }

  isMetric(id: string): boolean {
    return this.#find(id)?.metricStat !== undefined;
  }

  search(expression: string, stat: string): readonly Line[] {
    const { grid } = this;
    return searchMetrics(this.#storeOf(this.#region), {
      expression,
      stat,
      grid,
      reading: () => this.#spend(grid.slots),
    });
  }

  detectorOf(node: MathNode): AnomalyDetector | undefined {
    const query = node.kind === "id" ? this.#find(node.name) : undefined;
    const detectors = this.#sourcesOf(query?.region ?? this.#region)?.detectors() ?? [];
    return query && detectors.length > 0 ? detectorOf(detectors, query, this.#queries) : undefined;
  }

  get insights(): MathSources["insights"] | undefined {
    return this.#sourcesOf(this.#region)?.insights;
  }

  over(grid: Grid): Scope {
    const sources = { queries: this.#queries, storeOf: this.#storeOf, sourcesOf: this.#sourcesOf };
    return new QueryEvaluation(sources, grid, this.#budget);
  }

  #find(id: string): MetricDataQuery | undefined {
    return this.#queries.find((query) => query.id === id);
  }

  #idValue(id: string, at: number): MathValue {
    const query = this.#find(id);
    if (query === undefined) {
      const ids = this.#queries.map((each) => each.id).join(", ");
      throw new MathError(at, `unknown id "${id}": use one of ${ids}`);
    }
    if (this.#underway.has(id)) throw new MathError(at, `"${id}" depends on itself`);
    return this.valueOf(query);
  }

  #linesOf(item: MathNode): readonly Line[] {
    const value = this.evaluate(item);
    if (value.type === "TS[]") return value.lines;
    if (value.type === "TS") return [value.line];
    throw new MathError(item.at, "an array holds series (TS) or arrays (TS[]), not numbers");
  }

  #read(query: MetricDataQuery): MathValue {
    const { id, metricStat, expression, label } = query;
    if (metricStat !== undefined) {
      this.#spend(this.grid.slots);
      const { values } = readMetric(this.#storeOf(query.region), metricStat, this.grid);
      const { metric } = metricStat;
      return { type: "TS", line: { points: values, label: label ?? metric.metricName, metric } };
    }
    if (expression === undefined) throw new QueryError(`query "${id}" needs a metricStat or an expression`);
    this.#underway.add(id);
    const outer = this.#region;
    this.#region = query.region;
    try {
      return this.evaluate(parseMath(expression));
    } catch (error) {
      throw error instanceof MathError ? new ExpressionError(id, expression, error) : error;
    } finally {
      this.#region = outer;
      this.#underway.delete(id);
    }
  }
}

/** Reads one metric as a query asks for it; the grid decides the buckets. */
function readMetric(store: MetricStore, { metric, stat, unit }: MetricStat, grid: Grid): Column {
  const read = { metric, statistic: parseStatistic(stat), grid };
  return store.read(unit === undefined ? read : { ...read, unit });
}

/** A mistake in an expression of a request: which one, where, and what was expected there. */
export class ExpressionError extends QueryError {
  override readonly name = "ExpressionError";
  readonly id: string;
  readonly expression: string;
  /** Character of the expression, counted from 1. */
  readonly position: number;

  constructor(id: string, expression: string, cause: MathError) {
    super(`expression "${expression}" of "${id}": ${cause.message}`, { cause });
    this.id = id;
    this.expression = expression;
    this.position = cause.position;
  }
}
