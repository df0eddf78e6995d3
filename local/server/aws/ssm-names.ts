import { isSameName } from "../../parameter-store.ts";
import { AwsError, type Input, numberedPage, type NumberedPage } from "./service.ts";

const MAX_NAME_LENGTH = 1011;
const MAX_LEVELS = 15;

/** The refusal of an input. */
export function validationError(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

const NAME_RULES = `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`;
const PATH_RULES = String.raw`The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.`;

/**
 * The name of a new parameter.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function newParameterName(name: unknown): string {
  const text = requiredName(name);
  if (/^(?:aws|ssm)/i.test(text))
    throw validationError(`Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`);
  if (/^\/aws(?:\/|$)/i.test(text))
    throw new AwsError("AccessDeniedException", `No access to reserved parameter name: ${text}.`);
  if (text.includes("/") && !text.startsWith("/"))
    throw validationError("Parameter name must be a fully qualified name.");
  if (!isName(text) || text.length > MAX_NAME_LENGTH) throw validationError(NAME_RULES);
  if (text.split("/").length - 1 > MAX_LEVELS)
    throw new AwsError(
      "HierarchyLevelLimitExceededException",
      `A hierarchy can have a maximum of ${MAX_LEVELS} levels.`,
    );
  return text;
}

/** Sub-paths that are not empty; `/name` and `name` are one. */
function isName(text: string): boolean {
  return /^(?:[\w.-]+|(?:\/[\w.-]+)+)$/.test(text) && !/^\/?ssm/i.test(text);
}

function requiredName(name: unknown): string {
  if (typeof name === "string" && name !== "") return name;
  throw validationError(
    "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must not be null",
  );
}

/** A parameter as a call names it. */
export interface ParameterSelector {
  readonly name: string;
  /** A number; a label is none that anything here has. */
  readonly version?: string;
  /** What the answer calls it: as it was asked for, or the stored name where an ARN was given. */
  readonly shownName?: string;
}

const MAX_NAMES = 10;

/** A name or an ARN, which may end in `:version`. */
export function parameterSelector(selector: unknown): ParameterSelector {
  const text = requiredName(selector);
  const path = /^arn:[^:]*:ssm:[^:]*:[^:]*:parameter(\/.+)$/.exec(text)?.[1];
  const [name = "", version, ...others] = (path ?? text).split(":");
  if (!isName(name) || others.length > 0) throw validationError(NAME_RULES);
  return { name, ...(version !== undefined && { version }), ...(path === undefined && { shownName: name }) };
}

/** The members of a list of names, each once. */
export function parameterNames(names: unknown): readonly string[] {
  if (!Array.isArray(names) || names.length < 1 || names.length > MAX_NAMES)
    throw validationError(
      `1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length less than or equal to ${MAX_NAMES}`,
    );
  const texts = names.map(requiredName);
  const repeated = texts.find((name, at) => texts.findIndex((other) => isSameName(name, other)) < at);
  if (repeated !== undefined) throw validationError(`Duplicate parameter name in the request: ${repeated}`);
  return texts;
}

/** A name as the hierarchy has it. */
export function parameterPath(name: string): string {
  return name.startsWith("/") ? name : `/${name}`;
}

/** The path of a call, without the slash at its end. */
export function hierarchyPath(path: unknown): string {
  const text = requiredName(path);
  if (text !== "/" && !/^(?:\/[\w.-]+)+\/?$/.test(text)) throw validationError(PATH_RULES);
  return text.replace(/\/$/, "");
}

/** Whether a parameter lies below a path, at any depth or right below. */
export function isBelow(name: string, path: string, depth: "OneLevel" | "Recursive"): boolean {
  const full = parameterPath(name);
  if (!full.startsWith(`${path}/`)) return false;
  return depth === "Recursive" || !full.slice(path.length + 1).includes("/");
}

/** A page of a list, and the token of the next. */
export function parameterPage<Item>(
  all: readonly Item[],
  { NextToken, MaxResults }: Input,
  most: number,
): NumberedPage<Item> {
  const size = typeof MaxResults === "number" ? MaxResults : MAX_NAMES;
  const found = numberedPage(all, { token: NextToken, size });
  if (found === undefined) throw new AwsError("InvalidNextToken", "The specified token isn't valid.");
  if (size < 1 || size > most)
    throw validationError(
      `1 validation error detected: Value '${size}' at 'maxResults' failed to satisfy constraint: Member must have value ${size < 1 ? "greater than or equal to 1" : `less than or equal to ${most}`}`,
    );
  return found;
}
