import { isJsonObject, type JsonObject } from "../json.ts";

/** What is wrong at one place of a dashboard body, as PutDashboard names it. */
export interface DashboardFault {
  /** `/widgets/0/properties`; empty for the body itself. */
  readonly dataPath: string;
  readonly message: string;
}

/** Collects faults: errors refuse the dashboard, warnings come back with a stored one. */
export interface FaultReport {
  readonly errors: DashboardFault[];
  readonly warnings: DashboardFault[];
}

/** Checks the value at a place. */
export type Rule = (value: unknown, dataPath: string, report: FaultReport) => void;

function error(report: FaultReport, dataPath: string, message: string): void {
  report.errors.push({ dataPath, message });
}

function ofType(name: string, is: (value: unknown) => boolean): Rule {
  return (value, dataPath, report) => {
    if (!is(value)) error(report, dataPath, `Should be ${name}`);
  };
}

export const anything: Rule = () => undefined;
export const string: Rule = ofType("string", (value) => typeof value === "string");
export const boolean: Rule = ofType("boolean", (value) => typeof value === "boolean");
export const number: Rule = ofType("number", (value) => typeof value === "number");
export const anyObject: Rule = ofType("object", isJsonObject);

/** A whole number in a range. */
export function integer(min: number, max = Infinity): Rule {
  return (value, dataPath, report) => {
    if (!Number.isInteger(value)) error(report, dataPath, "Should be integer");
    else if ((value as number) < min) error(report, dataPath, `Should be >= ${min}`);
    else if ((value as number) > max) error(report, dataPath, `Should be <= ${max}`);
  };
}

/** A text that matches. */
export function pattern(expression: RegExp): Rule {
  return (value, dataPath, report) => {
    if (typeof value !== "string") error(report, dataPath, "Should be string");
    else if (!expression.test(value))
      error(report, dataPath, `Should match pattern "${expression.source.replaceAll("\\/", "/")}"`);
  };
}

/** A text of which CloudWatch only warns when it is none of the choices. */
export function choice(name: string, choices: readonly string[]): Rule {
  return (value, dataPath, report) => {
    if (typeof value !== "string") error(report, dataPath, "Should be string");
    else if (!choices.includes(value))
      report.warnings.push({
        dataPath,
        message: `The value of "${name}" property is not valid. Should be equal to one of the allowed values: ${choices.join(",")}`,
      });
  };
}

/** A text that must be one of the choices. */
export function knownChoice(what: string, choices: readonly string[]): Rule {
  return (value, dataPath, report) => {
    if (typeof value === "string" && choices.includes(value)) return;
    const message = `The specified ${what} is unknown. Use one of the allowed values: ${choices.join(",")}`;
    error(report, dataPath, message);
  };
}

/** The same rule, whose faults CloudWatch only warns of. */
export function warned(rule: Rule): Rule {
  return (value, dataPath, report) => {
    rule(value, dataPath, { errors: report.warnings, warnings: report.warnings });
  };
}

/** An array of so many items. */
export function list(item: Rule, { min = 0, max = Infinity } = {}): Rule {
  return (value, dataPath, report) => {
    if (!Array.isArray(value)) {
      error(report, dataPath, "Should be array");
      return;
    }
    if (value.length > max) error(report, dataPath, `Should NOT have more than ${max} items`);
    if (value.length < min) error(report, dataPath, `Should NOT have less than ${min} items`);
    value.forEach((each: unknown, index) => {
      item(each, `${dataPath}/${index}`, report);
    });
  };
}

/** What an object may hold. */
export interface ObjectRules {
  readonly members: Readonly<Record<string, Rule>>;
  readonly required?: readonly string[];
  /** What is said of a member that is not known; it is an error of the object's own where this is missing. */
  readonly unknown?: (name: string) => string;
}

/** An object; members are checked in the order of their names. */
export function object({ members, required = [], unknown }: ObjectRules): Rule {
  const names = Object.keys(members).sort();
  return (value, dataPath, report) => {
    if (!isJsonObject(value)) {
      error(report, dataPath, "Should be object");
      return;
    }
    for (const name of required) requireMember(value, name, { dataPath, report });
    for (const name of Object.keys(value).filter((each) => !Object.hasOwn(members, each)))
      if (unknown === undefined) error(report, dataPath, "Should NOT have additional properties");
      else report.warnings.push({ dataPath, message: unknown(name) });
    for (const name of names)
      if (value[name] !== undefined) members[name]?.(value[name], `${dataPath}/${name}`, report);
  };
}

interface Place {
  readonly dataPath: string;
  readonly report: FaultReport;
}

/** Says of a member that it is missing. */
export function requireMember(value: JsonObject, name: string, { dataPath, report }: Place): void {
  if (value[name] === undefined) error(report, dataPath, `Should have required property '${name}'`);
}
