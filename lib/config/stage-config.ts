import type { InferenceProfile } from "./inference-profile.ts";
import type { AgentSettings } from "./settings/agent-settings.ts";
import type { AttachedSettings } from "./settings/attached-settings.ts";
import type { DeliverySettings } from "./settings/delivery-settings.ts";
import type { HostingSettings } from "./settings/hosting-settings.ts";
import type { MonitoringSettings } from "./settings/monitoring-settings.ts";
import type { RunTimeSettings } from "./settings/run-time-settings.ts";
import type { Stage } from "./stage.ts";

/** What can be set per stage; `lib/config/settings.ts` says how each is spelled. */
export interface StageSettings
  extends
    AgentSettings,
    HostingSettings,
    RunTimeSettings,
    MonitoringSettings,
    DeliverySettings,
    AttachedSettings {}

/** A setting whose value comes from the environment, over another one. */
export interface FromEnvironment {
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
  /** Settings that the environment decides, for whoever forgot what is in their shell. */
  readonly fromEnvironment: readonly FromEnvironment[];
}
