import { describe, expect, it } from "vitest";
import { ExpressionError } from "@wrist-agent/cloudwatch/math/read-series";
import { QueryError } from "@wrist-agent/cloudwatch/metric";
import { seriesOf } from "./evaluate-math.ts";

const inputs = { m1: [1, 2, 3], m2: [3, 2, 1] };

function mistake(expression: string): unknown {
  try {
    return seriesOf(expression, inputs);
  } catch (error) {
    return error;
  }
}

describe("a mistake in an expression says where it is and what was expected", () => {
  it.each<readonly [string, number, string]>([
    ["m1 +", 5, 'expected a number, an id, a function, "[" or "(", found the end'],
    ["", 1, 'expected a number, an id, a function, "[" or "(", found the end'],
    ["m1 m2", 4, 'expected an operator or the end, found "m2"'],
    ["(m1", 4, 'expected an operator or ")", found the end'],
    ["SUM(m1", 7, 'expected an operator, "," or ")", found the end'],
    ["[m1 m2]", 5, 'expected an operator, "," or "]", found "m2"'],
    ["m1 * * m2", 6, 'expected a number, an id, a function, "[" or "(", found "*"'],
    ["m1 % 2", 4, 'unexpected "%"'],
    ["{m1}", 1, 'unexpected "{": this is metric math, and PromQL is not evaluated'],
    ["METRICS('m", 9, "the text that begins here has no closing '"],
    ["m3", 1, 'unknown id "m3": use one of m1, m2, result'],
    ["1 + result", 5, '"result" depends on itself'],
    ["M1", 1, 'unknown name "M1": ids begin with a lower-case letter'],
    ["'m1'", 1, "a text is only understood by METRICS and SEARCH"],
    ["sum(m1)", 1, 'unknown function "sum": write SUM'],
    ["MEDIAN(m1)", 1, 'unknown function "MEDIAN": use one of ABS,'],
    ["toString(m1)", 1, 'unknown function "toString"'],
    ["AVG()", 1, "AVG takes 1 arguments, found 0"],
    ["IF(m1)", 1, "IF takes 2 to 3 arguments, found 1"],
    ["ABS(1)", 5, "ABS, argument 1: expected TS or TS[], found S"],
    ["METRIC_COUNT(m1)", 14, "METRIC_COUNT, argument 1: expected TS[], found TS"],
    ["TIME_SERIES(m1)", 13, "TIME_SERIES, argument 1: expected S, found TS"],
    ["m1 + IF([m1], m1, m2)", 9, "IF, argument 1: expected S or TS, found TS[]"],
    ["IF(1, 2, m1)", 1, "IF with a scalar condition (S) takes series (TS) as branches"],
    ["[m1] + [m2]", 6, '"+" does not join two arrays (TS[])'],
    ["[m1] > 1", 6, '">" does not compare arrays (TS[])'],
    ["[m1, 1]", 6, "an array holds series (TS) or arrays (TS[]), not numbers"],
    ["SORT([m1], MEDIAN, ASC)", 12, "SORT, argument 2: expected AVG, MAX, MIN, SUM"],
    ["SORT([m1], MAX, UP)", 17, "SORT, argument 3: expected ASC, DESC"],
    ["SORT([m1], MAX, ASC, 1.5)", 22, "SORT, argument 4: expected a whole number from 0"],
    ["SLICE([m1], -1)", 13, "SLICE, argument 2: expected a whole number from 0"],
    ["METRICS(m1)", 9, "METRICS, argument 1: expected a text in quotes"],
    ["PERIOD(result)", 8, "PERIOD, argument 1: expected the id of a metric"],
    ["FILL(m1, LAST)", 10, 'unknown name "LAST"'],
    ["DB_PERF_INSIGHTS('RDS', 'db', 'x')", 1, "DB_PERF_INSIGHTS is not evaluated here"],
    ["INSIGHT_RULE_METRIC('r', 'm')", 26, "INSIGHT_RULE_METRIC, argument 2: expected UniqueContributors"],
    ["INSIGHT_RULE_METRIC('r', Sum)", 21, 'there is no Contributor Insights rule "r" here'],
    ["LAMBDA('f')", 1, "LAMBDA is not evaluated here"],
    ["SERVICE_QUOTA(m1)", 1, "SERVICE_QUOTA is not evaluated here"],
  ])("%s", (expression, position, message) => {
    const error = mistake(expression);
    expect(error).toBeInstanceOf(ExpressionError);
    expect((error as ExpressionError).message).toContain(message);
    expect(error).toMatchObject({ id: "result", expression, position });
  });

  it.each([
    ['SELECT AVG(Latency) FROM "App"', "Metrics Insights (SELECT …) is not evaluated here"],
    ["m1".padEnd(2049), "an expression has at most 2048 characters, not 2049"],
    ["SEARCH('', 'Sum')", "a search needs a schema in braces, or terms, or both"],
    ["SEARCH('{App} m1', 'Median')", 'unknown statistic "Median"'],
  ])("%s is refused", (expression, message) => {
    const error = mistake(expression);
    expect(error).toBeInstanceOf(QueryError);
    expect((error as QueryError).message).toContain(message);
  });

  it("is attributed to the expression that has it, not to the one that uses it", () => {
    const error = mistake("m1 + AVG(");
    expect(error).toMatchObject({ id: "result" });
  });
});
