import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { isSameName, type Parameter } from "../../parameter-store.ts";
import { AwsError, type Input } from "./service.ts";
import { hierarchyPath, isBelow, parameterPath, validationError } from "./ssm-names.ts";

type Matches = (parameter: Parameter, values: readonly string[]) => boolean;

/** What may be asked of a key, by option; the first is the default. */
type FilterKey = Readonly<Record<string, Matches>>;

const someValue =
  (member: (parameter: Parameter) => string, test: (held: string, value: string) => boolean): Matches =>
  (parameter, values) =>
    values.some((value) => test(member(parameter), value));

const equals = (held: string, value: string): boolean => held === value;
const beginsWith = (held: string, value: string): boolean => held.startsWith(value);
const nameOf = ({ name }: Parameter): string => name;
const keyOf = ({ type, keyId = DEFAULT_KEY }: Parameter): string => (type === "SecureString" ? keyId : "");

/** The key that SSM seals with where none is named. */
export const DEFAULT_KEY = "alias/aws/ssm";

const FILTER_KEYS: Readonly<Record<string, FilterKey>> = {
  Path: {
    OneLevel: ({ name }, values) => values.some((path) => isBelow(name, hierarchyPath(path), "OneLevel")),
    Recursive: ({ name }, values) => values.some((path) => isBelow(name, hierarchyPath(path), "Recursive")),
  },
  Name: {
    Equals: someValue(nameOf, isSameName),
    BeginsWith: someValue(
      nameOf,
      (held, value) => beginsWith(held, value) || beginsWith(parameterPath(held), value),
    ),
    Contains: someValue(nameOf, (held, value) => held.includes(value)),
  },
  Type: {
    Equals: someValue(({ type }) => type, equals),
    BeginsWith: someValue(({ type }) => type, beginsWith),
  },
  KeyId: { Equals: someValue(keyOf, equals), BeginsWith: someValue(keyOf, beginsWith) },
  Tier: { Equals: someValue(() => "Standard", equals), BeginsWith: someValue(() => "Standard", beginsWith) },
  DataType: { Equals: someValue(() => "text", equals) },
};

/** The keys of DescribeParameters. */
export const DESCRIBE_KEYS = ["Path", "Name", "Type", "KeyId", "Tier", "DataType"];

/** The keys of GetParametersByPath. */
export const BY_PATH_KEYS = ["Type", "KeyId"];

/** Reads `ParameterFilters`, and the older `Filters`: a parameter must match them all. */
export function parameterFilter(input: Input, keys: readonly string[]): (parameter: Parameter) => boolean {
  const { ParameterFilters, Filters } = input;
  if (ParameterFilters !== undefined && Filters !== undefined)
    throw validationError("You can use either Filters or ParameterFilters in a single request.");
  const given: readonly unknown[] = Array.isArray(ParameterFilters)
    ? ParameterFilters
    : Array.isArray(Filters)
      ? Filters.map((filter: unknown) => ({ Option: "Equals", ...(isJsonObject(filter) && filter) }))
      : [];
  const filters = given.map((filter) => readFilter(isJsonObject(filter) ? filter : {}, keys));
  return (parameter) => filters.every((matches) => matches(parameter));
}

function readFilter(filter: Input, keys: readonly string[]): (parameter: Parameter) => boolean {
  const key = String(filter.Key);
  const options = keys.includes(key) ? FILTER_KEYS[key] : undefined;
  if (options === undefined)
    throw new AwsError(
      "InvalidFilterKey",
      `The following filter key is not valid: ${key}. Valid filter keys include: [${keys.join(", ")}].`,
    );
  const known = Object.keys(options);
  const option = filter.Option ?? known[0];
  const matches = typeof option === "string" && Object.hasOwn(options, option) ? options[option] : undefined;
  if (matches === undefined)
    throw new AwsError(
      "InvalidFilterOption",
      `The following filter option is not valid: ${typeof option === "string" ? option : JSON.stringify(option)}. Valid options include: [${known.join(", ")}].`,
    );
  const values = Array.isArray(filter.Values) ? filter.Values.map(String) : [];
  if (values.length === 0)
    throw new AwsError(
      "InvalidFilterValue",
      `The following filter values are missing : null for filter key ${key}.`,
    );
  return (parameter) => matches(parameter, values);
}
