/** The stages that can be synthesised; each has its file `.env.<stage>`. */
export const STAGES = ["development", "staging", "production"] as const;

/** One of {@link STAGES}. */
export type Stage = (typeof STAGES)[number];

/** The stage of a synthesis that names none. */
export const DEFAULT_STAGE: Stage = "development";

/** Whether `text` names a stage. */
export function isStage(text: string): text is Stage {
  return (STAGES as readonly string[]).includes(text);
}
