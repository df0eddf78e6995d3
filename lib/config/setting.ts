/**
 * A mistake in the configuration that its author can fix; the message says what was found and what to write.
 */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** How one setting is spelled, read and defaulted. */
export interface Setting<T> {
  /** Name in `.env.<stage>` and in the environment. */
  readonly key: string;
  /** Name after `-c`; wins over environment and file. */
  readonly context: string;
  readonly parse: SettingParser<T>;
  /** Text used when the setting is given nowhere; required when missing. */
  readonly defaultText?: string;
  /** `ignored` where a variable of that name means something else to other programs; read when missing. */
  readonly environment?: "ignored";
  /** What it does, in one sentence. */
  readonly description: string;
  /** Why it is a setting and not fixed, in half a sentence. */
  readonly why: string;
  /** The names that it had in the last release: still read, with a notice. */
  readonly formerly?: { readonly key: string; readonly context: string };
  /**
   * Whether a value that was given with `-c`, or in the environment, holds for later deploys too: `never`
   * where it says which stack is meant; always when missing.
   */
  readonly remembered?: "never";
}

/** One row for each value of a group of settings. */
export type SettingsOf<Values> = { readonly [Name in keyof Values]: Setting<Values[Name]> };

/**
 * Turns the text of a setting into its value, or throws a {@link ConfigError} that says what was expected.
 */
type SettingParser<T> = (text: string) => T;

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number): SettingParser<number> {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new ConfigError(`expected a whole number from ${min} to ${max}`);
  };
}

/** A positive number, fractions allowed. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new ConfigError("expected a number above 0");
}

/** A percentage that leaves something over, fractions allowed. */
export function percentBelow100(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0 && value < 100) return value;
  throw new ConfigError("expected a number above 0 and below 100");
}

/** One word of a list. */
export function oneOf<T extends string>(...words: readonly T[]): SettingParser<T> {
  return (text) => {
    const word = words.find((candidate) => candidate === text);
    if (word !== undefined) return word;
    throw new ConfigError(`expected one of ${words.join(", ")}`);
  };
}

/** One number of a list. */
export function oneNumberOf<T extends number>(...numbers: readonly T[]): SettingParser<T> {
  return (text) => {
    const value = numbers.find((candidate) => String(candidate) === text);
    if (value !== undefined) return value;
    throw new ConfigError(`expected one of ${numbers.join(", ")}`);
  };
}

/** `true` or `false`. */
export function trueOrFalse(text: string): boolean {
  return oneOf("true", "false")(text) === "true";
}

/** Text of a given shape. */
export function textMatching(shape: RegExp, expected: string): SettingParser<string> {
  return (text) => {
    if (shape.test(text)) return text;
    throw new ConfigError(`expected ${expected}`);
  };
}

/** Name of an AWS Region. */
export const regionName = textMatching(/^[a-z]{2}(-[a-z]+)+-\d$/, "a Region such as us-west-2");

/** Names of Regions, separated by commas, each once; none for empty text. */
export function regionNames(text: string): readonly string[] {
  if (text.trim() === "") return [];
  const names = text.split(",").map((name) => regionName(name.trim()));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigError(`expected each Region once, and ${twice} is there twice`);
  return names;
}

/** Words of a given shape, separated by commas; none for empty text, and each once. */
export function listOf(shape: RegExp, expected: string): SettingParser<readonly string[]> {
  return (text) => {
    const words = text
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "");
    if (words.every((word) => shape.test(word))) return [...new Set(words)];
    throw new ConfigError(`expected ${expected}`);
  };
}

/** An IANA time zone that this runtime knows. */
export function ianaTimeZone(text: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
  } catch (cause) {
    throw new ConfigError("expected an IANA time zone such as America/Los_Angeles", { cause });
  }
}

const ADDRESS = /^[^\s@,]+@[^\s@,.]+(\.[^\s@,.]+)+$/;

/**
 * A budget's notification takes no more:
 * https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-best-practices.html
 */
const MAX_ADDRESSES = 10;

/** E-mail addresses, separated by commas; none for empty text. */
export function emailAddresses(text: string): readonly string[] {
  const list = text.split(",").map((address) => address.trim());
  if (text.trim() === "") return [];
  const wrong = list.find((address) => !ADDRESS.test(address));
  if (wrong !== undefined)
    throw new ConfigError(`"${wrong}" is not an e-mail address; separate several by commas`);
  if (list.length > MAX_ADDRESSES) throw new ConfigError(`expected at most ${MAX_ADDRESSES} addresses`);
  return [...new Set(list)];
}

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const TAG = /^([\p{L}\p{N}_.:/+@-][\p{L}\p{N}\s_.:/+@-]{0,127})=([\p{L}\p{N}\s_.:/+@=-]{0,256})$/u;

/** Tags that the app itself sets. */
const OWN_TAGS: readonly string[] = ["project", "stage"];

/** Resources take 50 tags at most; two are the app's own, and CloudFormation adds three. */
const MAX_TAGS = 40;

/** Tags as `key=value`, separated by commas; none for empty text. */
export function tagPairs(text: string): Readonly<Record<string, string>> {
  if (text.trim() === "") return {};
  const pairs = text.split(",").map((pair) => tagIn(pair.trim()));
  const keys = pairs.map(([key]) => key);
  const twice = keys.find((key, at) => keys.indexOf(key) !== at);
  if (twice !== undefined) throw new ConfigError(`the tag "${twice}" is there twice`);
  if (pairs.length > MAX_TAGS) throw new ConfigError(`expected at most ${MAX_TAGS} tags`);
  return Object.fromEntries(pairs);
}

function tagIn(pair: string): readonly [key: string, value: string] {
  const [, key, value] = TAG.exec(pair) ?? [];
  if (key === undefined || value === undefined)
    throw new ConfigError(`"${pair}" is not key=value; separate several tags by commas`);
  if (OWN_TAGS.includes(key)) throw new ConfigError(`the tag "${key}" is set by the app itself`);
  if (/^aws:/i.test(key)) throw new ConfigError(`"${key}": keys that start with aws: belong to AWS`);
  return [key, value];
}
