import type { Found } from "../places/setting-places.ts";
import type { StageSettings } from "../stage-config.ts";
import type { Stage } from "../stage.ts";

/** What a rule knows besides the values. */
export interface RuleInputs {
  readonly stage: Stage;
  /** Where a setting was given. */
  readonly from: (name: keyof StageSettings) => Found["from"];
}

/** What settings mean together that none of them says alone. */
export interface SettingsRule {
  /** The settings whose places a refusal names, the one to change first. */
  readonly settings: readonly (keyof StageSettings)[];
  /** Why they cannot be together, and what to do; `undefined` when they can. */
  readonly refusal: (settings: StageSettings, inputs: RuleInputs) => string | undefined;
}
