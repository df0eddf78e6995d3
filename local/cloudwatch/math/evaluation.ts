import type { Grid, MetricDataQuery, MetricStat } from "../metric.ts";
import type { MetricStore } from "../metrics/metric-store.ts";
import type { Column } from "../metrics/read-stream.ts";
import { parseStatistic } from "../metrics/statistic.ts";
import { QueryError } from "../query-error.ts";
import { ExpressionError } from "./expression-error.ts";
import { functionOf } from "./functions/function-table.ts";
import { MathError } from "./math-error.ts";
import { applyOperator, negated } from "./operators.ts";
import { parseMath } from "./parser.ts";
import type { RequestMetric, Scope } from "./scope.ts";
import { searchMetrics } from "./search/search-metrics.ts";
import type { MathNode } from "./syntax.ts";
import { scalar, type Line, type Value } from "./value.ts";

/** One evaluation of the queries of a request over a grid: each query at most once. */
export class Evaluation implements Scope {
  readonly grid: Grid;
  readonly #queries: readonly MetricDataQuery[];
  readonly #store: MetricStore;
  readonly #values = new Map<string, Value>();
  readonly #underway = new Set<string>();

  constructor(queries: readonly MetricDataQuery[], store: MetricStore, grid: Grid) {
    this.grid = grid;
    this.#queries = queries;
    this.#store = store;
  }

  /** The value of a query: a metric is a series, an expression may be any type. */
  valueOf(query: MetricDataQuery): Value {
    let value = this.#values.get(query.id);
    if (value === undefined) {
      value = this.#read(query);
      this.#values.set(query.id, value);
    }
    return value;
  }

  evaluate = (node: MathNode): Value => {
    switch (node.kind) {
      case "number":
        return scalar(node.value);
      case "id":
        return this.#idValue(node.name, node.at);
      case "negation":
        return negated(this.evaluate(node.operand));
      case "binary":
        return applyOperator(node, this.evaluate(node.left), this.evaluate(node.right));
      case "call":
        return functionOf(node).run(node, this);
      case "array":
        return { type: "TS[]", lines: node.items.flatMap((item) => this.#linesOf(item)) };
      case "text":
        throw new MathError(node.at, "a text is only understood by METRICS and SEARCH");
      case "keyword":
        throw new MathError(node.at, `unknown name "${node.name}": ids begin with a lower-case letter`);
    }
  };

  metrics = (): readonly RequestMetric[] =>
    this.#queries
      .filter((query) => query.metricStat !== undefined)
      .flatMap((query) => {
        const value = this.valueOf(query);
        return value.type === "TS" ? [{ id: query.id, line: value.line }] : [];
      });

  isMetric = (id: string): boolean => this.#find(id)?.metricStat !== undefined;

  search = (expression: string, stat: string): readonly Line[] =>
    searchMetrics(this.#store, { expression, stat, grid: this.grid });

  over = (grid: Grid): Scope => new Evaluation(this.#queries, this.#store, grid);

  #find(id: string): MetricDataQuery | undefined {
    return this.#queries.find((query) => query.id === id);
  }

  #idValue(id: string, at: number): Value {
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

  #read(query: MetricDataQuery): Value {
    const { id, metricStat, expression, label } = query;
    if (metricStat !== undefined) {
      const { values } = readMetric(this.#store, metricStat, this.grid);
      const { metric } = metricStat;
      return { type: "TS", line: { points: values, label: label ?? metric.metricName, metric } };
    }
    if (expression === undefined) throw new QueryError(`query "${id}" needs a metricStat or an expression`);
    this.#underway.add(id);
    try {
      return this.evaluate(parseMath(expression));
    } catch (error) {
      throw error instanceof MathError ? new ExpressionError(id, expression, error) : error;
    } finally {
      this.#underway.delete(id);
    }
  }
}

/** Reads one metric as a query asks for it; the grid decides the buckets. */
export function readMetric(store: MetricStore, { metric, stat, unit }: MetricStat, grid: Grid): Column {
  const read = { metric, statistic: parseStatistic(stat), grid };
  return store.read(unit === undefined ? read : { ...read, unit });
}
