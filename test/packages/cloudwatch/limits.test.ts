import type { AlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { Alarms } from "@wrist-agent/cloudwatch/alarms/alarms";
import { compositeEvaluationOrder } from "@wrist-agent/cloudwatch/alarms/evaluate-alarm";
import { parseAlarmRule } from "@wrist-agent/cloudwatch/alarms/alarm-rule";
import { rowPeriods } from "@wrist-agent/cloudwatch/dashboards/metric-rows";
import { runLogsInsights } from "@wrist-agent/cloudwatch/logs/logs-insights";
import { LogsQueryError } from "@wrist-agent/cloudwatch/logs/query-reader";
import { parseMath } from "@wrist-agent/cloudwatch/math/math-expression";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import { searchMetrics } from "@wrist-agent/cloudwatch/math/search";
import { type MetricDataQuery, QueryError } from "@wrist-agent/cloudwatch/metric";
import { readPutMetricData } from "@wrist-agent/cloudwatch/metrics/put-metric-data";
import { MetricStore } from "@wrist-agent/cloudwatch/metrics/metric-store";
import { describe, expect, test } from "vitest";

const METRIC = { namespace: "N", metricName: "M", dimensions: {} };

function doublings(count: number): readonly MetricDataQuery[] {
  const first = {
    id: "m0",
    returnData: false,
    metricStat: { metric: METRIC, stat: "Sum", periodSeconds: 300 },
  };
  const rest = Array.from({ length: count }, (_, at) => ({
    id: `m${at + 1}`,
    expression: `m${at}+m${at}`,
    returnData: at === count - 1,
  }));
  return [first, ...rest];
}

function store(): MetricStore {
  const made = new MetricStore();
  made.put({ ...METRIC, timestampMs: 0, values: [1] });
  return made;
}

describe("metric math", () => {
  test("evaluates an expression that many read once", () => {
    const [series] = readSeriesFrom(store())(doublings(60), { startMs: 0, periodSeconds: 60, slots: 1 });
    expect(series?.values).toEqual([2 ** 60]);
  });

  test("finds the period of an expression that many read once", () => {
    const rows = doublings(60).map(({ id, expression }) =>
      expression === undefined ? { id, metric: METRIC, periodSeconds: 300 } : { id, expression },
    );
    expect(rowPeriods(rows, 60).get("m60")).toBe(300);
  });

  test("gives expressions that read each other the widget's period", () => {
    const rows = [
      { id: "a", expression: "b" },
      { id: "b", expression: "a" },
    ];
    expect([...rowPeriods(rows, 60)]).toEqual([
      ["a", 60],
      ["b", 60],
    ]);
  });

  test("refuses arrays that grow with each step, and says what to do", () => {
    const grow = (id: string, of: string): MetricDataQuery => ({
      id,
      expression: `[${Array.from({ length: 600 }, () => of).join(",")}]`,
      returnData: false,
    });
    const [first] = doublings(0);
    if (first === undefined) throw new Error("no query");
    const queries = [
      first,
      grow("a", "m0"),
      grow("b", "a"),
      grow("c", "b"),
      { id: "s", expression: "SUM(c)" },
    ];
    expect(() => readSeriesFrom(store())(queries, { startMs: 0, periodSeconds: 60, slots: 60 })).toThrow(
      "the expressions compute more than 20000000 points: ask for fewer series, a shorter time or a longer period",
    );
  });

  test.each([
    ["a constant", [{ id: "a", expression: "TIME_SERIES(1)" }]],
    [
      "a metric",
      [doublings(0)[0]].flatMap((query) => query ?? []).map((query) => ({ ...query, returnData: true })),
    ],
  ])("refuses every second since 1970 before it takes memory: %s", (_what, queries) => {
    expect(() =>
      readSeriesFrom(store())(queries, { startMs: 0, periodSeconds: 1, slots: 1_795_000_000 }),
    ).toThrow("the queries ask for 1795000000 periods, which is more than 10000000: ask for a shorter time");
  });

  test("a search asks before it reads each series", () => {
    const many = store();
    for (const metricName of ["A", "B", "C"])
      many.put({ namespace: "Wide", metricName, dimensions: {}, timestampMs: 0, values: [1] });
    const asked: number[] = [];
    const reading = (): void => {
      if (asked.push(1) === 2) throw new QueryError("enough");
    };
    const grid = { startMs: 0, periodSeconds: 60, slots: 1 };
    expect(() => searchMetrics(many, { expression: "{Wide}", stat: "Sum", grid, reading })).toThrow("enough");
    expect(asked).toHaveLength(2);
  });

  test.each([
    ["parentheses", `${"(".repeat(1000)}1${")".repeat(1000)}`],
    ["minus signs", `${"-".repeat(2000)}1`],
    ["powers", Array.from({ length: 1000 }, () => "1").join("^")],
    ["calls", `${"ABS(".repeat(400)}1${")".repeat(400)}`],
  ])("refuses %s nested deeper than the stack", (_name, expression) => {
    expect(() => parseMath(expression)).toThrow(
      /^at character \d+: an expression is nested at most 100 deep$/,
    );
  });
});

describe("an alarm rule", () => {
  test.each([
    ["parentheses", `${"(".repeat(5000)}TRUE${")".repeat(5000)}`],
    ["NOTs", `${"NOT ".repeat(2500)}TRUE`],
  ])("nested in thousands of %s is refused as too many elements", (_name, rule) => {
    expect(() => parseAlarmRule(rule)).toThrow(
      "AlarmRule takes up to 500 elements: split it into several composite alarms",
    );
  });

  test("of alarms that all name each other is ordered at once, and none of them is evaluated", () => {
    const names = Array.from({ length: 60 }, (_, at) => `alarm ${at}`);
    const children = new Map(names.map((name) => [name, names.filter((other) => other !== name)]));
    expect(compositeEvaluationOrder(new Map([...children, ["free", ["metric"]]]))).toEqual(["free"]);
  });
});

describe("an account of two alarms", () => {
  const alarm = (alarmName: string, threshold: number): AlarmDefinition => ({
    alarmName,
    ...METRIC,
    statistic: "Sum",
    periodSeconds: 60,
    evaluationPeriods: 1,
    threshold,
    comparisonOperator: "GreaterThanThreshold",
  });
  const account = (maxAlarms: number): Alarms =>
    new Alarms({
      accountId: "123456789012",
      region: "us-west-2",
      readSeries: readSeriesFrom(store()),
      maxAlarms,
    });

  test("gets no third, composite ones counted, until one is deleted; those that it has are changed", () => {
    const alarms = account(2);
    alarms.put(alarm("a", 1), 0);
    alarms.put({ alarmName: "both", alarmRule: "ALARM(a)" }, 0);
    const third = (): unknown => alarms.put(alarm("c", 1), 0);
    expect(third).toThrow("The maximum limit of 2 alarms exceeded.");
    expect(third).toThrow(expect.objectContaining({ code: "LimitExceeded", httpStatus: 400 }));
    alarms.put(alarm("a", 2), 0);
    expect(alarms.find("a")?.definition).toMatchObject({ threshold: 2 });
    alarms.delete(["both"], 0);
    third();
    expect(alarms.describe().map(({ definition }) => definition.alarmName)).toEqual(["a", "c"]);
  });
});

describe("a store of metrics", () => {
  test("counts them, also when their data are gone", () => {
    const metrics = store();
    metrics.put({ ...METRIC, timestampMs: 0, values: [1], unit: "Count" });
    metrics.put({ ...METRIC, dimensions: { a: "b" }, timestampMs: 900 * 86_400_000, values: [1] });
    expect([metrics.size, metrics.unitsOf(METRIC)]).toEqual([2, ["Count", "None"]]);
    metrics.retain(900 * 86_400_000);
    expect([metrics.size, metrics.unitsOf(METRIC)]).toEqual([1, []]);
  });
});

describe("writing down alarms", () => {
  const alarm = (alarmName: string): AlarmDefinition => ({
    ...METRIC,
    alarmName,
    statistic: "Sum",
    periodSeconds: 60,
    evaluationPeriods: 1,
    threshold: 1,
    comparisonOperator: "GreaterThanThreshold",
  });

  test("looks at those that were touched, and at all after an evaluation", () => {
    const alarms = new Alarms({
      accountId: "123456789012",
      region: "us-west-2",
      readSeries: readSeriesFrom(store()),
      revision: () => 0,
    });
    const takenNames = (): readonly string[] =>
      alarms.takeTouched().alarms.map(({ definition }) => definition.alarmName);
    alarms.putAll([alarm("a"), alarm("b"), alarm("c")], 0);
    expect(takenNames()).toEqual(["a", "b", "c"]);
    expect(takenNames()).toEqual([]);
    alarms.put(alarm("b"), 1);
    alarms.put({ ...alarm("c"), threshold: 2 }, 1);
    expect(takenNames()).toEqual(["c"]);
    alarms.delete(["a"], 2);
    expect(alarms.takeTouched()).toEqual({ alarms: [], gone: ["a"] });
    alarms.evaluate(60_000);
    expect(takenNames()).toEqual(["b", "c"]);
    alarms.delete(["b"], 3);
    alarms.put(alarm("b"), 4);
    expect(alarms.takeTouched()).toMatchObject({ alarms: [{ definition: { alarmName: "b" } }], gone: [] });
  });
});

describe("a dimension called __proto__", () => {
  test("keeps its name and value", () => {
    const [datum] = readPutMetricData(
      {
        Namespace: "N",
        MetricData: [{ MetricName: "M", Value: 1, Dimensions: [{ Name: "__proto__", Value: "x" }] }],
      },
      Date.UTC(2026, 10, 23),
    );
    if (datum === undefined) throw new Error("no datum");
    const made = new MetricStore();
    made.put(datum);
    const [{ identity } = { identity: METRIC }] = [...made.metrics()];
    expect(Object.entries(identity.dimensions)).toEqual([["__proto__", "x"]]);
  });
});

describe("a log query", () => {
  const query = (text: string, messages: readonly string[]) =>
    runLogsInsights(text, {
      events: messages.map((message) => ({ timestampMs: 1, message, logStreamName: "s", logGroupName: "g" })),
      startMs: 0,
      endMs: 2,
    });

  test("parses by twelve asterisks in one pass over a line", () => {
    const names = Array.from({ length: 12 }, (_, at) => `f${at}`).join(", ");
    const glob = `${Array.from({ length: 12 }, () => "*").join(",")};`;
    const line = "a,".repeat(20_000);
    expect(query(`parse "${glob}" as ${names} | filter ispresent(f0) | display f0`, [line]).rows).toEqual([]);
    expect(query(`parse "${glob}" as ${names} | display f0, f11`, [`${line};`]).rows[0]).toMatchObject({
      f0: "a",
    });
  });

  test.each([
    ["<*>", "x <a> <b>", ["a"]],
    ["*:*", "a:b:c", ["a", "b:c"]],
    ["x*y*", "1x2y3", ["2", "3"]],
    ["*end", "the end", ["the "]],
    ["**", "ab", ["", "ab"]],
    ["x*z", "xyxy", undefined],
  ])("takes with %s from %s what AWS's lazy asterisks take", (glob, line, values) => {
    const names = ["a", "b"].slice(0, glob.split("*").length - 1);
    const [row = {}] = query(`parse "${glob}" as ${names.join(", ")} | display ${names.join(", ")}`, [
      line,
    ]).rows;
    expect(names.map((name) => row[name])).toEqual(values ?? names.map(() => undefined));
  });

  test.each([
    ["(a+)+$", "repeats a group that repeats"],
    ["(?:[a-z]*x?)*", "repeats a group that repeats"],
    ["((a|b)*c){2,}", "repeats a group that repeats"],
  ])("refuses /%s/, which may never end", (pattern, message) => {
    expect(() => query(`filter @message like /${pattern}/`, ["a".repeat(40)])).toThrow(message);
  });

  test.each(["(abc)+", "a+b+", "\\(a+\\)+", "[(a+)+]", "(a{2})+"])("runs /%s/", (pattern) => {
    expect(query(`filter @message like /${pattern}/`, ["nothing"]).rows).toEqual([]);
  });

  test.each<[string, string, readonly string[]]>([
    [
      "texts that double with each step",
      `fields concat(@message, @message) as a0 ${Array.from({ length: 40 }, (_, at) => `| fields concat(a${at}, a${at}) as a${at + 1}`).join(" ")}`,
      ["0123456789"],
    ],
    ["many pieces over many lines", `fields 1${"+1".repeat(4900)}`, Array.from({ length: 5000 }, () => "x")],
    ["ten thousand characters", `fields 1 # ${"x".repeat(10_000)}`, ["x"]],
  ])("refuses %s", (_name, text, messages) => {
    expect(() => query(text, messages)).toThrow(LogsQueryError);
    expect(() => query(text, messages)).toThrow(QueryError);
  });

  test("says in words that a text is longer than what memory holds", () => {
    const concat = `concat(${Array.from({ length: 600 }, () => "@message").join(", ")})`;
    expect(() => query(`filter ${concat} = 1`, ["x".repeat(2 ** 20)])).toThrow(
      new LogsQueryError("log query: a value is too long or too deeply nested to compute"),
    );
  });
});
