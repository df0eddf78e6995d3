import {
  type ContributorTotals,
  INSIGHT_METRICS,
  type InsightMetric,
  type InsightRule,
  insightValue,
} from "@wrist-agent/cloudwatch/logs/contributor-insights";
import { InsightRuleError, parseInsightRule } from "@wrist-agent/cloudwatch/logs/insight-rule";
import { partitionOf } from "@wrist-agent/cloudwatch/region";
import { type InputReader, invalidValue, pageOfItems, timeRangeInput } from "./cloudwatch-input.ts";
import type { RegionInsightsApi } from "./cloudwatch-ports.ts";
import { AwsError, notSupported } from "./service.ts";

/** Structures of the operations on Contributor Insights rules. */
export const INSIGHT_RULE_STRUCTURES = {
  InsightRule: {
    Name: "string",
    State: "string",
    Schema: "string",
    Definition: "string",
    ManagedRule: "boolean",
    ApplyOnTransformedLogs: "boolean",
  },
  InsightRuleContributor: {
    Keys: "string[]",
    ApproximateAggregateValue: "double",
    Datapoints: "InsightRuleContributorDatapoint[]",
  },
  InsightRuleContributorDatapoint: { Timestamp: "timestamp", ApproximateValue: "double" },
  InsightRuleMetricDatapoint: {
    Timestamp: "timestamp",
    UniqueContributors: "double",
    MaxContributorValue: "double",
    SampleCount: "double",
    Average: "double",
    Sum: "double",
    Minimum: "double",
    Maximum: "double",
  },
  PartialFailure: {
    FailureResource: "string",
    ExceptionType: "string",
    FailureCode: "string",
    FailureDescription: "string",
  },
} as const;

const CHANGED = { input: { RuleNames: "string[]" }, output: { Failures: "PartialFailure[]" } } as const;

/** What the operations on Contributor Insights rules take and answer. */
export const INSIGHT_RULE_OPERATIONS = {
  PutInsightRule: {
    input: {
      RuleName: "string",
      RuleState: "string",
      RuleDefinition: "string",
      Tags: "Tag[]",
      ApplyOnTransformedLogs: "boolean",
    },
    output: {},
  },
  DescribeInsightRules: {
    input: { NextToken: "string", MaxResults: "integer" },
    output: { NextToken: "string", InsightRules: "InsightRule[]" },
  },
  EnableInsightRules: CHANGED,
  DisableInsightRules: CHANGED,
  DeleteInsightRules: CHANGED,
  GetInsightRuleReport: {
    input: {
      RuleName: "string",
      StartTime: "timestamp",
      EndTime: "timestamp",
      Period: "integer",
      MaxContributorCount: "integer",
      Metrics: "string[]",
      OrderBy: "string",
    },
    output: {
      KeyLabels: "string[]",
      AggregationStatistic: "string",
      AggregateValue: "double",
      ApproximateUniqueCount: "integer",
      Contributors: "InsightRuleContributor[]",
      MetricDatapoints: "InsightRuleMetricDatapoint[]",
    },
  },
} as const;

/** A rule's ARN. */
export function insightRuleArn(
  { region, accountId }: { readonly region: string; readonly accountId: string },
  name: string,
): string {
  return `arn:${partitionOf(region)}:cloudwatch:${region}:${accountId}:insight-rule/${name}`;
}

/**
 * What one account may have in a Region.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
 */
const MAX_RULES = 100;
const MAX_DEFINITION = 8192;

/** Reads a PutInsightRule request, checked. */
export function insightRuleInput(insights: RegionInsightsApi, read: InputReader, nowMs: number): InsightRule {
  if (read.flag("ApplyOnTransformedLogs") === true)
    throw notSupported("ApplyOnTransformedLogs", "no log is transformed here");
  const name = read.required("RuleName", read.text("RuleName"));
  if (!/^[\x20-\x7e]{1,128}$/.test(name))
    throw invalidValue(`The value ${name} for parameter RuleName is invalid.`);
  const definition = read.required("RuleDefinition", read.text("RuleDefinition"));
  if (definition.length > MAX_DEFINITION)
    throw invalidValue(`The parameter RuleDefinition has more than ${MAX_DEFINITION} characters.`);
  const state = read.text("RuleState") ?? "ENABLED";
  if (state !== "ENABLED" && state !== "DISABLED")
    throw invalidValue(
      `The value ${state} for parameter RuleState is invalid: it must be ENABLED or DISABLED.`,
    );
  checkDefinition(definition);
  const before = insights.rules.find(name);
  if (before === undefined && insights.rules.list().length >= MAX_RULES)
    throw new AwsError("LimitExceededException", `an account has ${MAX_RULES} rules in a Region at most`);
  const sinceMs = before?.definition === definition ? before.sinceMs : nowMs;
  return { name, isEnabled: state === "ENABLED", definition, sinceMs };
}

function checkDefinition(definition: string): void {
  try {
    parseInsightRule(definition);
  } catch (error) {
    if (error instanceof InsightRuleError) throw invalidValue(`Invalid rule definition: ${error.message}`);
    throw error;
  }
}

const MAX_PAGE = 500;

/** Every rule, by name. */
export function describeInsightRules({ rules }: RegionInsightsApi, read: InputReader): object {
  const size = read.number("MaxResults") ?? MAX_PAGE;
  if (size < 1 || size > MAX_PAGE)
    throw invalidValue(`The value ${size} for parameter MaxResults is invalid: it must be 1 to ${MAX_PAGE}.`);
  const { items, ...next } = pageOfItems(rules.list(), read, size);
  return {
    InsightRules: items.map(({ name, isEnabled, definition }) => ({
      Name: name,
      State: isEnabled ? "ENABLED" : "DISABLED",
      Schema: "CloudWatchLogRule/1",
      Definition: definition,
      ManagedRule: false,
      ApplyOnTransformedLogs: false,
    })),
    ...next,
  };
}

/** Does something to each rule that is there; the others are failures. */
export function changeInsightRules(
  { rules }: RegionInsightsApi,
  read: InputReader,
  change: (rule: InsightRule) => void,
): object {
  const names = read.required("RuleNames", read.texts("RuleNames"));
  const Failures = names.flatMap((name) => {
    const rule = rules.find(name);
    if (rule !== undefined) change(rule);
    return rule === undefined ? [missingRule(name)] : [];
  });
  return { Failures };
}

function missingRule(name: string): object {
  return {
    FailureResource: name,
    ExceptionType: "ResourceNotFoundException",
    FailureCode: "404",
    FailureDescription: `Rule ${name} does not exist`,
  };
}

const REPORT = { contributors: 10, most: 100 } as const;
const MINUTE_SECONDS = 60;

/** Who contributed most over a span of time, and the metrics of a rule by the period. */
export function getInsightRuleReport({ rules }: RegionInsightsApi, read: InputReader): object {
  const name = read.required("RuleName", read.text("RuleName"));
  const range = timeRangeInput(read, "InvalidParameterValue");
  const periodSeconds = read.required("Period", read.number("Period"));
  if (periodSeconds < MINUTE_SECONDS || periodSeconds % MINUTE_SECONDS !== 0)
    throw invalidValue(
      `The value ${periodSeconds} for parameter Period is invalid: it must be a multiple of 60.`,
    );
  const shape = rules.shape(name);
  if (shape === undefined)
    throw new AwsError("ResourceNotFoundException", `Rule ${name} does not exist`, 404);
  const periodMs = periodSeconds * 1000;
  const starts = periodStarts(range, periodMs);
  const periods = starts.map((startMs) => ({
    startMs,
    totals: rules.totals(name, startMs, startMs + periodMs),
  }));
  const ranked = rankedContributors(periods, read.word("OrderBy", ["Sum", "Maximum"]) ?? "Sum");
  const metrics = metricsIn(read);
  return {
    KeyLabels: shape.keyLabels,
    AggregationStatistic: shape.aggregateOn === "Sum" ? "Sum" : "SampleCount",
    AggregateValue: ranked.reduce((sum, { value }) => sum + value, 0),
    ApproximateUniqueCount: ranked.length,
    Contributors: ranked.slice(0, contributorCount(read)).map(contributorView),
    MetricDatapoints: metrics.length === 0 ? [] : periods.map((period) => datapointView(period, metrics)),
  };
}

interface ReportPeriod {
  readonly startMs: number;
  readonly totals: ReadonlyMap<string, ContributorTotals>;
}

/** Whole periods of the clock that the span touches. */
function periodStarts(
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  periodMs: number,
): readonly number[] {
  const firstMs = Math.floor(startMs / periodMs) * periodMs;
  return Array.from({ length: Math.ceil((endMs - firstMs) / periodMs) }, (_, n) => firstMs + n * periodMs);
}

interface RankedContributor {
  readonly keys: readonly string[];
  readonly value: number;
  readonly points: readonly { readonly startMs: number; readonly value: number }[];
}

function rankedContributors(
  periods: readonly ReportPeriod[],
  orderBy: "Sum" | "Maximum",
): readonly RankedContributor[] {
  const points = new Map<string, { readonly startMs: number; readonly value: number }[]>();
  for (const { startMs, totals } of periods)
    for (const [keys, { sum }] of totals) {
      const own = points.get(keys) ?? [];
      own.push({ startMs, value: sum });
      points.set(keys, own);
    }
  const ranked = [...points].map(([keys, own]) => ({
    keys: JSON.parse(keys) as readonly string[],
    value: own.reduce((sum, { value }) => sum + value, 0),
    most: Math.max(...own.map(({ value }) => value)),
    points: own,
  }));
  return ranked.toSorted((a, b) => (orderBy === "Sum" ? b.value - a.value : b.most - a.most));
}

function contributorCount(read: InputReader): number {
  const count = read.number("MaxContributorCount") ?? REPORT.contributors;
  if (count >= 1 && count <= REPORT.most) return count;
  throw invalidValue(
    `The value ${count} for parameter MaxContributorCount is invalid: it must be 1 to ${REPORT.most}.`,
  );
}

function contributorView({ keys, value, points }: RankedContributor): object {
  return {
    Keys: keys,
    ApproximateAggregateValue: value,
    Datapoints: points.map((point) => ({ Timestamp: point.startMs / 1000, ApproximateValue: point.value })),
  };
}

function metricsIn(read: InputReader): readonly InsightMetric[] {
  return (read.texts("Metrics") ?? []).map((name) => {
    const known = INSIGHT_METRICS.find((metric) => metric === name);
    if (known === undefined) throw invalidValue(`${name} is none of ${INSIGHT_METRICS.join(", ")}`);
    return known;
  });
}

function datapointView({ startMs, totals }: ReportPeriod, metrics: readonly InsightMetric[]): object {
  const values = metrics.map((metric) => [metric, insightValue(totals, metric)]);
  return { Timestamp: startMs / 1000, ...(Object.fromEntries(values) as object) };
}
