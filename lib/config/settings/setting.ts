import type { Parse } from "./values.ts";

/** How one setting is spelled, read and defaulted. */
export interface Setting<T> {
  /** Name in `.env.<stage>` and in the environment. */
  readonly key: string;
  /** Name after `-c`; wins over environment and file. */
  readonly context: string;
  readonly parse: Parse<T>;
  /** Text used when the setting is given nowhere; required when missing. */
  readonly otherwise?: string;
  /** `ignored` where a variable of that name tells other programs something else; read when missing. */
  readonly environment?: "ignored";
  /** What it does, in one sentence. */
  readonly meaning: string;
}

/** One row for each value of a group of settings. */
export type SettingsOf<Values> = { readonly [Name in keyof Values]: Setting<Values[Name]> };
