import type { Grid } from "../metric.ts";
import { type ParsedInsightRule, parseInsightRule } from "./insight-rule.ts";

/** A rule as it was put. */
export interface InsightRule {
  readonly name: string;
  readonly isEnabled: boolean;
  /** JSON text. */
  readonly definition: string;
  /** Lines that came before are not looked at, epoch milliseconds. */
  readonly sinceMs: number;
}

/** What one contributor did within a minute or several. */
export interface ContributorTotals {
  readonly count: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** Totals of contributors by their keys, as JSON text. */
type Totals = ReadonlyMap<string, ContributorTotals>;

/** A metric that a rule makes. */
export const INSIGHT_METRICS = [
  "UniqueContributors",
  "MaxContributorValue",
  "SampleCount",
  "Sum",
  "Minimum",
  "Maximum",
  "Average",
] as const;

export type InsightMetric = (typeof INSIGHT_METRICS)[number];

interface KeptRule {
  readonly rule: InsightRule;
  readonly parsed: ParsedInsightRule;
  readonly minutes: Map<number, Map<string, ContributorTotals>>;
}

const MINUTE_MS = 60_000;
const KEPT_MS = 24 * 60 * MINUTE_MS;

/** The Contributor Insights rules of a Region, which count log lines as they come. */
export class ContributorInsights {
  readonly #rules = new Map<string, KeptRule>();

  /** Puts a rule; one of the same name goes on with what it has counted, unless its body is another. */
  put(rule: InsightRule): void {
    const before = this.#rules.get(rule.name);
    const isSame = before?.rule.definition === rule.definition;
    const minutes = isSame ? before.minutes : new Map<number, Map<string, ContributorTotals>>();
    this.#rules.set(rule.name, { rule, parsed: parseInsightRule(rule.definition), minutes });
  }

  delete(name: string): void {
    this.#rules.delete(name);
  }

  /** In the order of their names. */
  list(): readonly InsightRule[] {
    return [...this.#rules.values()].map(({ rule }) => rule).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(name: string): InsightRule | undefined {
    return this.#rules.get(name)?.rule;
  }

  /** What a rule counts contributors by, and what it adds up. */
  shape(name: string): Pick<ParsedInsightRule, "keyLabels" | "aggregateOn"> | undefined {
    return this.#rules.get(name)?.parsed;
  }

  /** Counts a log line that came at `receivedMs`. */
  log({ logGroupName, timestampMs, message }: LogLine, receivedMs: number): void {
    for (const { rule, parsed, minutes } of this.#rules.values()) {
      if (!rule.isEnabled || receivedMs < rule.sinceMs || !parsed.takesGroup(logGroupName)) continue;
      const contribution = parsed.contributionOf(message);
      if (contribution === undefined) continue;
      const minuteMs = Math.floor(timestampMs / MINUTE_MS) * MINUTE_MS;
      const totals = minutes.get(minuteMs) ?? new Map<string, ContributorTotals>();
      minutes.set(minuteMs, totals);
      add(totals, JSON.stringify(contribution.keys), once(contribution.value));
    }
  }

  /** Forgets what is older than a day, as CloudWatch does. */
  retain(nowMs: number): void {
    for (const { minutes } of this.#rules.values())
      for (const minuteMs of minutes.keys()) if (minuteMs < nowMs - KEPT_MS) minutes.delete(minuteMs);
  }

  /** What contributors did from `startMs` to `endMs`, which is exclusive. */
  totals(name: string, startMs: number, endMs: number): Totals {
    const found = new Map<string, ContributorTotals>();
    for (const [minuteMs, totals] of this.#rules.get(name)?.minutes ?? []) {
      if (minuteMs < startMs || minuteMs >= endMs) continue;
      for (const [keys, more] of totals) add(found, keys, more);
    }
    return found;
  }

  /** A metric of a rule over a grid. */
  points(name: string, metric: InsightMetric, grid: Grid): readonly (number | undefined)[] {
    const stepMs = grid.periodSeconds * 1000;
    return Array.from({ length: grid.slots }, (_, slot) => {
      const startMs = grid.startMs + slot * stepMs;
      return insightValue(this.totals(name, startMs, startMs + stepMs), metric);
    });
  }
}

interface LogLine {
  readonly logGroupName: string;
  readonly timestampMs: number;
  readonly message: string;
}

function once(value: number): ContributorTotals {
  return { count: 1, sum: value, minimum: value, maximum: value };
}

function add(totals: Map<string, ContributorTotals>, keys: string, more: ContributorTotals): void {
  const before = totals.get(keys);
  totals.set(
    keys,
    before === undefined
      ? more
      : {
          count: before.count + more.count,
          sum: before.sum + more.sum,
          minimum: Math.min(before.minimum, more.minimum),
          maximum: Math.max(before.maximum, more.maximum),
        },
  );
}

/** The value of a metric of some contributors; 0 where nobody contributed, none of what has no sense then. */
export function insightValue(totals: Totals, metric: InsightMetric): number | undefined {
  const all = [...totals.values()];
  const count = all.reduce((sum, each) => sum + each.count, 0);
  const sum = all.reduce((total, each) => total + each.sum, 0);
  switch (metric) {
    case "UniqueContributors":
      return all.length;
    case "MaxContributorValue":
      return all.reduce((most, each) => Math.max(most, each.sum), 0);
    case "SampleCount":
      return count;
    case "Sum":
      return sum;
    case "Minimum":
      return count === 0 ? undefined : all.reduce((least, { minimum }) => Math.min(least, minimum), Infinity);
    case "Maximum":
      return count === 0 ? undefined : all.reduce((most, { maximum }) => Math.max(most, maximum), -Infinity);
    case "Average":
      return count === 0 ? undefined : sum / count;
  }
}
