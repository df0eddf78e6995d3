import { wilsonInterval } from "../../local/rehearsal/statistics.ts";
import type { Tried, Verdict } from "./measure.ts";
import type { Mutant } from "./mutants.ts";

/** A mutant that no test can notice, known by its line, and why. */
export interface Equivalent {
  readonly file: string;
  /** The whole line, without the space around it. */
  readonly line: string;
  readonly before: string;
  readonly after: string;
  readonly why: string;
}

/** What the tests of an area noticed. */
export interface AreaResult {
  readonly area: string;
  readonly seed: number;
  /** How many mutants the area has. */
  readonly mutants: number;
  /** How many were left out because the compiler refuses them. */
  readonly refused: number;
  /** How many were tried. */
  readonly tried: number;
  /** How many of these are known to change nothing that a test could notice. */
  readonly equivalent: number;
  /** How many were noticed; some because the tests never ended or the process died. */
  readonly noticed: number;
  readonly neverEnding: number;
  readonly died: number;
  /** Noticed of what is not equivalent, with its 95 % interval. */
  readonly score: number;
  readonly low: number;
  readonly high: number;
  readonly survivors: readonly Tried[];
}

/** What is known of an area before its mutants are tried. */
export type AreaSample = Pick<AreaResult, "area" | "seed" | "mutants" | "refused">;

/** Counts what was tried; a mutant that is known as equivalent counts as one only if it survives. */
export function areaResult(
  sample: AreaSample,
  tried: readonly Tried[],
  isEquivalent: (mutant: Mutant) => boolean,
): AreaResult {
  const alive = tried.filter(({ verdict }) => verdict === "survives" || verdict === "no test reaches it");
  const survivors = alive.filter(({ mutant }) => !isEquivalent(mutant));
  const noticed = tried.length - alive.length;
  const count = (wanted: Verdict): number => tried.filter(({ verdict }) => verdict === wanted).length;
  const counted = noticed + survivors.length;
  return {
    ...sample,
    tried: tried.length,
    equivalent: alive.length - survivors.length,
    noticed,
    neverEnding: count("never ends"),
    died: count("dies"),
    score: counted === 0 ? 0 : noticed / counted,
    ...wilsonInterval(noticed, counted),
    survivors,
  };
}

/** Whether a mutant is in the list; `textOf` reads a file. */
export function equivalence(
  known: readonly Equivalent[],
  textOf: (file: string) => string,
): (mutant: Mutant) => boolean {
  return ({ file, line, before, after }) =>
    known.some(
      (each) =>
        each.file === file &&
        each.before === before &&
        each.after === after &&
        each.line === textOf(file).split("\n")[line - 1]?.trim(),
    );
}

/** One line for an area. */
export function resultLine(result: AreaResult): string {
  const percent = (share: number): string => (share * 100).toFixed(0);
  const asides = [
    [result.neverEnding, "never ended"],
    [result.died, "ended the process"],
    [result.equivalent, "equivalent left out"],
    [result.refused, "that do not compile left out"],
  ].flatMap(([count, text]) => (count === 0 ? [] : [`${count} ${text}`]));
  return (
    `${result.area}: ${result.noticed} of ${result.tried - result.equivalent} noticed` +
    `${asides.length === 0 ? "" : ` (${asides.join(", ")})`}, ${percent(result.score)} % ` +
    `(95 % interval ${percent(result.low)} to ${percent(result.high)} %), of ${result.mutants} mutants`
  );
}

/** One line for a mutant that survived. */
export function survivorLine({ mutant, verdict }: Tried): string {
  const short = (text: string): string => text.replaceAll(/\s+/g, " ").slice(0, 60);
  const { file, line, before, after } = mutant;
  const how = verdict === "survives" ? "survives" : "survives, no test reaches it";
  return `  ${how}: ${file}:${line}  ${short(before)}  ->  ${after === ";" ? "(left out)" : short(after)}`;
}
