import { ConfigError } from "./config-error.ts";
import { inferenceProfile } from "./inference-profile.ts";
import { SETTINGS, type Setting } from "./settings.ts";
import type { StageConfig, StageSettings } from "./stage-config.ts";
import { parseStageFile } from "./stage-file.ts";
import type { Stage } from "./stage.ts";

/** Reads one value that was given with `-c name=value`; `undefined` when it was not. */
export type ReadContext = (name: string) => string | undefined;

/** Where settings of one stage come from. */
export interface ConfigSources {
  readonly stage: Stage;
  readonly fileName: string;
  readonly fileText: string;
  readonly context: ReadContext;
}

interface Found {
  readonly text: string;
  /** Where it stands, for messages: `.env.staging:4` or `-c lambdaTimeout`. */
  readonly place: string;
}

/** Validates the settings of a stage: context over file over default, each mistake named with its place. */
export function resolveConfig(sources: ConfigSources): StageConfig {
  const find = finder(sources);
  const settings = Object.fromEntries(
    Object.entries<Setting<unknown>>(SETTINGS).map(([name, setting]) => [name, read(setting, find(setting))]),
  ) as unknown as StageSettings;
  const place = (setting: Setting<unknown>) => `${find(setting).place}: ${setting.key} `;
  if (sources.stage === "production" && settings.logContent)
    throw new ConfigError(`${place(SETTINGS.logContent)}is true: production never logs dictated text`);
  const model = inferenceProfile(settings.modelId, settings.region);
  if ("refusal" in model)
    throw new ConfigError(`${place(SETTINGS.modelId)}"${settings.modelId}" ${model.refusal}`);
  return { ...settings, stage: sources.stage, model };
}

function finder(sources: ConfigSources): (setting: Setting<unknown>) => Found {
  const { fileName, fileText, context } = sources;
  const entries = parseStageFile(fileName, fileText);
  refuseUnknown(fileName, entries);
  return (setting) => {
    const given = context(setting.context);
    if (given !== undefined) return { text: given, place: `-c ${setting.context}` };
    const entry = entries.get(setting.key);
    if (entry) return { text: entry.value, place: `${fileName}:${entry.line}` };
    if (setting.otherwise !== undefined) return { text: setting.otherwise, place: "default" };
    throw new ConfigError(`${fileName}: ${setting.key} is missing: ${setting.meaning}`);
  };
}

function refuseUnknown(fileName: string, entries: ReturnType<typeof parseStageFile>): void {
  const known = Object.values<Setting<unknown>>(SETTINGS).map((setting) => setting.key);
  for (const [key, entry] of entries) {
    if (known.includes(key)) continue;
    throw new ConfigError(`${fileName}:${entry.line}: unknown setting ${key}; known are ${known.join(", ")}`);
  }
}

function read<T>(setting: Setting<T>, found: Found): T {
  try {
    return setting.parse(found.text);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new ConfigError(`${found.place}: ${setting.key} is "${found.text}": ${cause.message}`, { cause });
  }
}
