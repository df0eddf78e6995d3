import { ConfigError } from "./config-error.ts";
import { inferenceProfile, type InferenceProfile } from "./inference-profile.ts";
import { SETTINGS_RULES } from "./rules/settings-rules.ts";
import { settingPlaces, type FindAll, type Found, type SettingSources } from "./places/setting-places.ts";
import { SETTINGS } from "./settings.ts";
import type { Setting } from "./settings/setting.ts";
import type { FromEnvironment, StageConfig, StageSettings } from "./stage-config.ts";
import type { Stage } from "./stage.ts";

/** Where the settings of one stage come from. */
export interface ConfigSources extends SettingSources {
  readonly stage: Stage;
}

type SettingName = keyof StageSettings;

const ROWS = Object.entries(SETTINGS) as readonly [SettingName, Setting<unknown>][];

/**
 * Validates a stage's settings: `-c` over environment over file over default, each mistake named with its place.
 *
 * The configuration is that of the stage's first Region; {@link configIn} gives the others.
 */
export function resolveConfig(sources: ConfigSources): StageConfig {
  const { stage, fileName } = sources;
  const findAll = settingPlaces(sources);
  const find = (name: SettingName): Found => strongest(SETTINGS[name], { findAll, fileName });
  const settings = Object.fromEntries(
    ROWS.map(([name, setting]) => [name, parsed(setting, find(name))]),
  ) as unknown as StageSettings;
  refuseByRules(settings, stage, find);
  const [region = settings.region, ...others] = settings.regions;
  const regions = [region, ...others];
  // Every threshold that follows the timeout then follows that of the function that is watched.
  const timeoutSeconds = settings.functionTimeoutSeconds ?? settings.timeoutSeconds;
  return configIn(
    { ...settings, timeoutSeconds, stage, regions, fromEnvironment: fromEnvironment(findAll) },
    region,
  );
}

const NO_MODEL: InferenceProfile = { id: "", foundationModelId: "", destinationRegions: [] };

/** The configuration of the same stage in one of its Regions. */
export function configIn(config: Omit<StageConfig, "model" | "choices">, region: string): StageConfig {
  // Nothing here asks the model of somebody else's function.
  if (config.functionArn) return { ...config, region, model: NO_MODEL, choices: [] };
  const profile = (id: string): InferenceProfile => {
    const found = inferenceProfile(id, region);
    if ("refusal" in found) throw new ConfigError(found.refusal);
    return found;
  };
  return { ...config, region, model: profile(config.modelId), choices: config.modelChoices.map(profile) };
}

function refuseByRules(settings: StageSettings, stage: Stage, find: (name: SettingName) => Found): void {
  for (const rule of SETTINGS_RULES) {
    const refusal = rule.refusal(settings, { stage, from: (name) => find(name).from });
    if (refusal === undefined) continue;
    const places = rule.settings.map(
      (name) => `${find(name).place}: ${SETTINGS[name].key} is "${find(name).text}"`,
    );
    throw new ConfigError(`${places.join(" and ")}: ${refusal}`);
  }
}

interface Places {
  readonly findAll: FindAll;
  readonly fileName: string;
}

function strongest(setting: Setting<unknown>, { findAll, fileName }: Places): Found {
  const [found] = findAll(setting);
  if (found) return found;
  throw new ConfigError(`${fileName}: ${setting.key} is missing: ${setting.meaning}`);
}

function parsed<T>(setting: Setting<T>, found: Found): T {
  try {
    return setting.parse(found.text);
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new ConfigError(`${found.place}: ${setting.key} is "${found.text}": ${cause.message}`, { cause });
  }
}

/** Settings that would be others without the environment. */
function fromEnvironment(findAll: FindAll): readonly FromEnvironment[] {
  return ROWS.flatMap(([name, setting]) => {
    const [first, second] = findAll(setting);
    if (first?.from !== "environment" || first.text === second?.text) return [];
    const instead = second ? `"${second.text}" (${second.place})` : "nothing";
    return [{ name, key: setting.key, text: first.text, instead }];
  });
}
