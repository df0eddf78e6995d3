import type { StageSettings } from "./stage-config.ts";
import { AGENT_SETTINGS } from "./settings/agent-settings.ts";
import { ATTACHED_SETTINGS } from "./settings/attached-settings.ts";
import { DELIVERY_SETTINGS } from "./settings/delivery-settings.ts";
import { HOSTING_SETTINGS } from "./settings/hosting-settings.ts";
import { MONITORING_SETTINGS } from "./settings/monitoring-settings.ts";
import { RUN_TIME_SETTINGS } from "./settings/run-time-settings.ts";
import type { SettingsOf } from "./settings/setting.ts";

/** Every setting of a stage: the table that `-c`, environment, file and documentation are read against. */
export const SETTINGS: SettingsOf<StageSettings> = {
  ...AGENT_SETTINGS,
  ...HOSTING_SETTINGS,
  ...RUN_TIME_SETTINGS,
  ...MONITORING_SETTINGS,
  ...DELIVERY_SETTINGS,
  ...ATTACHED_SETTINGS,
};
