import {
  AGENT_SETTINGS,
  type AgentSettings,
  RUN_TIME_SETTINGS,
  type RunTimeSettings,
} from "./agent-settings.ts";
import {
  DELIVERY_SETTINGS,
  type DeliverySettings,
  HOSTING_SETTINGS,
  type HostingSettings,
} from "./deployment-settings.ts";
import type { InferenceProfile } from "./inference-profile.ts";
import {
  ATTACHED_SETTINGS,
  type AttachedSettings,
  MONITORING_SETTINGS,
  type MonitoringSettings,
} from "./monitoring-settings.ts";
import type { SettingsOf } from "./setting.ts";
import type { Stage } from "./stage.ts";

/** What can be set per stage; {@link SETTINGS} says how each is spelled. */
export interface StageSettings
  extends
    AgentSettings,
    HostingSettings,
    RunTimeSettings,
    MonitoringSettings,
    DeliverySettings,
    AttachedSettings {}

/** A setting whose value comes from the environment, over another one. */
export interface EnvironmentOverride {
  readonly name: keyof StageSettings;
  readonly key: string;
  readonly text: string;
  /** What would hold without it, and where that stands. */
  readonly instead: string;
}

/** Everything that synthesis knows of a stage, validated. */
export interface StageConfig extends StageSettings {
  readonly stage: Stage;
  /** The Region that this configuration is of. */
  readonly region: string;
  /** Every Region of the stage, the first one its own. */
  readonly regions: readonly string[];
  /** The model as it is called from the Region. */
  readonly model: InferenceProfile;
  /** Further models that may be chosen at run time. */
  readonly choices: readonly InferenceProfile[];
  /** SSM parameter (SecureString) that holds the token. */
  readonly tokenParameterName: string;
  /** Hours for which a replaced token still works. */
  readonly tokenGraceHours: number;
  /**
   * Whether the model is asked through a profile of the stage's own, whose tags, those of `EXTRA_TAGS`, tell
   * its cost apart on the bill.
   */
  readonly ownInferenceProfile: boolean;
  /** Texts of the settings that later deploys are to find, by their names after `-c`. */
  readonly given: Readonly<Record<string, string>>;
  /** Settings given under a name that has changed or gone, one sentence each. */
  readonly notices: readonly string[];
  /** Settings that the environment decides, for whoever forgot what is in their shell. */
  readonly environmentOverrides: readonly EnvironmentOverride[];
}

/** Every setting of a stage: the table that `-c`, environment, file and documentation are read against. */
export const SETTINGS: SettingsOf<StageSettings> = {
  ...AGENT_SETTINGS,
  ...HOSTING_SETTINGS,
  ...RUN_TIME_SETTINGS,
  ...MONITORING_SETTINGS,
  ...DELIVERY_SETTINGS,
  ...ATTACHED_SETTINGS,
};
