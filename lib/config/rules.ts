import type { StageSettings } from "./stage-config.ts";
import type { Stage } from "./stage.ts";

/** What settings mean together that none of them says alone. */
export interface SettingsRule {
  /** The settings whose places a refusal names, the one to change first. */
  readonly settings: readonly (keyof StageSettings)[];
  /** Why they cannot be together, and what to do; `undefined` when they can. */
  readonly refusal: (settings: StageSettings, stage: Stage) => string | undefined;
}

/** Values that are each valid and yet impossible together, or in a stage: synthesis refuses them by name. */
export const SETTINGS_RULES: readonly SettingsRule[] = [
  {
    settings: ["logContent"],
    refusal: ({ logContent }, stage) =>
      stage === "production" && logContent ? "production never logs dictated text" : undefined,
  },
];
