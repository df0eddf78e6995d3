/** The stages that can be synthesised; each has its file `.env.<stage>`. */
export const STAGES = ["development", "staging", "production"] as const;

/** A stage that lasts: one of {@link STAGES}. */
export type LastingStage = (typeof STAGES)[number];

/**
 * A stage that is there to be deployed, looked at and destroyed: `verify-` and up to twelve letters and
 * digits.
 */
export type VerifyStage = `verify-${string}`;

/** A stage that can be synthesised. */
export type Stage = LastingStage | VerifyStage;

/** The stage of a synthesis that names none. */
export const DEFAULT_STAGE: Stage = "development";

/** Whether `text` names a stage. */
export function isStage(text: string): text is Stage {
  return isLastingStage(text) || isVerifyStage(text);
}

/** Whether `text` names a stage that has a file of its own. */
export function isLastingStage(text: string): text is LastingStage {
  return (STAGES as readonly string[]).includes(text);
}

/** Whether `text` names a stage that is destroyed after it was looked at. */
export function isVerifyStage(text: string): text is VerifyStage {
  return /^verify-[a-z0-9]{1,12}$/.test(text);
}

/** The stage whose file has the settings of a stage: those of a {@link VerifyStage} are staging's. */
export function settingsStage(stage: Stage): LastingStage {
  return isLastingStage(stage) ? stage : "staging";
}
