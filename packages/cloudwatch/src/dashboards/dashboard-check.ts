import {
  anyObject,
  anything,
  boolean,
  choice,
  type DashboardFault,
  type FaultReport,
  integer,
  knownChoice,
  list,
  object,
  pattern,
  requireMember,
  type Rule,
  string,
  warned,
} from "./dashboard-schema.ts";
import { metricProperties, unknownInWidget } from "./metric-widget-check.ts";
import { listAt, textAt } from "./widget-members.ts";
import { isJsonObject, type JsonObject, parseJsonObject } from "../json.ts";

/** What PutDashboard makes of a body. */
export type DashboardCheck = StoredDashboardCheck | RefusedDashboardCheck;

interface StoredDashboardCheck {
  readonly refusal?: undefined;
  readonly errors: readonly [];
  /** What comes back with a dashboard that is stored. */
  readonly warnings: readonly DashboardFault[];
  /** The body as CloudWatch keeps it: parsed and written again. */
  readonly body: string;
}

interface RefusedDashboardCheck {
  /** The whole message. */
  readonly refusal: string;
  /** None when the body is no JSON object. */
  readonly errors: readonly DashboardFault[];
  readonly warnings: readonly DashboardFault[];
  readonly body?: undefined;
}

/**
 * Checks a dashboard body as PutDashboard does, with its messages: a body with errors is refused as a whole.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function checkDashboardBody(text: string): DashboardCheck {
  const body = parseJsonObject(text);
  if (body === undefined)
    return { refusal: "The field DashboardBody must be a valid JSON object", errors: [], warnings: [] };
  const report: FaultReport = { errors: [], warnings: [] };
  BODY(body, "", report);
  duplicateVariables(body, report);
  const { errors, warnings } = report;
  if (errors.length === 0) return { errors: [], warnings, body: JSON.stringify(body) };
  const count = `there are ${errors.length} validation errors`;
  return {
    refusal: `The dashboard body is invalid, ${count}:\n${JSON.stringify(errors, null, 2)}`,
    errors,
    warnings,
  };
}

function duplicateVariables(body: JsonObject, { errors }: FaultReport): void {
  const seen = new Set<string>();
  listAt(body, "variables").forEach((variable, index) => {
    if (!isJsonObject(variable) || variable.type !== "property") return;
    const property = textAt(variable, "property");
    if (property === undefined) return;
    if (seen.has(property))
      errors.push({
        dataPath: `/variables/${index}/property`,
        message: `Duplicated property in variable: "${property}"`,
      });
    seen.add(property);
  });
}

const requiring = (...required: readonly string[]): Rule => {
  return (value, dataPath, report) => {
    anyObject(value, dataPath, report);
    if (isJsonObject(value)) for (const name of required) requireMember(value, name, { dataPath, report });
  };
};

const alarmMembers = object({
  members: {
    alarms: list(string, { max: 100 }),
    sortBy: choice("sortBy", ["default", "stateUpdatedTimestamp", "timestamp"]),
    states: list(pattern(/OK|ALARM|INSUFFICIENT_DATA/)),
    title: string,
  },
  required: ["alarms"],
  unknown: unknownInWidget,
});

/** CloudWatch names an empty list of alarms only when nothing else is wrong. */
const alarm: Rule = (value, dataPath, report) => {
  const before = report.errors.length;
  alarmMembers(value, dataPath, report);
  const isEmpty = isJsonObject(value) && Array.isArray(value.alarms) && value.alarms.length === 0;
  if (isEmpty && report.errors.length === before)
    report.errors.push({ dataPath: `${dataPath}/alarms`, message: "Should NOT have less than 1 items" });
};

/** A time, or a span back from now. */
const START = new RegExp(
  String.raw`(^(?:[1-9]\d{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)|(?:[1-9]\d(?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-][01]\d:[0-5]\d)$)|(^\-?P(T|\d))`,
);

/** Widgets of traces have members of their own beside these. */
const traceWidget: Rule = (value, dataPath, report) => {
  anyObject(value, dataPath, report);
  if (!isJsonObject(value)) return;
  for (const name of ["accountId", "region", "title"])
    if (value[name] !== undefined) string(value[name], `${dataPath}/${name}`, report);
};

/** What each type of widget wants of its properties. */
const PROPERTIES: Readonly<Record<string, Rule>> = {
  chart: requiring("data"),
  custom: requiring("endpoint"),
  metric: metricProperties,
  service: anyObject,
  text: object({
    members: { markdown: string, background: choice("background", ["solid", "transparent"]) },
    required: ["markdown"],
    unknown: unknownInWidget,
  }),
  log: object({
    members: {
      view: choice("view", ["table", "timeSeries", "bar", "pie"]),
      region: string,
      accountId: string,
      title: string,
      query: string,
      stacked: boolean,
      queryLanguage: string,
      queryBy: string,
      logGroupPrefixes: anything,
    },
    unknown: unknownInWidget,
  }),
  alarm,
  explorer: anyObject,
  timeline: requiring("alarm"),
  serviceMap: traceWidget,
  serviceTable: traceWidget,
  trace: traceWidget,
};

const WIDGET_MEMBERS = object({
  members: {
    x: integer(0, 23),
    y: integer(0),
    width: integer(1, 24),
    height: integer(1, 1000),
    type: string,
    properties: anything,
  },
  required: ["type", "properties"],
  unknown: unknownInWidget,
});

const widget: Rule = (value, dataPath, report) => {
  WIDGET_MEMBERS(value, dataPath, report);
  if (!isJsonObject(value)) return;
  for (const [one, other] of [
    ["x", "y"],
    ["y", "x"],
  ] as const)
    if (value[one] !== undefined && value[other] === undefined) {
      const message = `Should have property ${other} when property ${one} is present`;
      report.errors.push({ dataPath, message });
    }
  widgetProperties(value, dataPath, report);
};

function widgetProperties(value: JsonObject, dataPath: string, report: FaultReport): void {
  const { type, properties } = value;
  if (typeof type !== "string") return;
  const rule = Object.hasOwn(PROPERTIES, type) ? PROPERTIES[type] : undefined;
  if (rule === undefined) {
    const known = Object.keys(PROPERTIES).join(",");
    const message = `The specified widget type is unknown. Use one of the allowed values: ${known}`;
    report.warnings.push({ dataPath: `${dataPath}/type`, message });
  } else if (properties !== undefined) rule(properties, `${dataPath}/properties`, report);
}

/** Where the values of a variable to choose from may come from. */
const VALUE_SOURCES = ["values", "tag", "search", "populateFrom", "searchLabelValues"];

const VARIABLE_MEMBERS = object({
  members: {
    type: knownChoice("variable type", ["property", "pattern"]),
    inputType: knownChoice("variable inputType", ["input", "select", "radio"]),
    id: string,
    label: string,
    property: string,
    pattern: string,
    visible: boolean,
    ...Object.fromEntries(["defaultValue", ...VALUE_SOURCES].map((name) => [name, anything])),
    values: list(anyObject),
  },
  required: ["type", "inputType", "id"],
  unknown: (name) => `The "${name}" property is not expected, will be ignored`,
});

const variable: Rule = (value, dataPath, report) => {
  VARIABLE_MEMBERS(value, dataPath, report);
  if (!isJsonObject(value)) return;
  const place = { dataPath, report };
  requireMember(value, value.type === "pattern" ? "pattern" : "property", place);
  if (value.inputType !== "select" && value.inputType !== "radio") return;
  if (VALUE_SOURCES.some((name) => value[name] !== undefined)) return;
  for (const name of VALUE_SOURCES) requireMember(value, name, place);
  report.errors.push({ dataPath, message: "Should match exactly one schema in oneOf" });
};

const BODY = object({
  members: {
    widgets: list(widget, { max: 500 }),
    variables: list(variable, { max: 25 }),
    start: warned(pattern(START)),
    end: warned(string),
    periodOverride: warned(pattern(/^(inherit|auto)$/)),
  },
  required: ["widgets"],
  unknown: (name) => `The "${name}" property is not expected, will be ignored`,
});
