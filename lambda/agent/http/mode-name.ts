import { DEFAULT_MODE, MODES, type Mode } from "../../contract/request.ts";

/** A mode as the caller spelled it, or the tolerant reading of it. */
export interface ModeName {
  readonly mode: Mode;
  /** True when the spelling was not one of {@link MODES}. */
  readonly isTolerated: boolean;
}

/**
 * Reads a mode; hand-built Shortcuts send their menu label, such as `Deep Think` or one with an emoji.
 *
 * Missing, `null` or empty is the default mode; `undefined` comes back when nothing fits.
 */
export function modeNamed(value: unknown): ModeName | undefined {
  if (value === undefined || value === null || value === "")
    return { mode: DEFAULT_MODE, isTolerated: false };
  if (typeof value !== "string") return undefined;
  const exact = MODES.find((mode) => mode === value);
  if (exact !== undefined) return { mode: exact, isTolerated: false };
  const letters = value.toLowerCase().replace(/[^\p{L}]/gu, "");
  const mode = MODES.find((name) => name === letters);
  return mode === undefined ? undefined : { mode, isTolerated: true };
}
