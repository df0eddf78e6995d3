import {
  anyObject,
  anything,
  boolean,
  choice,
  type FaultReport,
  list,
  number,
  object,
  pattern,
  requireMember,
  type Rule,
  string,
} from "./dashboard-schema.ts";
import { isJsonObject, type JsonObject } from "../json.ts";

/** What AWS says of a member that a widget does not have. */
export const unknownInWidget = (name: string): string =>
  `The "${name}" property is not expected to be part of a widget definition, will be ignored`;

/** Every statistic that CloudWatch knows, as its own message has it. */
const STATISTIC =
  /^((SampleCount|Average|Sum|Minimum|Maximum|IQM)|(p|tc|tm|ts|wm)(100(.0{0,10})?|\d{1,2})(\.\d{0,10})?|[ou](\d+(\.\d{0,10})?)(_E|_L|_H)?|((TM|TC|TS|WM)\(((100(.0{0,10})?|\d{1,2})(\.\d{0,10})?%):((100(.0{0,10})?|\d{1,2})(\.\d{0,10})?%)?\)|(TM|TC|TS|WM)\(((100(.0{0,10})?|\d{1,2})(\.\d{0,10})?%)?:((100(.0{0,10})?|\d{1,2})(\.\d{0,10})?%)\))|(((TM|TC|TS|WM)|(PR))\(((\d+(\.\d{0,10})?)|(\d+(\.\d{0,10})?[Ee][+-]?\d+)):((\d+(\.\d{0,10})?)|(\d+(\.\d{0,10})?[Ee][+-]?\d+))?\))|(((TM|TC|TS|WM)|(PR))\(((\d+(\.\d{0,10})?)|(\d+(\.\d{0,10})?[Ee][+-]?\d+))?:((\d+(\.\d{0,10})?)|(\d+(\.\d{0,10})?[Ee][+-]?\d+))\)))$/;

const SHORT_PERIODS = [1, 5, 10, 30];

/** CloudWatch names all that is wrong with the period that is no short one. */
const period: Rule = (value, dataPath, { errors }) => {
  if (SHORT_PERIODS.includes(value as number)) return;
  const faults: string[] = [];
  if (!Number.isInteger(value)) faults.push("Should be integer");
  else {
    if ((value as number) < 60) faults.push("Should be >= 60");
    if ((value as number) % 60 !== 0) faults.push("Should be multiple of 60");
  }
  if (faults.length > 0) faults.push("Should match exactly one schema in oneOf");
  errors.push(...faults.map((message) => ({ dataPath, message })));
};

const statistic = pattern(STATISTIC);
const axisSide = choice("yAxis", ["left", "right"]);

/**
 * The options at the end of a metric's row: one that CloudWatch does not know or take makes the row too long.
 */
const options = object({
  members: {
    expression: string,
    id: pattern(/^[a-z][a-zA-Z0-9_]*$/),
    label: string,
    accountId: string,
    color: pattern(/^#([0-9a-fA-F]{3}){1,2}$/),
    region: string,
    period,
    stat: statistic,
    visible: boolean,
    yAxis: axisSide,
  },
});

const metricRow: Rule = (value, dataPath, report) => {
  if (!Array.isArray(value)) {
    report.errors.push(
      { dataPath, message: "Should be array" },
      {
        dataPath,
        message:
          'Field "metrics" has to be an array of array of strings, with an optional metricRenderer object as last element',
      },
    );
    return;
  }
  const row = value as readonly unknown[];
  const last = row.at(-1);
  const fields = isJsonObject(last) ? row.slice(0, -1) : row;
  fields.forEach((field, index) => {
    if (typeof field === "string") return;
    const message = 'Invalid metric field type, only "String" type is allowed';
    report.errors.push({ dataPath: `${dataPath}/${index}`, message });
  });
  if (isJsonObject(last)) renderer(last, { dataPath, fields: fields.length }, report);
};

function renderer(
  value: JsonObject,
  { dataPath, fields }: { readonly dataPath: string; readonly fields: number },
  report: FaultReport,
): void {
  const found: FaultReport = { errors: [], warnings: [] };
  options(value, `${dataPath}/${fields}`, found);
  report.warnings.push(...found.warnings);
  if (found.errors.length > 0)
    report.errors.push({ dataPath, message: `Should NOT have more than ${fields} items` });
}

const annotation = object({
  members: {
    value: anything,
    label: string,
    color: string,
    fill: string,
    visible: boolean,
    yAxis: axisSide,
  },
  required: ["value"],
  unknown: unknownInWidget,
});

/** A line, or a band of two. */
const annotationOrBand: Rule = (value, dataPath, report) =>
  (Array.isArray(value) ? list(annotation, { min: 2, max: 2 }) : annotation)(value, dataPath, report);

const axis = object({
  members: { min: number, max: number, label: string, showUnits: boolean },
  unknown: unknownInWidget,
});

const legend = object({
  members: { position: choice("position", ["right", "bottom", "hidden"]) },
  unknown: unknownInWidget,
});

const metricMembers = object({
  members: {
    metrics: list(metricRow, { max: 500 }),
    annotations: object({
      members: {
        alarms: list(string, { max: 1 }),
        horizontal: list(annotationOrBand),
        vertical: list(annotationOrBand),
      },
      unknown: unknownInWidget,
    }),
    view: choice("view", ["singleValue", "timeSeries", "bar", "pie", "gauge", "table"]),
    yAxis: object({ members: { left: axis, right: axis }, unknown: unknownInWidget }),
    region: string,
    accountId: string,
    title: string,
    timezone: string,
    period,
    stat: statistic,
    legend,
    stacked: boolean,
    sparkline: boolean,
    liveData: boolean,
    setPeriodToTimeRange: boolean,
    singleValueFullPrecision: boolean,
    trend: boolean,
    labels: anyObject,
    table: anyObject,
    start: string,
    end: string,
  },
  unknown: unknownInWidget,
});

/** Draws metrics of a Region, or else one alarm. */
export const metricProperties: Rule = (value, dataPath, report) => {
  metricMembers(value, dataPath, report);
  if (!isJsonObject(value) || value.annotations !== undefined) return;
  const missing = ["metrics", "region"].find((name) => value[name] === undefined);
  if (missing === undefined) return;
  requireMember(value, missing, { dataPath, report });
  const message = "The metric widget should have specified a region and a data source or an alarm annotation";
  report.errors.push({ dataPath, message });
  requireMember(value, "annotations", { dataPath, report });
};
