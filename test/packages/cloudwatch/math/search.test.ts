import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import { parseSearch, searchable } from "@wrist-agent/cloudwatch/math/search";
import { type MetricIdentity, QueryError } from "@wrist-agent/cloudwatch/metric";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { describe, expect, it } from "vitest";

const metrics: Readonly<Record<string, MetricIdentity>> = {
  errors: metric("AWS/Lambda", "Errors", { FunctionName: "wrist-agent" }),
  alias: metric("AWS/Lambda", "Errors", { FunctionName: "wrist-agent", Resource: "wrist-agent:live" }),
  region: metric("AWS/Lambda", "Errors", {}),
  count: metric("App One", "CustomCount1", { "Dim Name": "a(b)" }),
};

function metric(namespace: string, metricName: string, dimensions: Record<string, string>): MetricIdentity {
  return { namespace, metricName, dimensions };
}

function found(expression: string): readonly string[] {
  const finds = parseSearch(expression);
  return Object.keys(metrics).filter((name) => metrics[name] !== undefined && finds(metrics[name]));
}

describe("tokens of a search", () => {
  it.each([
    ["CustomCount1", ["customcount1", "custom", "count", "1"]],
    ["SDBFailure", ["sdbfailure", "sdb", "failure"]],
    ["Project2-trial333", ["project2trial333", "project", "2", "trial", "333"]],
  ])("%s", (text, tokens) => {
    expect([...searchable(text).tokens]).toEqual(tokens);
  });
});

describe("a search", () => {
  it.each([
    ["{AWS/Lambda,FunctionName}", ["errors"]],
    ["{AWS/Lambda, Resource, FunctionName}", ["alias"]],
    ["{AWS/Lambda}", ["region"]],
    ['{"App One", "Dim Name"}', ["count"]],
    ["{AWS/Lambda,FunctionName} Errors", ["errors"]],
    ["{AWS/Lambda,FunctionName} Invocations", []],
    ["errors", ["errors", "alias", "region"]],
    ["Count1", ["count"]],
    ["CustomCount", ["count"]],
    ["customcount", []],
    ["customcount1", ["count"]],
    ["wrist", ["errors", "alias"]],
    ["wrist-agent", ["errors", "alias"]],
    ["Wrist-agent", []],
    ["errors wrist", ["errors", "alias"]],
    ["errors AND NOT live", ["errors", "region"]],
    ["NOT wrist", ["region", "count"]],
    ["live OR custom", ["alias", "count"]],
    ["(live OR custom) errors", ["alias"]],
    ['MetricName="Errors"', ["errors", "alias", "region"]],
    ['MetricName="errors"', []],
    ["MetricName=errors", ["errors", "alias", "region"]],
    ["Namespace=app", ["count"]],
    ['Resource="wrist-agent:live"', ["alias"]],
    ["Resource=(live OR latest)", ["alias"]],
    ['"Dim Name"="a\\(b\\)"', ["count"]],
    ['"AWS/Lambda" live', ["alias"]],
    [":aws.AccountId='LOCAL' live", ["alias"]],
    [":aws.AccountId=111122223333 live", []],
    [":aws.AccountId=LOCAL live", ["alias"]],
    ["toString=x", []],
    ["---", []],
  ])("%s", (expression, names) => {
    expect(found(expression)).toEqual(names);
  });

  it.each([
    ["", "needs a schema in braces, or terms"],
    ["{}", "begins with a namespace"],
    ["a OR", "expected a term, found the end"],
    ["(a", 'expected ")", found the end'],
    ["a )", 'expected a term, found ")"'],
    ["AND a", 'expected a term, found "AND"'],
    ["a = ", "expected a term, found the end"],
    ['"a', 'cannot read "a'],
    ["a".repeat(1025), "at most 1024 characters"],
  ])("%s is refused", (expression, message) => {
    expect(() => parseSearch(expression)).toThrow(QueryError);
    expect(() => parseSearch(expression)).toThrow(message);
  });
});

describe("SEARCH in an expression", () => {
  const startMs = Date.UTC(2026, 10, 20);
  const store = new MetricStore();
  for (const identity of Object.values(metrics))
    store.put({ ...identity, timestampMs: startMs, values: [2] });
  store.put({
    ...metric("AWS/Lambda", "Errors", { FunctionName: "old" }),
    timestampMs: startMs - 15 * 86_400_000,
    values: [1],
  });

  function read(expression: string) {
    return readSeriesFrom(store)([{ id: "e1", expression }], { startMs, periodSeconds: 60, slots: 1 });
  }

  it("reads each metric that it finds, under labels that tell them apart", () => {
    const series = read("SEARCH('Errors', 'Sum')");
    expect(series.map(({ id, label, values, metric: of }) => [id, label, values, of?.namespace])).toEqual([
      ["e1", "Errors", [2], "AWS/Lambda"],
      ["e1", "wrist-agent", [2], "AWS/Lambda"],
      ["e1", "wrist-agent wrist-agent:live", [2], "AWS/Lambda"],
    ]);
  });

  it("can be reduced, sorted and sliced", () => {
    expect(read("SUM(SEARCH('Errors', 'Sum'))")[0]?.values).toEqual([6]);
    expect(read("SLICE(SORT(SEARCH('Errors', 'Sum', 300), MAX, DESC), 0, 2)")).toHaveLength(2);
  });

  it("does not find metrics whose last datum is older than two weeks", () => {
    expect(read("SEARCH('FunctionName=\"old\"', 'Sum')")).toEqual([]);
  });
});
