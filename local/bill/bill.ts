import { resourcesOf, type Area } from "./billed-stack.ts";
import { readAlarms } from "./meters/alarms.ts";
import { readDashboards } from "./meters/dashboards.ts";
import { readFunctions } from "./meters/functions.ts";
import { readLogs } from "./meters/logs.ts";
import { readMetrics } from "./meters/metrics.ts";
import { readModels } from "./meters/models.ts";
import { PIECE_TYPES, readPieces, readSchedules, readTokenReads, readTopics } from "./meters/others.ts";
import { FREE, type Allowance, type Price } from "./prices.ts";
import type { Billed, Reading, Usage } from "./usage.ts";
import { isWithoutCharge } from "./without-charge.ts";

/** One line of the bill: so much of one thing, for one area. */
export interface BillLine {
  readonly area: Area;
  readonly item: string;
  /** What it is for, each with its share of the quantity. */
  readonly parts: readonly { readonly what: string; readonly quantity: number }[];
  readonly quantity: number;
  readonly price: Price;
  readonly grossUsd: number;
  /** What the free allowance takes off. */
  readonly freeUsd: number;
  readonly netUsd: number;
}

/** Sums of lines. */
export interface Sums {
  readonly grossUsd: number;
  readonly freeUsd: number;
  readonly netUsd: number;
}

/** The bill of one month. */
export interface Bill {
  readonly requestsPerDay: number;
  readonly lines: readonly BillLine[];
  readonly sums: Readonly<Record<Area | "total", Sums>>;
  /** Resource types that have no price row here, with their number. */
  readonly unpriced: readonly string[];
  readonly notCounted: readonly string[];
  readonly assumed: readonly string[];
}

const METERS: readonly ((billed: Billed) => Reading)[] = [
  readModels,
  readFunctions,
  readTokenReads,
  readMetrics,
  readAlarms,
  readDashboards,
  readLogs,
  readSchedules,
  readTopics,
  readPieces,
];

/** Types whose resources a meter reads. */
const METERED = new Set([
  ...PIECE_TYPES,
  "AWS::ApplicationAutoScaling::ScalingPolicy",
  "AWS::ApplicationAutoScaling::ScalableTarget",
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::CompositeAlarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::Lambda::Alias",
  "AWS::Lambda::Function",
  "AWS::SNS::Subscription",
  "AWS::SNS::Topic",
  "AWS::Scheduler::Schedule",
]);

/** What no template shows, whatever the stage. */
const ALWAYS_NOT_COUNTED = [
  "taxes, support plans, and what the account uses beside this stage: free allowances are the account's",
  "data out to the internet: a few KB for each request, with 100 GB a month free",
  "the bootstrap bucket: a few MB of code in S3",
];

/** The monthly bill of a stage, from its templates and the traffic that they bear. */
export function billOf(billed: Billed): Bill {
  const readings = METERS.map((read) => read(billed));
  const lines = priced(grouped(readings.flatMap(({ usages }) => usages)));
  const area = (name: Area) => sumOf(lines.filter((line) => line.area === name));
  return {
    requestsPerDay: billed.requestsPerDay,
    lines,
    sums: { agent: area("agent"), monitoring: area("monitoring"), total: sumOf(lines) },
    unpriced: unpricedTypes(billed),
    notCounted: [...readings.flatMap(({ notCounted = [] }) => notCounted), ...ALWAYS_NOT_COUNTED],
    assumed: readings.flatMap(({ assumed = [] }) => assumed),
  };
}

/** Usages of one price and area together, those of the agent first: they have the free allowances first. */
function grouped(usages: readonly Usage[]): readonly (readonly Usage[])[] {
  const groups = new Map<string, Usage[]>();
  for (const usage of usages.filter(({ quantity }) => quantity > 0)) {
    const key = `${usage.area} ${usage.price.item}`;
    groups.set(key, [...(groups.get(key) ?? []), usage]);
  }
  return [...groups.values()].toSorted((a, b) => areaRank(a) - areaRank(b));
}

function areaRank([first]: readonly Usage[]): number {
  return first?.area === "agent" ? 0 : 1;
}

function priced(groups: readonly (readonly Usage[])[]): readonly BillLine[] {
  const left = new Map<Allowance, number>(Object.entries(FREE) as [Allowance, number][]);
  return groups.flatMap((usages) => {
    const [first] = usages;
    if (first === undefined) return [];
    const { price, area } = first;
    const quantity = usages.reduce((sum, usage) => sum + usage.quantity, 0);
    const free = price.free === undefined ? 0 : Math.min(quantity, left.get(price.free) ?? 0);
    if (price.free !== undefined) left.set(price.free, (left.get(price.free) ?? 0) - free);
    const usd = (units: number): number => (units * price.usd) / price.per;
    const sums = { grossUsd: usd(quantity), freeUsd: usd(free), netUsd: usd(quantity - free) };
    return [{ area, item: price.item, parts: partsOf(usages), quantity, price, ...sums }];
  });
}

function partsOf(usages: readonly Usage[]): BillLine["parts"] {
  const parts = new Map<string, number>();
  for (const { what, quantity } of usages) parts.set(what, (parts.get(what) ?? 0) + quantity);
  return [...parts].map(([what, quantity]) => ({ what, quantity }));
}

function sumOf(lines: readonly BillLine[]): Sums {
  const sum = (value: (line: BillLine) => number): number =>
    lines.reduce((all, line) => all + value(line), 0);
  return {
    grossUsd: sum(({ grossUsd }) => grossUsd),
    freeUsd: sum(({ freeUsd }) => freeUsd),
    netUsd: sum(({ netUsd }) => netUsd),
  };
}

function unpricedTypes({ stacks }: Billed): readonly string[] {
  const counts = new Map<string, number>();
  for (const { type } of stacks.flatMap((stack) => resourcesOf(stack)))
    if (!METERED.has(type) && !isWithoutCharge(type)) counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].map(([type, count]) => (count === 1 ? type : `${type} (${count})`)).toSorted();
}
