import { searchPeriodSeconds } from "../math/search.ts";
import type { MetricDataQuery, MetricIdentity } from "../metric.ts";
import { distinctLabels } from "../metrics/series-labels.ts";
import { RefusedWidget } from "./drawing.ts";
import { booleanAt, listAt, numberAt, optionalMember, textAt } from "./widget-members.ts";
import { isJsonObject, type JsonObject } from "../json.ts";

/** One row of a widget's `metrics` array, with shorthand and defaults written out. */
export interface MetricRow {
  readonly id: string;
  /** The metric, or `expression`. */
  readonly metric?: MetricIdentity;
  readonly expression?: string;
  readonly stat: string;
  /** Missing: the widget's period. */
  readonly periodSeconds?: number;
  readonly label?: string;
  readonly color?: string;
  readonly yAxis: "left" | "right";
  readonly visible: boolean;
  readonly region?: string;
  /** The options object as it was written. */
  readonly options: JsonObject;
}

/** Rows of the `metrics` array of a metric widget's properties. */
export function metricRows(properties: JsonObject): readonly MetricRow[] {
  const rows = listAt(properties, "metrics").map(splitRow);
  const taken = new Set(rows.map(({ options }) => textAt(options, "id")));
  let previous: readonly string[] = [];
  return rows.map(({ identity, options }, index) => {
    const spelled = expandRow(identity, previous, index);
    if (identity.length > 0) previous = spelled;
    return rowOf({ spelled, options, id: textAt(options, "id") ?? freeId(index, taken) }, properties);
  });
}

/** The row as a query; it is returned when it is drawn, whatever CloudWatch's `visible` means elsewhere. */
export function metricRowQuery(row: MetricRow, periodSeconds: number): MetricDataQuery {
  const { id, metric, expression, stat } = row;
  const region = optionalMember("region", row.region);
  if (metric !== undefined) return { id, metricStat: { metric, periodSeconds, stat }, ...region };
  return { id, ...optionalMember("expression", expression), periodSeconds, ...region };
}

interface WrittenRow {
  readonly identity: readonly string[];
  readonly options: JsonObject;
}

function splitRow(row: unknown, index: number): WrittenRow {
  if (!Array.isArray(row)) throw new RefusedWidget(`metrics[${index}] must be an array`);
  const items = row as unknown[];
  const last = items.at(-1);
  const options = isJsonObject(last) ? last : {};
  const identity = (isJsonObject(last) ? items.slice(0, -1) : items).map((item) => {
    if (typeof item === "string") return item;
    throw new RefusedWidget(`metrics[${index}] holds ${JSON.stringify(item)}: use text before the options`);
  });
  return { identity, options };
}

/**
 * Writes `"."` and `"..."` out. `"..."` repeats the whole row before, and what follows replaces its last
 * items; AWS documents `"."` alone, the rest is what its console writes.
 */
function expandRow(
  identity: readonly string[],
  previous: readonly string[],
  index: number,
): readonly string[] {
  if (identity[0] === "...") {
    const replaced = identity.slice(1);
    const kept = previous.slice(0, Math.max(0, previous.length - replaced.length));
    return [
      ...kept,
      ...replaced.map((item, i) => (item === "." ? (previous[kept.length + i] ?? item) : item)),
    ];
  }
  return identity.map((item, place) => {
    if (item !== ".") return item;
    const repeated = previous[place];
    if (repeated === undefined)
      throw new RefusedWidget(`metrics[${index}] has "." with nothing above to repeat`);
    return repeated;
  });
}

function rowOf(
  {
    spelled,
    options,
    id,
  }: { readonly spelled: readonly string[]; readonly options: JsonObject; readonly id: string },
  properties: JsonObject,
): MetricRow {
  const expression = textAt(options, "expression");
  const region = textAt(options, "region") ?? textAt(properties, "region");
  return {
    id,
    ...(expression === undefined ? { metric: identityOf(spelled) } : { expression }),
    stat: textAt(options, "stat") ?? textAt(properties, "stat") ?? "Average",
    ...optionalMember("periodSeconds", numberAt(options, "period")),
    ...optionalMember("label", textAt(options, "label")),
    ...optionalMember("color", textAt(options, "color")),
    yAxis: options.yAxis === "right" ? "right" : "left",
    visible: booleanAt(options, "visible") ?? true,
    ...optionalMember("region", region),
    options,
  };
}

function identityOf(spelled: readonly string[]): MetricIdentity {
  const [namespace, metricName, ...pairs] = spelled;
  if (namespace === undefined || metricName === undefined || pairs.length % 2 !== 0)
    throw new RefusedWidget(
      `metric [${spelled.join(", ")}] must be a namespace, a name, and names and values of dimensions`,
    );
  const dimensions = Object.create(null) as Record<string, string>;
  for (let i = 0; i < pairs.length; i += 2) dimensions[pairs[i] ?? ""] = pairs[i + 1] ?? "";
  return { namespace, metricName, dimensions };
}

function freeId(index: number, taken: ReadonlySet<string | undefined>): string {
  let id = `row${index + 1}`;
  while (taken.has(id)) id = `${id}_`;
  return id;
}

const IDS = /[a-z][A-Za-z0-9_]*/g;

type PeriodRow = Pick<MetricRow, "id" | "metric" | "expression" | "periodSeconds">;

/**
 * The period that each row asks for: its own, or an expression's longest among what it reads, or the
 * widget's.
 */
export function rowPeriods(rows: readonly PeriodRow[], widgetSeconds: number): ReadonlyMap<string, number> {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const everyMetric = rows.filter((row) => row.metric !== undefined);
  const known = new Map<string, number>();
  // A row that reads itself, at whatever distance, asks for the widget's period: it is known before it is
  // looked into.
  const asked = (row: PeriodRow): number => {
    if (row.periodSeconds !== undefined) return row.periodSeconds;
    const before = known.get(row.id);
    if (row.expression === undefined || before !== undefined) return before ?? widgetSeconds;
    known.set(row.id, widgetSeconds);
    const named = (row.expression.match(IDS) ?? []).map((id) => byId.get(id));
    const read = row.expression.includes("METRICS(") ? [...named, ...everyMetric] : named;
    const periods = [...new Set(read)].flatMap((other) => (other === undefined ? [] : asked(other)));
    const searched = searchPeriodSeconds(row.expression);
    if (searched !== undefined) periods.push(searched);
    const seconds = periods.length === 0 ? widgetSeconds : Math.max(...periods);
    known.set(row.id, seconds);
    return seconds;
  };
  return new Map(rows.map((row) => [row.id, asked(row)]));
}

/** Labels for rows that name none: the parts in which the metrics of the widget differ. */
export function defaultLabels(rows: readonly MetricRow[]): ReadonlyMap<string, string> {
  const labels = new Map(rows.map((row) => [row.id, row.label ?? row.metric?.metricName ?? row.id]));
  const metrics = rows.flatMap(({ id, visible, metric, stat }) =>
    visible && metric !== undefined ? [{ id, metric, stat }] : [],
  );
  distinctLabels(metrics).forEach((label, index) => {
    const id = metrics[index]?.id;
    if (id !== undefined) labels.set(id, label);
  });
  return labels;
}
