import { closest } from "./closest.ts";
import { ConfigError } from "../config-error.ts";
import { SETTINGS } from "../settings.ts";
import type { Setting } from "../settings/setting.ts";
import { parseStageFile, type FileEntry } from "./stage-file.ts";

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
export interface Found {
  readonly text: string;
  /** For messages: `-c lambdaTimeout`, `environment variable LAMBDA_TIMEOUT`, `.env.staging:4` or `default`. */
  readonly place: string;
  readonly from: "-c" | "environment" | "file" | "default";
}

/** Every place that gives a setting, the strongest first. */
export type FindAll = (setting: Setting<unknown>) => readonly Found[];

/** Looks settings up in all their places; a name that is no setting is refused before. */
export function settingPlaces(sources: SettingSources): FindAll {
  const entries = parseStageFile(sources.fileName, sources.fileText);
  refuseUnknownKeys(sources.fileName, entries);
  refuseUnknownContext(sources.context);
  return (setting) =>
    [
      given(setting, sources.context),
      exported(setting, sources.environment),
      written({ fileName: sources.fileName, entry: entries.get(setting.key) }),
      defaulted(setting),
    ].filter((found) => found !== undefined);
}

function given({ context: name }: Setting<unknown>, context: GivenContext): Found | undefined {
  const text = context[name];
  return text === undefined ? undefined : { text, place: `-c ${name}`, from: "-c" };
}

/** An empty variable is none: a CI system gives one for each value that nobody has set. */
function exported({ key, environment: read }: Setting<unknown>, environment: Environment): Found | undefined {
  const text = read === "ignored" ? "" : (environment[key] ?? "");
  return text === "" ? undefined : { text, place: `environment variable ${key}`, from: "environment" };
}

interface Line {
  readonly fileName: string;
  readonly entry: FileEntry | undefined;
}

function written({ fileName, entry }: Line): Found | undefined {
  return entry && { text: entry.value, place: `${fileName}:${entry.line}`, from: "file" };
}

function defaulted({ otherwise }: Setting<unknown>): Found | undefined {
  return otherwise === undefined ? undefined : { text: otherwise, place: "default", from: "default" };
}

function refuseUnknownKeys(fileName: string, entries: ReadonlyMap<string, FileEntry>): void {
  const known = Object.values<Setting<unknown>>(SETTINGS).map(({ key }) => key);
  for (const [key, { line }] of entries)
    if (!known.includes(key))
      throw new ConfigError(`${fileName}:${line}: unknown setting ${key}; ${meant(key, known)}`);
}

/** Context for the CDK and other tools has a colon, an at sign or a slash in its name. */
const LIKE_A_SETTING = /^\w+$/;

function refuseUnknownContext(context: GivenContext): void {
  const known = ["stage", ...Object.values<Setting<unknown>>(SETTINGS).map((setting) => setting.context)];
  for (const name of Object.keys(context).filter((given) => !known.includes(given)))
    if (LIKE_A_SETTING.test(name) || closest(name, known) !== undefined)
      throw new ConfigError(`-c ${name}: unknown setting; ${meant(name, known)}`);
}

function meant(name: string, known: readonly string[]): string {
  const near = closest(name, known);
  return near === undefined ? `known are ${known.join(", ")}` : `did you mean ${near}?`;
}
