import { checkDashboardBody } from "@wrist-agent/cloudwatch/dashboards/dashboard-check";
import { describe, expect, test } from "vitest";

const REGION = "us-west-2";
const METRICS = [["AWS/EC2", "CPUUtilization"]];
const widget = (type: string, properties: unknown, place: object = {}) => ({
  widgets: [{ type, properties, ...place }],
});
const metric = (properties: object) => widget("metric", { region: REGION, metrics: METRICS, ...properties });
const rows = (...metrics: readonly unknown[]) => metric({ metrics });
const text = (place: object) => widget("text", { markdown: "x" }, place);
const variable = (members: object) => ({ widgets: [], variables: [members] });
const PROPERTIES = "/widgets/0/properties";

/** Errors or warnings as `place: message`. */
const errorsOf = (body: unknown) =>
  checkDashboardBody(JSON.stringify(body)).errors.map(({ dataPath, message }) => `${dataPath}: ${message}`);
const warningsOf = (body: unknown) =>
  checkDashboardBody(JSON.stringify(body)).warnings.map(({ dataPath, message }) => `${dataPath}: ${message}`);

const RENDERER = `${PROPERTIES}/metrics/0: Should NOT have more than 2 items`;

describe("CloudWatch refuses", () => {
  test.each<[string, unknown, readonly string[]]>([
    ["widgets as an object", { widgets: {} }, ["/widgets: Should be array"]],
    [
      "more than 500 widgets",
      { widgets: Array.from({ length: 501 }, () => ({ type: "text", properties: { markdown: "x" } })) },
      ["/widgets: Should NOT have more than 500 items"],
    ],
    ["y without x", text({ y: 1 }), ["/widgets/0: Should have property x when property y is present"]],
    ["a width with a fraction", text({ width: 1.5 }), ["/widgets/0/width: Should be integer"]],
    ["a colour that is no hex", rows(["A", "B", { color: "red" }]), [RENDERER]],
    ["dimensions as an object", rows(["A", "B", { dimensions: { F: "x" } }]), [RENDERER]],
    ["an unknown statistic of a row", rows(["A", "B", { stat: "Bogus" }]), [RENDERER]],
    ["a period of 7 s of a row", rows(["A", "B", { period: 7 }]), [RENDERER]],
    [
      "an object within a row",
      rows(["A", "B", { stat: "Sum" }, { FunctionName: "x" }]),
      [
        `${PROPERTIES}/metrics/0/2: Invalid metric field type, only "String" type is allowed`,
        `${PROPERTIES}/metrics/0: Should NOT have more than 3 items`,
      ],
    ],
    [
      "two alarms in one graph",
      widget("metric", { annotations: { alarms: ["a", "b"] } }),
      [`${PROPERTIES}/annotations/alarms: Should NOT have more than 1 items`],
    ],
    [
      "a line without a value",
      metric({ annotations: { horizontal: [{ label: "x" }] } }),
      [`${PROPERTIES}/annotations/horizontal/0: Should have required property 'value'`],
    ],
    [
      "a band of three",
      metric({ annotations: { horizontal: [[{ value: 1 }, { value: 2 }, { value: 3 }]] } }),
      [`${PROPERTIES}/annotations/horizontal/0: Should NOT have more than 2 items`],
    ],
    [
      "an axis that begins with a text",
      metric({ yAxis: { left: { min: "0" } } }),
      [`${PROPERTIES}/yAxis/left/min: Should be number`],
    ],
    [
      "a period that is no number",
      metric({ period: "60" }),
      [
        `${PROPERTIES}/period: Should be integer`,
        `${PROPERTIES}/period: Should match exactly one schema in oneOf`,
      ],
    ],
    [
      "a pattern variable without a pattern",
      variable({ type: "pattern", inputType: "input", id: "a" }),
      ["/variables/0: Should have required property 'pattern'"],
    ],
  ])("%s", (_, body, errors) => {
    expect(errorsOf(body)).toEqual(errors);
    expect(checkDashboardBody(JSON.stringify(body))).not.toHaveProperty("body");
  });
});

describe("CloudWatch takes", () => {
  test.each<[string, unknown]>([
    ["a row with the options that it knows", rows(["A", "B", { color: "#0a0", period: 300, yAxis: "left" }])],
    ["an expression", rows([{ expression: "m1 * 2", id: "e1", label: "x", visible: false }])],
    [
      "percentiles and trimmed means",
      rows(["A", "B", { stat: "p99.9" }], ["A", "B", { stat: "TM(10%:90%)" }]),
    ],
    ["one alarm instead of metrics", widget("metric", { annotations: { alarms: ["arn"] } })],
    [
      "what CDK writes of numbers and tables",
      metric({ singleValueFullPrecision: true, table: {}, trend: false }),
    ],
    [
      "a log widget with the groups to query",
      widget("log", { queryBy: "logGroupPrefixes", logGroupPrefixes: {} }),
    ],
    [
      "a band of two",
      metric({ annotations: { vertical: [[{ value: "2026-01-01" }, { value: "2026-01-02" }]] } }),
    ],
    [
      "a radio variable",
      variable({ type: "property", property: "a", inputType: "radio", id: "a", values: [] }),
    ],
    ["a place", text({ x: 23, y: 0, width: 24, height: 1000 })],
  ])("%s, without a warning", (_, body) => {
    expect(checkDashboardBody(JSON.stringify(body))).toEqual({
      errors: [],
      warnings: [],
      body: JSON.stringify(body),
    });
  });
});

test.each<[string, unknown, string]>([
  [
    "a position of the legend",
    metric({ legend: { position: "top" } }),
    `${PROPERTIES}/legend/position: The value of "position" property is not valid. Should be equal to one of the allowed values: right,bottom,hidden`,
  ],
  ["a start that is no time", { widgets: [], start: 5 }, "/start: Should be string"],
  [
    "a member of a variable",
    variable({ type: "property", property: "a", inputType: "input", id: "a", extra: 1 }),
    '/variables/0: The "extra" property is not expected, will be ignored',
  ],
])("CloudWatch warns of %s that it does not know and keeps the dashboard", (_, body, warning) => {
  expect(warningsOf(body)).toEqual([warning]);
  expect(errorsOf(body)).toEqual([]);
});
