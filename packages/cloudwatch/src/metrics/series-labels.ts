import type { MetricIdentity } from "../metric.ts";

/** One metric with the statistic that it is read with. */
interface LabelledMetric {
  readonly metric: MetricIdentity;
  readonly stat: string;
  /** Not told apart by period when missing. */
  readonly periodSeconds?: number;
}

/**
 * A label for each metric: the parts of its name in which they differ, or the name where they do not; then,
 * among those that this leaves with one label, their statistics and periods where these differ.
 */
export function distinctLabels(metrics: readonly LabelledMetric[]): readonly string[] {
  const labels = differingParts(metrics.map(({ metric }) => nameParts(metric)));
  const bases = metrics.map(({ metric }, index) => labels[index] ?? metric.metricName);
  return metrics.map((metric, index) => {
    const alike = metrics.filter((_other, other) => bases[other] === bases[index]);
    const details = differingParts(alike.map(readingParts))[alike.indexOf(metric)];
    return [bases[index], details].filter((text) => text !== undefined).join(" ");
  });
}

type Parts = ReadonlyMap<string, string>;

/**
 * Of each, the parts that are not the same in all, in the order of their keys; `undefined` when it has none
 * of them.
 */
function differingParts(all: readonly Parts[]): readonly (string | undefined)[] {
  const names = [...new Set(all.flatMap((parts) => [...parts.keys()]))].sort();
  const differing = names.filter((name) => new Set(all.map((parts) => parts.get(name))).size > 1);
  return all.map((parts) => {
    const texts = differing.flatMap((name) => parts.get(name) ?? []);
    return texts.length === 0 ? undefined : texts.join(" ");
  });
}

/** The keys put namespaces first, then dimensions by their names, then metric names. */
function nameParts({ namespace, metricName, dimensions }: MetricIdentity): Parts {
  return new Map([
    ["1", namespace],
    ...Object.entries(dimensions).map(([name, value]): [string, string] => [`2 ${name}`, value]),
    ["3", metricName],
  ]);
}

function readingParts({ stat, periodSeconds }: LabelledMetric): Parts {
  return new Map([
    ["1", stat],
    ["2", periodSeconds === undefined ? "" : String(periodSeconds)],
  ]);
}

/** What a dynamic label can speak of. */
interface LabelFacts {
  /** The label without dynamic parts: `${LABEL}`. */
  readonly label: string;
  readonly startMs: number;
  readonly periodSeconds: number;
  readonly values: readonly (number | null | undefined)[];
  /** End of the range shown, which relative times count back from, epoch milliseconds. */
  readonly endMs: number;
  readonly metric?: MetricIdentity;
  readonly stat?: string;
  readonly region?: string;
}

/** A label with its values filled in, and the names of those that are not known. */
interface FilledLabel {
  readonly text: string;
  readonly unknown: readonly string[];
}

const DYNAMIC = /\$\{([A-Z_]+)(?:\('([^']*)'\))?\}/g;

/**
 * Fills `${AVG}`, `${LAST_TIME}`, `${PROP('Dim.Name')}` and the like into a label; unknown ones stay as they
 * are. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
 */
export function fillDynamicLabel(template: string, facts: LabelFacts): FilledLabel {
  if (!template.includes("${")) return { text: template, unknown: [] };
  const unknown: string[] = [];
  const known = valuesByName(facts);
  const text = template.replace(DYNAMIC, (whole, name: string, argument: string | undefined) => {
    const value = name === "PROP" ? labelProperty(argument ?? "", facts) : known[name]?.();
    if (value === undefined) unknown.push(whole);
    return value ?? whole;
  });
  return { text, unknown };
}

interface Point {
  readonly value: number;
  readonly timeMs: number;
}

/** What a label shows of a series without points. */
const NOTHING = "--";

function valuesByName(facts: LabelFacts): Readonly<Record<string, () => string>> {
  const points = pointsOf(facts);
  const sum = points.reduce((total, { value }) => total + value, 0);
  const least = extreme(points, (a, b) => a < b);
  const most = extreme(points, (a, b) => a > b);
  const ends = { FIRST: points[0], LAST: points.at(-1), MIN: least, MAX: most };
  const number = (value: number): string => (points.length === 0 ? NOTHING : formatNumber(value));
  return {
    LABEL: () => facts.label,
    DATAPOINT_COUNT: () => String(points.length),
    SUM: () => number(sum),
    AVG: () => number(sum / points.length),
    ...pointForms(ends, facts.endMs),
    ...rangeForms("FIRST_LAST", [points[0], points.at(-1)], facts.endMs),
    ...rangeForms("MIN_MAX", [least, most], facts.endMs),
  };
}

type Forms = Record<string, () => string>;

function pointForms(points: Readonly<Record<string, Point | undefined>>, endMs: number): Forms {
  const forms: Forms = {};
  for (const [name, point] of Object.entries(points)) {
    forms[name] = () => (point === undefined ? NOTHING : formatNumber(point.value));
    forms[`${name}_TIME`] = () => formatTime(point);
    forms[`${name}_TIME_RELATIVE`] = () => formatAge(point, endMs);
  }
  return forms;
}

function rangeForms(
  name: string,
  [from, to]: readonly [Point | undefined, Point | undefined],
  endMs: number,
): Forms {
  const earlier = from !== undefined && to !== undefined && from.timeMs > to.timeMs ? to : from;
  const later = earlier === from ? to : from;
  const numbers = [from, to].map((point) => (point === undefined ? NOTHING : formatNumber(point.value)));
  return {
    [`${name}_RANGE`]: () => numbers.join(" - "),
    [`${name}_TIME_RANGE`]: () => `${formatTime(earlier)} - ${formatTime(later)}`,
    [`${name}_TIME_RANGE_RELATIVE`]: () => `${formatAge(earlier, endMs)} - ${formatAge(later, endMs)}`,
  };
}

function labelProperty(
  name: string,
  { metric, stat, region, periodSeconds }: LabelFacts,
): string | undefined {
  if (name.startsWith("Dim.")) return metric?.dimensions[name.slice("Dim.".length)];
  const properties: Readonly<Record<string, string | undefined>> = {
    MetricName: metric?.metricName,
    Namespace: metric?.namespace,
    Stat: stat,
    Region: region,
    Period: String(periodSeconds),
  };
  return properties[name];
}

function pointsOf({ values, startMs, periodSeconds }: LabelFacts): readonly Point[] {
  return values.flatMap((value, index) =>
    value === undefined || value === null ? [] : [{ value, timeMs: startMs + index * periodSeconds * 1000 }],
  );
}

function extreme(points: readonly Point[], isBeyond: (a: number, b: number) => boolean): Point | undefined {
  return points.reduce<Point | undefined>(
    (found, point) => (found === undefined || isBeyond(point.value, found.value) ? point : found),
    undefined,
  );
}

function formatNumber(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.01) return String(Number(value.toPrecision(3)));
  return String(Number(value.toFixed(2)));
}

function formatTime(point: Point | undefined): string {
  if (point === undefined) return NOTHING;
  return `${new Date(point.timeMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function formatAge(point: Point | undefined, endMs: number): string {
  if (point === undefined) return NOTHING;
  const minutes = Math.max(0, Math.round((endMs - point.timeMs) / 60_000));
  if (minutes < 60) return `${minutes}m ago`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)}h ago`;
  return `${Math.round(minutes / 1440)}d ago`;
}
