import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { buildSync, type OutputFile } from "esbuild";

const PROJECT = join(import.meta.dirname, "..");

/** One function's code as it is deployed, and what leads from it back to the source. */
export interface FunctionBundle {
  /**
   * The function and the hash of its code, `agent-0123456789ab.cjs`: frames of a logged stack carry it, so
   * that a stack is never read by the map of another build.
   */
  readonly name: string;
  readonly code: Uint8Array;
  /** Source map; its sources are paths below the project's folder. Not deployed. */
  readonly sourceMap: Uint8Array;
}

/** Folder beside the assets of an assembly that keeps each bundle's source map, `<name>.map`. */
export const SOURCE_MAPS_FOLDER = "source-maps";

let bundled: ReadonlyMap<string, FunctionBundle> | undefined;

/**
 * Every function, by its folder below `lambda/`, bundled with esbuild on this machine: together, so that the
 * SDK that they share is read once. The same sources give the same bytes on every machine.
 */
export function functionBundles(): ReadonlyMap<string, FunctionBundle> {
  bundled ??= buildBundles();
  return bundled;
}

/** The bundle of the function in this folder below `lambda/`. */
export function functionBundle(folder: string): FunctionBundle {
  const bundle = functionBundles().get(folder);
  if (bundle === undefined)
    throw new Error(`lambda/${folder}/handler.ts is not there; there are ${functionFolders().join(", ")}`);
  return bundle;
}

function buildBundles(): ReadonlyMap<string, FunctionBundle> {
  const { outputFiles } = buildSync({
    absWorkingDir: PROJECT,
    // Named after the folder and put into the project's, so that sources in the map are paths below it.
    entryPoints: functionFolders().map((folder) => ({ in: `lambda/${folder}/handler.ts`, out: folder })),
    // Nothing is written: the folder only gives each output its name.
    write: false,
    outdir: PROJECT,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    // The SDK's and Powertools' ESM builds can be tree-shaken, their CommonJS builds cannot.
    mainFields: ["module", "main"],
    // Packages of this repository are bundled from their source; nothing is built before.
    conditions: ["source"],
    minify: true,
    keepNames: true,
    legalComments: "none",
    // Beside the code, and no word of it inside: whether there is a map changes nothing that is deployed.
    sourcemap: "external",
    sourcesContent: false,
    logLevel: "error",
  });
  const files = new Map(outputFiles.map((file) => [basename(file.path), file]));
  return new Map(functionFolders().map((folder) => [folder, namedBundle(folder, files)]));
}

function namedBundle(folder: string, files: ReadonlyMap<string, OutputFile>): FunctionBundle {
  const code = files.get(`${folder}.js`)?.contents ?? new Uint8Array();
  const sourceMap = files.get(`${folder}.js.map`)?.contents ?? new Uint8Array();
  const name = `${folder}-${createHash("sha256").update(code).digest("hex").slice(0, 12)}.cjs`;
  // V8 calls the script so in every stack. On a line of its own at the end it moves no line of the map.
  return { name, code: Buffer.concat([code, Buffer.from(`//# sourceURL=${name}\n`)]), sourceMap };
}

/** The folders of functions. */
function functionFolders(): readonly string[] {
  return readdirSync(join(PROJECT, "lambda")).filter((name) =>
    existsSync(join(PROJECT, "lambda", name, "handler.ts")),
  );
}
