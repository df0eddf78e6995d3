import { isJsonObject, type JsonObject } from "../json.ts";

/** The member if it is an object; otherwise one without members. */
export function objectAt(members: JsonObject, name: string): JsonObject {
  const value = members[name];
  return isJsonObject(value) ? value : {};
}

/** The member if it is an array; otherwise an empty one. */
export function listAt(members: JsonObject, name: string): readonly unknown[] {
  const value = members[name];
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function textAt(members: JsonObject, name: string): string | undefined {
  const value = members[name];
  return typeof value === "string" ? value : undefined;
}

export function numberAt(members: JsonObject, name: string): number | undefined {
  const value = members[name];
  return typeof value === "number" ? value : undefined;
}

export function booleanAt(members: JsonObject, name: string): boolean | undefined {
  const value = members[name];
  return typeof value === "boolean" ? value : undefined;
}

/** The member if it is one of the choices; otherwise the first choice. */
export function choiceAt<Choice extends string>(
  members: JsonObject,
  name: string,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  return choices.find((choice) => choice === members[name]) ?? choices[0];
}

/** `{ [name]: value }`, or nothing when there is no value: for optional properties. */
export function optionalMember<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);
}

/** Members that are drawn, and members that CloudWatch knows and this runtime does not draw. */
interface Known {
  readonly drawn: readonly string[];
  /** With what is done instead. */
  readonly undrawn?: Readonly<Record<string, string>>;
}

const COLOUR = ["color", "label", "value", "visible", "fill"];
const FIRST_REGION = { accountId: "data of this machine are shown" };

/**
 * Every member of a dashboard body by the object that holds it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
const KNOWN = {
  body: {
    // `start` is the range that a dashboard opens with: whoever draws it asks for that range.
    drawn: ["widgets", "variables", "periodOverride", "start"],
    undrawn: { end: "a dashboard is drawn up to now" },
  },
  widget: { drawn: ["type", "x", "y", "width", "height", "properties"] },
  metric: {
    drawn: [
      "metrics",
      "view",
      "stacked",
      "stat",
      "period",
      "region",
      "title",
      "legend",
      "yAxis",
      "sparkline",
      "setPeriodToTimeRange",
      "annotations",
      "start",
      "end",
    ],
    undrawn: {
      ...FIRST_REGION,
      timezone: "times are shown in the browser's time zone",
      liveData: "the running period is always drawn",
      trend: "no trend is drawn",
      labels: "labels are always drawn",
      table: "the table has the page's own columns",
      singleValueFullPrecision: "numbers are shortened, the tooltip has them in full",
    },
  },
  text: { drawn: ["markdown", "background"] },
  alarm: { drawn: ["alarms", "sortBy", "states", "title"] },
  log: {
    drawn: ["query", "view", "title", "region", "stacked", "queryLanguage"],
    undrawn: {
      ...FIRST_REGION,
      queryBy: "the query reads the log that is here",
      logGroupPrefixes: "the query reads the log that is here",
    },
  },
  row: {
    drawn: ["color", "label", "period", "stat", "visible", "yAxis", "id", "region", "expression"],
    undrawn: FIRST_REGION,
  },
  annotations: { drawn: ["horizontal", "vertical", "alarms"] },
  horizontal: { drawn: [...COLOUR, "yAxis"] },
  vertical: { drawn: COLOUR },
  axes: { drawn: ["left", "right"] },
  axis: { drawn: ["min", "max", "label", "showUnits"] },
  legend: { drawn: ["position"] },
} satisfies Readonly<Record<string, Known>>;

/** Kinds of objects in a dashboard body. */
export type MemberKind = keyof typeof KNOWN;

/** Says, one text for each, which members of the object are not drawn, and why. */
export function undrawnMembers(kind: MemberKind, members: JsonObject): readonly string[] {
  const { drawn, undrawn = {} }: Known = KNOWN[kind];
  return Object.keys(members)
    .filter((name) => !drawn.includes(name))
    .map((name) => {
      const instead = undrawn[name];
      return instead === undefined ? `unknown member "${name}"` : `"${name}" is not drawn: ${instead}`;
    });
}
