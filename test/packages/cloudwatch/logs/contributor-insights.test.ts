import { describe, expect, test } from "vitest";
import {
  ContributorInsights,
  type InsightMetric,
  type InsightRule,
} from "@wrist-agent/cloudwatch/logs/contributor-insights";
import { InsightRuleError, parseInsightRule } from "@wrist-agent/cloudwatch/logs/insight-rule";

const NOW = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;

const BODY = {
  Schema: { Name: "CloudWatchLogRule", Version: 1 },
  LogGroupNames: ["/api/*", "exact"],
  LogFormat: "JSON",
  Contribution: { Keys: ["$.ip"] },
  AggregateOn: "Count",
};

function rule(change: object = {}, rest: Partial<InsightRule> = {}): InsightRule {
  const definition = JSON.stringify({ ...BODY, ...change });
  return { name: "top", isEnabled: true, definition, sinceMs: NOW, ...rest };
}

function line(message: object | string, { group = "/api/access", atMs = NOW } = {}) {
  return {
    logGroupName: group,
    timestampMs: atMs,
    message: typeof message === "string" ? message : JSON.stringify(message),
  };
}

/** Sums by contributor after some lines. */
function sums(put: InsightRule, lines: readonly ReturnType<typeof line>[]): Record<string, number> {
  const insights = new ContributorInsights();
  insights.put(put);
  for (const each of lines) insights.log(each, each.timestampMs);
  const totals = insights.totals("top", NOW - MINUTE, NOW + 60 * MINUTE);
  return Object.fromEntries(
    [...totals].map(([keys, { sum }]) => [(JSON.parse(keys) as string[]).join(" "), sum]),
  );
}

describe("a rule counts", () => {
  test("the lines of its groups by their keys, and none of another group or form", () => {
    const lines = [
      line({ ip: "a" }),
      line({ ip: "a" }, { group: "exact" }),
      line({ ip: "b" }, { group: "exact-not" }),
      line({ other: "c" }),
      line({ ip: { nested: 1 } }),
      line("no JSON"),
      line({ ip: 7 }),
    ];
    expect(sums(rule(), lines)).toEqual({ a: 2, 7: 1 });
  });

  test("what a field adds up to, by several keys", () => {
    const Contribution = { Keys: ["$.user.name", "$.tags[1]"], ValueOf: "$.bytes" };
    const lines = [
      line({ user: { name: "ann" }, tags: ["x", "y"], bytes: 10 }),
      line({ user: { name: "ann" }, tags: ["x", "y"], bytes: "5" }),
      line({ user: { name: "ann" }, tags: ["x"], bytes: 5 }),
      line({ user: { name: "bob" }, tags: ["x", "z"], bytes: "many" }),
    ];
    expect(sums(rule({ Contribution, AggregateOn: "Sum" }), lines)).toEqual({ "ann y": 15 });
  });

  test("fields of a line in the Common Log Format by their place", () => {
    const change = {
      LogFormat: "CLF",
      Fields: { 1: "IpAddress", 6: "StatusCode" },
      Contribution: { Keys: ["IpAddress"], Filters: [{ Match: "StatusCode", EqualTo: 200 }] },
    };
    const clf = (ip: string, status: number) =>
      line(`${ip} - ann [10/Oct/2000:13:55:36 -0700] "GET /a b HTTP/1.0" ${status} 2326`);
    expect(sums(rule(change), [clf("10.0.0.1", 200), clf("10.0.0.1", 200), clf("10.0.0.2", 404)])).toEqual({
      "10.0.0.1": 2,
    });
  });

  test("nothing while it is disabled, and nothing from before it was made", () => {
    expect(sums(rule({}, { isEnabled: false }), [line({ ip: "a" })])).toEqual({});
    expect(sums(rule({}, { sinceMs: NOW + 1 }), [line({ ip: "a" })])).toEqual({});
  });
});

describe("a filter lets through", () => {
  test.each<[object, readonly unknown[]]>([
    [{ In: ["GET", "PUT"] }, ["GET"]],
    [{ NotIn: ["GET"] }, ["POST", 200, 404, true]],
    [{ StartsWith: ["PO", "X"] }, ["POST"]],
    [{ GreaterThan: 200 }, [404]],
    [{ LessThan: 404 }, [200]],
    [{ EqualTo: 200 }, [200]],
    [{ NotEqualTo: 200 }, [404]],
    [{ IsPresent: true }, ["GET", "POST", 200, 404, true]],
    [{ IsPresent: false }, [undefined]],
  ])("by %j: %j", (operator, expected) => {
    const Contribution = { Keys: ["$.ip"], Filters: [{ Match: "$.f", ...operator }] };
    const { contributionOf } = parseInsightRule(rule({ Contribution }).definition);
    const values = ["GET", "POST", 200, 404, true, undefined];
    const passed = values.filter((f) => contributionOf(JSON.stringify({ ip: "a", f })) !== undefined);
    expect(passed).toEqual(expected);
  });

  test("what all of several let through", () => {
    const Filters = [
      { Match: "$.f", GreaterThan: 1 },
      { Match: "$.f", LessThan: 3 },
    ];
    const Contribution = { Keys: ["$.ip"], Filters };
    const lines = [1, 2, 3].map((f) => line({ ip: String(f), f }));
    expect(sums(rule({ Contribution }), lines)).toEqual({ 2: 1 });
  });
});

test.each<[object | string, RegExp]>([
  ["[", /not a JSON object/],
  [{ Schema: { Name: "CloudWatchLogRule", Version: 2 } }, /^Schema must be/],
  [{ LogGroupNames: [] }, /^LogGroupNames must be/],
  [{ LogFormat: "XML" }, /^LogFormat must be JSON or CLF/],
  [{ Contribution: undefined }, /^Contribution is missing/],
  [{ AggregateOn: "Average" }, /^AggregateOn must be Count or Sum/],
  [{ Contribution: { Keys: ["a", "b", "c", "d", "e"] } }, /^Keys must be a list of 1 to 4/],
  [{ Contribution: { Keys: ["$.a"], ValueOf: "$.b" } }, /^ValueOf is only valid with AggregateOn Sum/],
  [{ Contribution: { Keys: ["$.a"], ValueOf: 1 } }, /^ValueOf must be a field/],
  [{ Contribution: { Keys: ["$.a"], Filters: [1, 2, 3, 4, 5] } }, /^Filters must be a list of at most 4/],
  [{ Contribution: { Keys: ["$.a"], Filters: [{ In: ["a"] }] } }, /^a filter has a Match and one operator/],
  [{ Contribution: { Keys: ["$.a"], Filters: [{ Match: "$.b", In: [1] }] } }, /^In is no filter/],
  [{ Contribution: { Keys: ["$.a"], Filters: [{ Match: "$.b", Like: "x" }] } }, /^Like is no filter/],
  [{ LogFormat: "CLF", Fields: { 0: "a" } }, /^Fields: 0 must be a place from 1/],
  [{ LogFormat: "CLF", Fields: [] }, /^Fields must be an object/],
])("a body with %j is refused", (change, message) => {
  const body = typeof change === "string" ? change : rule(change).definition;
  expect(() => parseInsightRule(body)).toThrow(InsightRuleError);
  expect(() => parseInsightRule(body)).toThrow(message);
});

test("metrics of a rule are its contributors', by the period", () => {
  const insights = new ContributorInsights();
  const Contribution = { Keys: ["$.ip"], ValueOf: "$.n" };
  insights.put(rule({ Contribution, AggregateOn: "Sum" }));
  for (const [ip, n, minute] of [
    ["a", 1, 0],
    ["a", 4, 0],
    ["b", 3, 0],
    ["c", 8, 1],
  ] as const)
    insights.log(line({ ip, n }, { atMs: NOW + minute * MINUTE }), NOW);
  const grid = { startMs: NOW, periodSeconds: 60, slots: 3 };
  const points = (metric: InsightMetric) => insights.points("top", metric, grid);
  expect(points("UniqueContributors")).toEqual([2, 1, 0]);
  expect(points("MaxContributorValue")).toEqual([5, 8, 0]);
  expect(points("SampleCount")).toEqual([3, 1, 0]);
  expect(points("Sum")).toEqual([8, 8, 0]);
  expect(points("Minimum")).toEqual([1, 8, undefined]);
  expect(points("Maximum")).toEqual([4, 8, undefined]);
  expect(points("Average")).toEqual([8 / 3, 8, undefined]);
});

test("as many contributors as a busy day has are measured too", () => {
  const insights = new ContributorInsights();
  insights.put(rule({ Contribution: { Keys: ["$.ip"], ValueOf: "$.bytes" }, AggregateOn: "Sum" }));
  const COUNT = 200_000;
  for (let n = 1; n <= COUNT; n += 1) insights.log(line(`{"ip":${n},"bytes":${n}}`), NOW);
  const grid = { startMs: NOW, periodSeconds: 60, slots: 1 };
  const point = (metric: InsightMetric) => insights.points("top", metric, grid)[0];
  expect([point("UniqueContributors"), point("Minimum"), point("Maximum")]).toEqual([COUNT, 1, COUNT]);
});

test("what is older than a day is forgotten, and another body begins anew", () => {
  const insights = new ContributorInsights();
  insights.put(rule());
  insights.log(line({ ip: "a" }), NOW);
  insights.put(rule({}, { isEnabled: false }));
  expect(insights.totals("top", NOW, NOW + MINUTE).size).toBe(1);
  insights.retain(NOW + 24 * 60 * MINUTE + 1);
  expect(insights.totals("top", NOW, NOW + MINUTE).size).toBe(0);
  insights.put(rule());
  insights.log(line({ ip: "a" }), NOW);
  insights.put(rule({ Contribution: { Keys: ["$.other"] } }));
  expect(insights.totals("top", NOW, NOW + MINUTE).size).toBe(0);
  insights.delete("top");
  expect(insights.list()).toEqual([]);
});
