import { ConfigError, type Setting } from "./setting.ts";
import { SETTINGS } from "./stage-config.ts";

/** What was given with `-c name=value`, by name. */
export type GivenContext = Readonly<Record<string, string>>;

/** Variables of the shell, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the settings of one stage are given, the strongest first. */
export interface SettingSources {
  readonly context: GivenContext;
  readonly environment: Environment;
  readonly fileName: string;
  readonly fileText: string;
}

/** The text of a setting and where it stands. */
export interface FoundSetting {
  readonly text: string;
  /** For messages: `-c lambdaTimeout`, `environment variable LAMBDA_TIMEOUT`, `.env.staging:4` or `default`. */
  readonly place: string;
  readonly from: "-c" | "environment" | "file" | "default";
}

/** Every place that gives a setting, the strongest first. */
export type SettingLookup = (setting: Setting<unknown>) => readonly FoundSetting[];

/** Looks settings up in all their places; a name that is no setting is refused before. */
export function settingLookup(sources: SettingSources): SettingLookup {
  const entries = parseStageFile(sources.fileName, sources.fileText);
  refuseUnknownKeys(sources.fileName, entries);
  refuseUnknownContext(sources.context);
  return (setting) =>
    [
      fromContext(setting, sources.context),
      fromEnvironment(setting, sources.environment),
      fromFile({ fileName: sources.fileName, entry: entries.get(setting.key) }),
      fromDefault(setting),
    ].filter((found) => found !== undefined);
}

function fromContext({ context: name }: Setting<unknown>, context: GivenContext): FoundSetting | undefined {
  const text = context[name];
  return text === undefined ? undefined : { text, place: `-c ${name}`, from: "-c" };
}

/** An empty variable is none: a CI system gives one for each value that nobody has set. */
function fromEnvironment(
  { key, environment: read }: Setting<unknown>,
  environment: Environment,
): FoundSetting | undefined {
  const text = read === "ignored" ? "" : (environment[key] ?? "");
  return text === "" ? undefined : { text, place: `environment variable ${key}`, from: "environment" };
}

interface FileLine {
  readonly fileName: string;
  readonly entry: FileEntry | undefined;
}

function fromFile({ fileName, entry }: FileLine): FoundSetting | undefined {
  return entry && { text: entry.value, place: `${fileName}:${entry.line}`, from: "file" };
}

function fromDefault({ defaultText }: Setting<unknown>): FoundSetting | undefined {
  return defaultText === undefined ? undefined : { text: defaultText, place: "default", from: "default" };
}

function refuseUnknownKeys(fileName: string, entries: ReadonlyMap<string, FileEntry>): void {
  const known = Object.values<Setting<unknown>>(SETTINGS).map(({ key }) => key);
  for (const [key, { line }] of entries)
    if (!known.includes(key))
      throw new ConfigError(`${fileName}:${line}: unknown setting ${key}; ${suggestion(key, known)}`);
}

/** Context for the CDK and other tools has a colon, an at sign or a slash in its name. */
const LIKE_A_SETTING = /^\w+$/;

function refuseUnknownContext(context: GivenContext): void {
  const known = ["stage", ...Object.values<Setting<unknown>>(SETTINGS).map((setting) => setting.context)];
  for (const name of Object.keys(context).filter((given) => !known.includes(given)))
    if (LIKE_A_SETTING.test(name) || closestName(name, known) !== undefined)
      throw new ConfigError(`-c ${name}: unknown setting; ${suggestion(name, known)}`);
}

function suggestion(name: string, known: readonly string[]): string {
  const near = closestName(name, known);
  return near === undefined ? `known are ${known.join(", ")}` : `did you mean ${near}?`;
}

/** One `KEY=value` of a stage file and where it stands. */
interface FileEntry {
  readonly value: string;
  readonly line: number;
}

const ASSIGNMENT = /^([A-Z][A-Z0-9_]*)=(.*)$/;

/** Reads the lines of a stage file: `KEY=value`, `#` comments, optional quotes around a value. */
function parseStageFile(fileName: string, text: string): ReadonlyMap<string, FileEntry> {
  const entries = new Map<string, FileEntry>();
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = index + 1;
    const content = raw.trim();
    if (content === "" || content.startsWith("#")) return;
    const [, key, value] = ASSIGNMENT.exec(content) ?? [];
    if (key === undefined || value === undefined)
      throw new ConfigError(`${fileName}:${line}: "${content}" is not KEY=value; comments start with #`);
    const earlier = entries.get(key);
    if (earlier) throw new ConfigError(`${fileName}:${line}: ${key} is already set in line ${earlier.line}`);
    entries.set(key, { value: unquote(withoutComment(value)), line });
  });
  return entries;
}

function withoutComment(value: string): string {
  return /^(["']).*\1/.test(value) ? value : value.replace(/(^|\s)#.*$/, "").trim();
}

function unquote(value: string): string {
  return /^(["'])(.*)\1/.exec(value)?.[2] ?? value;
}

/** Letters that a typing mistake gets wrong at most. */
const MAX_WRONG_LETTERS = 3;

/** The candidate that `text` is most likely meant to be; none when nothing is near. Case and `_` do not count. */
function closestName(text: string, candidates: readonly string[]): string | undefined {
  const most = Math.min(MAX_WRONG_LETTERS, text.length / 3);
  const given = normalised(text);
  const [best] = candidates
    .map((candidate) => ({ candidate, meant: normalised(candidate) }))
    // Each letter more or less is one wrong: CDK's long flags need no closer look, and there are a hundred.
    .filter(({ meant }) => Math.abs(meant.length - given.length) <= most)
    .map(({ candidate, meant }) => ({ candidate, wrong: editDistance(given, meant) }))
    .sort((one, other) => one.wrong - other.wrong);
  return best && best.wrong <= most ? best.candidate : undefined;
}

function normalised(text: string): string {
  return text.toLowerCase().replace(/[-_]/g, "");
}

/** Letters to insert, drop or change until one text is the other (Levenshtein). */
function editDistance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of one.split("").entries()) {
    const next = [index + 1];
    for (const [at, against] of other.split("").entries()) {
      const changed = (row[at] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
