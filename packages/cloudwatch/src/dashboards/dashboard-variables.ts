import { listAt, textAt } from "./widget-members.ts";
import { isJsonObject, type JsonObject } from "../json.ts";

/** Values chosen for a dashboard's variables, by the variable's id. */
export type VariableValues = Readonly<Record<string, string>>;

type Notice = (text: string) => void;

/** The body with every variable's value, chosen or default, put in its place. */
export function applyVariables(body: JsonObject, values: VariableValues, notice: Notice): JsonObject {
  const variables = listAt(body, "variables").filter(isJsonObject);
  return variables.reduce((changed, variable) => {
    const value = values[textAt(variable, "id") ?? ""] ?? defaultOf(variable, notice);
    return value === undefined ? changed : applyVariable(changed, { variable, value }, notice);
  }, body);
}

function defaultOf(variable: JsonObject, notice: Notice): string | undefined {
  const value = textAt(variable, "defaultValue");
  if (value !== "__FIRST") return value;
  const first = listAt(variable, "values").find(isJsonObject);
  if (first === undefined) notice(`variable "${textAt(variable, "id") ?? ""}": values are not searched for`);
  return first === undefined ? undefined : textAt(first, "value");
}

interface Chosen {
  readonly variable: JsonObject;
  readonly value: string;
}

function applyVariable(body: JsonObject, { variable, value }: Chosen, notice: Notice): JsonObject {
  const name = textAt(variable, "property");
  const pattern = textAt(variable, "pattern");
  if (variable.type === "pattern" && pattern !== undefined)
    return withWidgets(body, (widgets) => replacePattern(widgets, [pattern, value], notice));
  if (variable.type === "property" && name !== undefined)
    return withWidgets(body, (widgets) => replaceProperty(widgets, name, value));
  notice(`variable "${textAt(variable, "id") ?? ""}": type must be property or pattern, with that member`);
  return body;
}

function withWidgets(body: JsonObject, change: (widgets: unknown) => unknown): JsonObject {
  return { ...body, widgets: change(body.widgets) };
}

/** Replaces a regular expression in every text of the widgets. */
function replacePattern(value: unknown, replacement: readonly [string, string], notice: Notice): unknown {
  const [pattern, text] = replacement;
  const expression = compile(pattern);
  if (expression !== undefined) return mapTexts(value, (each) => each.replace(expression, () => text));
  notice(`variable pattern "${pattern}" is not a regular expression`);
  return value;
}

function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, "g");
  } catch {
    return undefined;
  }
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapTexts(item, change)]));
}

/** Replaces a JSON property, or the value of a dimension, wherever it occurs. */
function replaceProperty(value: unknown, name: string, text: string): unknown {
  if (Array.isArray(value))
    return value.map((item, index) =>
      index > 0 && index % 2 === 1 && value[index - 1] === name && typeof item === "string"
        ? text
        : replaceProperty(item, name, text),
    );
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      key === name && typeof item !== "object" ? text : replaceProperty(item, name, text),
    ]),
  );
}
