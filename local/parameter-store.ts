import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { instantShape, listShape, objectShape, oneOfShape, optionalShape, textShape } from "./json.ts";
import { readOwnFile, replaceOwnFile } from "./own-file.ts";

/** A parameter of the Parameter Store. */
export interface Parameter {
  readonly region: string;
  readonly name: string;
  readonly type: ParameterType;
  readonly value: string;
  readonly version: number;
  /** Epoch milliseconds. */
  readonly modifiedMs: number;
  readonly description?: string;
  /** The key of a SecureString, where it is not SSM's own; nothing is sealed with it here. */
  readonly keyId?: string;
}

/** A parameter as it is put. */
export type NewParameter = Omit<Parameter, "version" | "modifiedMs">;

/** What a value is; a list is one text with commas. */
export const PARAMETER_TYPES = ["String", "StringList", "SecureString"] as const;

/** One of {@link PARAMETER_TYPES}. */
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** Where parameters are kept, each Region's apart. */
export interface Parameters {
  find(region: string, name: string): Parameter | undefined;
  /** In the order of their names. */
  list(region: string): readonly Parameter[];
  /** What a parameter was and is, oldest first; nothing of one that is not there. */
  versions(region: string, name: string): readonly Parameter[];
  /** Creates or replaces, and gives what is kept now. */
  put(parameter: NewParameter): Parameter;
  /** Whether there was one. */
  delete(region: string, name: string): boolean;
}

/** A parameter, and what the template that it belongs to said last. */
interface StoredParameter extends Parameter {
  /** Missing for one that the API made. */
  readonly template?: string;
  /** What it was before, oldest first; nothing when missing. */
  readonly earlier?: readonly EarlierVersion[];
}

/** One version of a parameter. */
type EarlierVersion = Omit<Parameter, "region" | "name">;

/** https://docs.aws.amazon.com/general/latest/gr/ssm.html#limits_ssm */
const MAX_VERSIONS = 100;

/** A parameter as a template says it. */
export type TemplateParameter = Pick<Parameter, "region" | "name" | "type" | "value">;

/** Whether two names mean one parameter: at the root the slash may be there or not. */
export function isSameName(one: string, other: string): boolean {
  return one === other || `/${one}` === other || one === `/${other}`;
}

/**
 * The Parameter Store in one file, which only its owner may read: tokens stand in it in clear, and nowhere
 * else but in the token file. It is replaced as a whole before `put` returns, so that `kill -9` leaves the
 * old file or the new one.
 */
export class ParameterStore implements Parameters {
  readonly #file: string;
  readonly #now: () => number;
  /** What of the file could not be read, for the user. */
  readonly notices: readonly string[];
  #kept: readonly StoredParameter[];

  constructor(file: string, now: () => number) {
    this.#file = file;
    this.#now = now;
    const { kept, notices } = readStoredParameters(file);
    this.#kept = kept;
    this.notices = notices;
  }

  find(region: string, name: string): Parameter | undefined {
    return this.#find(region, name);
  }

  list(region: string): readonly Parameter[] {
    return this.#kept.filter((kept) => kept.region === region).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  versions(region: string, name: string): readonly Parameter[] {
    const parameter = this.#find(region, name);
    if (parameter === undefined) return [];
    const { earlier = [] } = parameter;
    return [...earlier.map((version) => ({ ...version, region, name: parameter.name })), parameter];
  }

  put(parameter: NewParameter): Parameter {
    const { region, name } = parameter;
    const before = this.#find(region, name);
    const version = (before?.version ?? 0) + 1;
    const own = { name: before?.name ?? name, version, modifiedMs: this.#now() };
    const earlier = before === undefined ? {} : { earlier: earlierVersions(before) };
    const kept: StoredParameter = { ...before, ...parameter, ...own, ...earlier };
    this.#write([...this.#others(region, name), kept]);
    return kept;
  }

  delete(region: string, name: string): boolean {
    if (this.#find(region, name) === undefined) return false;
    this.#write(this.#others(region, name));
    return true;
  }

  /** Puts what the templates say again, as a deployment would: a value that the API changed since stays. */
  deploy(templates: readonly TemplateParameter[]): void {
    const named = (kept: StoredParameter): boolean =>
      templates.some(({ region, name }) => region === kept.region && isSameName(name, kept.name));
    if (this.#kept.some((kept) => kept.template !== undefined && !named(kept)))
      this.#write(this.#kept.filter((kept) => kept.template === undefined || named(kept)));
    for (const parameter of templates) {
      const { region, name, value } = parameter;
      if (this.#find(region, name)?.template === value) continue;
      const kept = { ...this.put(parameter), template: value };
      this.#write([...this.#others(region, name), kept]);
    }
  }

  #find(region: string, name: string): StoredParameter | undefined {
    return this.#kept.find((kept) => kept.region === region && isSameName(kept.name, name));
  }

  #others(region: string, name: string): readonly StoredParameter[] {
    return this.#kept.filter((kept) => kept.region !== region || !isSameName(kept.name, name));
  }

  #write(kept: readonly StoredParameter[]): void {
    replaceOwnFile(this.#file, `${JSON.stringify({ parameters: kept }, undefined, 1)}\n`);
    this.#kept = kept;
  }
}

/** All that there was before the next version, as many as AWS keeps. */
function earlierVersions(before: StoredParameter): readonly EarlierVersion[] {
  const { region: _region, name: _name, template: _template, earlier = [], ...version } = before;
  return [...earlier, version].slice(1 - MAX_VERSIONS);
}

const VERSION = {
  type: oneOfShape(PARAMETER_TYPES),
  value: textShape,
  version: (version: unknown) => Number.isInteger(version) && Number(version) > 0,
  modifiedMs: instantShape,
  description: optionalShape(textShape),
  keyId: optionalShape(textShape),
};

const STORED = objectShape({
  ...VERSION,
  region: textShape,
  name: textShape,
  template: optionalShape(textShape),
  earlier: optionalShape(listShape(objectShape(VERSION))),
});

interface ReadParameters {
  readonly kept: readonly StoredParameter[];
  readonly notices: readonly string[];
}

/** What is no parameter is set aside with the file as it was, so that nothing is lost. */
function readStoredParameters(file: string): ReadParameters {
  const content = readOwnFile(file) ?? "";
  if (content === "") return { kept: [], notices: [] };
  const all = parseJsonObject(content)?.parameters;
  const kept = (Array.isArray(all) ? all : []).filter((item): item is StoredParameter => STORED(item));
  const isWhole = Array.isArray(all) && kept.length === all.length;
  if (isWhole) return { kept, notices: [] };
  const aside = `${file}.unreadable`;
  replaceOwnFile(aside, content);
  replaceOwnFile(file, `${JSON.stringify({ parameters: kept }, undefined, 1)}\n`);
  const bad = Array.isArray(all) ? `${all.length - kept.length} parameter(s)` : "the file";
  return { kept, notices: [`${file}: ${bad} could not be read and can be found in ${aside} now`] };
}
