import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { REMEMBERED_CONTEXT } from "../names.ts";
import { isRetired, retiredNotice } from "./retired-settings.ts";
import { ConfigError, type Setting } from "./setting.ts";
import { SETTINGS } from "./stage-config.ts";
import type { Stage } from "./stage.ts";

/** What was given with `-c name=value`, by name. */
export type GivenContext = Readonly<Record<string, string>>;

/** Variables of the shell, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the settings of one stage are given, the strongest first. */
export interface SettingSources {
  readonly stage: Stage;
  readonly context: GivenContext;
  readonly environment: Environment;
  readonly fileName: string;
  readonly fileText: string;
}

/** The text of a setting and where it stands. */
export interface FoundSetting {
  readonly text: string;
  /**
   * For messages: `-c lambdaTimeout`, `environment variable LAMBDA_TIMEOUT`, `.env.staging:4` or `default`.
   */
  readonly place: string;
  readonly from: "-c" | "environment" | "earlier deploy" | "file" | "default";
}

/** Every place that gives a setting, the strongest first. */
export type SettingLookup = (setting: Setting<unknown>) => readonly FoundSetting[];

/** Settings as they were found, and notices about names that have changed or gone. */
export interface FoundSettings {
  readonly findAll: SettingLookup;
  readonly notices: readonly string[];
}

/** Looks settings up in all their places; a name that is no setting is refused before. */
export function settingLookup(sources: SettingSources): FoundSettings {
  const entries = parseStageFile(sources.fileName, sources.fileText);
  refuseUnknownKeys(sources.fileName, entries);
  refuseUnknownContext(sources.context);
  const notices = new Set(retiredNotices(sources, entries));
  const remembered = rememberedTexts(sources.context);
  const findAll: SettingLookup = (setting) =>
    [setting, ...(setting.formerly ? [{ ...setting, ...setting.formerly }] : [])].flatMap((named, at) => {
      const found = [
        fromContext(named, sources.context),
        fromEnvironment(named, sources.environment),
        fromEarlierDeploy(named, remembered),
        fromFile({ fileName: sources.fileName, entry: entries.get(named.key) }),
        at === 0 ? fromDefault(named) : undefined,
      ].filter((each) => each !== undefined);
      if (at > 0) for (const each of found) notices.add(formerNameNotice(setting, each));
      return found;
    });
  const findByStrength: SettingLookup = (setting) =>
    [...findAll(setting)].sort((one, other) => STRENGTH.indexOf(one.from) - STRENGTH.indexOf(other.from));
  for (const setting of Object.values<Setting<unknown>>(SETTINGS)) findAll(setting);
  return { findAll: findByStrength, notices: [...notices] };
}

const STRENGTH: readonly FoundSetting["from"][] = ["-c", "environment", "earlier deploy", "file", "default"];

function formerNameNotice({ key, context }: Setting<unknown>, { from, place }: FoundSetting): string {
  const name = from === "-c" || from === "earlier deploy" ? context : key;
  return `${place}: this name is read for one more release: write ${name}`;
}

function retiredNotices(
  { stage, fileName, context }: SettingSources,
  entries: ReadonlyMap<string, FileEntry>,
): readonly string[] {
  const inFile = [...entries].map(([name, { value, line }]) => ({
    name,
    text: value,
    place: `${fileName}:${line}`,
  }));
  const given = Object.entries(context).map(([name, text]) => ({ name, text, place: `-c ${name}` }));
  return [...inFile, ...given]
    .filter(({ name }) => isRetired(name))
    .map((value) => retiredNotice(value, stage));
}

/** What the context says of earlier deploys; written by `deploy` alone. */
function rememberedTexts(context: GivenContext): GivenContext {
  const parsed: unknown = JSON.parse(context[REMEMBERED_CONTEXT] ?? "{}");
  if (!isJsonObject(parsed)) return {};
  return Object.fromEntries(
    Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function fromEarlierDeploy(
  { context: name, remembered }: Setting<unknown>,
  texts: GivenContext,
): FoundSetting | undefined {
  const text = remembered === "never" ? undefined : texts[name];
  return text === undefined
    ? undefined
    : { text, place: `${name} of an earlier deploy`, from: "earlier deploy" };
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
  const settings = Object.values<Setting<unknown>>(SETTINGS);
  const known = settings.map(({ key }) => key);
  const former = settings.flatMap(({ formerly }) => (formerly ? [formerly.key] : []));
  for (const [key, { line }] of entries)
    if (![...known, ...former].includes(key) && !isRetired(key))
      throw new ConfigError(`${fileName}:${line}: unknown setting ${key}; ${suggestion(key, known)}`);
}

/** Context for the CDK and other tools has a colon, an at sign or a slash in its name. */
const LIKE_A_SETTING = /^\w+$/;

function refuseUnknownContext(context: GivenContext): void {
  const settings = Object.values<Setting<unknown>>(SETTINGS);
  const known = ["stage", ...settings.map((setting) => setting.context)];
  const former = settings.flatMap(({ formerly }) => (formerly ? [formerly.context] : []));
  const isRead = (name: string): boolean => [...known, ...former].includes(name) || isRetired(name);
  for (const name of Object.keys(context).filter((given) => !isRead(given)))
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

/**
 * The candidate that `text` is most likely meant to be; none when nothing is near. Case and `_` do not count.
 */
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
