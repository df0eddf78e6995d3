import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type InferenceProfile, parseInferenceProfile } from "./inference-profile.ts";
import {
  type Environment,
  type FoundSetting,
  type GivenContext,
  settingLookup,
  type SettingLookup,
  type SettingSources,
} from "./setting-sources.ts";
import { namesOf } from "../names.ts";
import { tokenGraceHours } from "./retired-settings.ts";
import { ConfigError, type Setting } from "./setting.ts";
import { SETTINGS_RULES } from "./settings-rules.ts";
import { type EnvironmentOverride, SETTINGS, type StageConfig, type StageSettings } from "./stage-config.ts";
import { DEFAULT_STAGE, isStage, settingsStage, type Stage, STAGES } from "./stage.ts";

/** What is given outside the stage's file. */
interface GivenSettings {
  readonly context: GivenContext;
  readonly environment: Environment;
}

/**
 * The configuration of the stage that `-c stage=` names, from its file in `directory` and what is given over
 * it.
 */
export function loadConfig(directory: string, given: GivenSettings): StageConfig {
  const stage = given.context.stage ?? DEFAULT_STAGE;
  if (!isStage(stage))
    throw new ConfigError(
      `unknown stage "${stage}": use one of ${STAGES.join(", ")}, as in -c stage=staging`,
    );
  const fileName = `.env.${settingsStage(stage)}`;
  return resolveConfig({
    stage,
    fileName,
    fileText: readStageFile(join(directory, fileName), fileName),
    ...given,
  });
}

function readStageFile(path: string, fileName: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigError(`cannot read ${fileName}: create it beside cdk.json, see docs/deploying.md`, {
      cause,
    });
  }
}

type SettingName = keyof StageSettings;

const ROWS = Object.entries(SETTINGS) as readonly [SettingName, Setting<unknown>][];

/**
 * Validates a stage's settings: `-c` over environment over earlier deploys over file over default, each
 * mistake named with its place.
 *
 * The configuration is that of the stage's first Region; {@link configInRegion} gives the others.
 */
export function resolveConfig(sources: SettingSources): StageConfig {
  const { stage, fileName } = sources;
  const { findAll, notices } = settingLookup(sources);
  const find = (name: SettingName): FoundSetting => strongestSource(SETTINGS[name], { findAll, fileName });
  const settings = Object.fromEntries(
    ROWS.map(([name, setting]) => [name, parseSetting(setting, find(name))]),
  ) as unknown as StageSettings;
  refuseByRules(settings, stage, find);
  const [region = settings.region, ...others] = settings.regions;
  const regions = [region, ...others];
  return configInRegion(
    {
      ...settings,
      stage,
      regions,
      notices,
      tokenParameterName: namesOf(stage).tokenParameter,
      tokenGraceHours: tokenGraceHours(settings.tokenRotationDays),
      ownInferenceProfile: Object.keys(settings.extraTags).length > 0,
      given: givenTexts(findAll, settings),
      environmentOverrides: environmentOverrides(findAll),
    },
    region,
  );
}

const NO_MODEL: InferenceProfile = { id: "", foundationModelId: "", destinationRegions: [] };

/** The configuration of the same stage in one of its Regions. */
export function configInRegion(config: Omit<StageConfig, "model" | "choices">, region: string): StageConfig {
  // Nothing here asks the model of somebody else's function.
  if (config.functionArn) return { ...config, region, model: NO_MODEL, choices: [] };
  const profile = (id: string): InferenceProfile => {
    const found = parseInferenceProfile(id, region);
    if ("refusal" in found) throw new ConfigError(found.refusal);
    return found;
  };
  return { ...config, region, model: profile(config.modelId), choices: config.modelChoices.map(profile) };
}

function refuseByRules(
  settings: StageSettings,
  stage: Stage,
  find: (name: SettingName) => FoundSetting,
): void {
  for (const rule of SETTINGS_RULES) {
    const refusal = rule.refusal(settings, { stage, from: (name) => find(name).from });
    if (refusal === undefined) continue;
    const places = rule.settings.map(
      (name) => `${find(name).place}: ${SETTINGS[name].key} is "${find(name).text}"`,
    );
    throw new ConfigError(`${places.join(" and ")}: ${refusal}`);
  }
}

interface LookupInputs {
  readonly findAll: SettingLookup;
  readonly fileName: string;
}

function strongestSource(setting: Setting<unknown>, { findAll, fileName }: LookupInputs): FoundSetting {
  const [found] = findAll(setting);
  if (found) return found;
  throw new ConfigError(`${fileName}: ${setting.key} is missing: ${setting.description}`);
}

function parseSetting<T>(setting: Setting<T>, found: FoundSetting): T {
  try {
    return setting.parse(found.text);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new ConfigError(`${found.place}: ${setting.key} is "${found.text}": ${cause.message}`, { cause });
  }
}

/** What later deploys are to find: what was said at a deploy and stands in no file. */
function givenTexts(
  findAll: SettingLookup,
  { functionArn }: StageSettings,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ROWS.flatMap(([name, setting]) => {
      const [first] = findAll(setting);
      if (first === undefined || !isRemembered(setting, first)) return [];
      // That of a watched function is none of the agent's.
      return functionArn && name === "timeoutSeconds" ? [] : [[setting.context, first.text]];
    }),
  );
}

function isRemembered({ remembered }: Setting<unknown>, { from }: FoundSetting): boolean {
  return remembered !== "never" && from !== "file" && from !== "default";
}

/** Settings that would be others without the environment. */
function environmentOverrides(findAll: SettingLookup): readonly EnvironmentOverride[] {
  return ROWS.flatMap(([name, setting]) => {
    const [first, second] = findAll(setting);
    if (first?.from !== "environment" || first.text === second?.text) return [];
    const instead = second ? `"${second.text}" (${second.place})` : "nothing";
    return [{ name, key: setting.key, text: first.text, instead }];
  });
}
