import { parseArgs } from "node:util";
import { sourceFiles } from "../imports.ts";
import type { AreaTests } from "./plan.ts";

/**
 * The areas, and the tests that are asked. The tests of generated documents are not: they notice every change
 * of a text, and ask only that it is generated again.
 */
export const AREAS: Readonly<Record<string, AreaTests>> = {
  "lambda/agent": { folders: ["test/lambda"], without: [] },
  "lib/monitoring": {
    folders: ["test/lib", "test/alarms", "test/dashboards"],
    // They hold whole applications against AWS's schemas and rules, not an alarm against what it should say,
    // and take most of the time.
    without: [
      "test/lib/app.test.ts",
      "test/lib/cdk-nag.test.ts",
      "test/lib/cfn-lint.test.ts",
      "test/lib/pairwise/pairwise.test.ts",
      "test/lib/pairwise/registry-schemas.test.ts",
    ],
  },
  "packages/cloudwatch": { folders: ["test/packages/cloudwatch", "test/conformance"], without: [] },
};

/** Files that only make documents, of which test/docs holds every word. */
const DOCUMENT_MAKERS: ReadonlySet<string> = new Set(["lib/monitoring/alarm-docs.ts"]);

export const HELP = `usage: npm run mutation -- [--area NAME…] [--file PATH…] [--mutants N] [--seed N] [--json]

Changes the code in small ways, one at a time and in memory only, and says which of these mutants the tests do not notice.
Ctrl-C ends it with the result so far.

  --area NAME   ${Object.keys(AREAS).join(", ")}; each of them without it
  --file PATH   only mutants of this file, of its area
  --mutants N   how many mutants of an area are tried, chosen by chance (100)
  --seed N      which chance: the same number tries the same mutants (1)
  --json        one JSON object an area, with the mutants that survived

bench/mutation/equivalent.json lists mutants that change nothing that a test could notice, and why: they are not counted.
`;

/** What a run is asked for. */
export interface MutationOptions {
  /** The chosen files of each chosen area. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly count: number;
  readonly seed: number;
  readonly isJson: boolean;
}

/** Reads the words of the command line: what is wanted, "help", or what is wrong with them. */
export function readMutationOptions(words: readonly string[]): MutationOptions | string {
  const { values } = parseArgs({
    args: [...words],
    options: {
      area: { type: "string", multiple: true, default: Object.keys(AREAS) },
      file: { type: "string", multiple: true, default: [] },
      mutants: { type: "string", default: "100" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return "help";
  const [count, seed] = [Number(values.mutants), Number(values.seed)];
  if (!Number.isInteger(count) || count < 1)
    return `--mutants is a whole number from 1, not "${values.mutants}"`;
  if (!Number.isInteger(seed)) return `--seed is a whole number, not "${values.seed}"`;
  const files = chosenFiles(values.area, values.file);
  return typeof files === "string" ? files : { files, count, seed, isJson: values.json };
}

/** The chosen files of each chosen area, or why there are none. */
function chosenFiles(
  areas: readonly string[],
  files: readonly string[],
): ReadonlyMap<string, readonly string[]> | string {
  const wrongArea = areas.find((area) => !Object.hasOwn(AREAS, area));
  if (wrongArea !== undefined) return `no area "${wrongArea}"; there are: ${Object.keys(AREAS).join(", ")}`;
  const chosen = new Map<string, readonly string[]>();
  for (const area of areas) {
    const all = sourceFiles(area).filter((file) => !DOCUMENT_MAKERS.has(file));
    const inArea = all.filter((file) => files.length === 0 || files.includes(file));
    if (inArea.length > 0) chosen.set(area, inArea);
  }
  const wrongFile = files.find((file) => ![...chosen.values()].flat().includes(file));
  return wrongFile === undefined ? chosen : `no file "${wrongFile}" in ${areas.join(", ")}`;
}
