import { searchPeriodSeconds } from "../../math/search/search-period.ts";
import type { MetricRow } from "./metric-rows.ts";

const WORDS = /[a-z][A-Za-z0-9_]*/g;

type PeriodRow = Pick<MetricRow, "id" | "metric" | "expression" | "periodSeconds">;

/** The period that each row asks for: its own, or an expression's longest among what it reads, or the widget's. */
export function rowPeriods(rows: readonly PeriodRow[], widgetSeconds: number): ReadonlyMap<string, number> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const everyMetric = rows.filter((row) => row.metric !== undefined);
  const asked = (row: PeriodRow, seen: ReadonlySet<string>): number => {
    if (row.periodSeconds !== undefined) return row.periodSeconds;
    if (row.expression === undefined || seen.has(row.id)) return widgetSeconds;
    const named = (row.expression.match(WORDS) ?? []).map((id) => byId.get(id));
    const read = row.expression.includes("METRICS(") ? [...named, ...everyMetric] : named;
    const deeper = new Set([...seen, row.id]);
    const periods = read.flatMap((other) => (other === undefined ? [] : asked(other, deeper)));
    const searched = searchPeriodSeconds(row.expression);
    if (searched !== undefined) periods.push(searched);
    return periods.length === 0 ? widgetSeconds : Math.max(...periods);
  };
  return new Map(rows.map((row) => [row.id, asked(row, new Set())]));
}
