import { existsSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { join } from "node:path";
import { functionBundles, SOURCE_MAPS_FOLDER } from "../../lib/bundles.ts";

/**
 * The source map of a bundle by its name, `agent-0123456789ab.cjs`; nothing where no map of that build is
 * there.
 */
export type FindSourceMap = (bundle: string) => SourceMap | undefined;

/** A text whose frames say file and line of the source. */
export interface SourceFrames {
  readonly text: string;
  /** Frames that were translated. */
  readonly translated: number;
  /** Bundles of frames that stand as they were logged, since their map is not there. */
  readonly unknownBundles: readonly string[];
}

/** A place in a bundle as V8 writes it; a folder before it goes. */
const PLACE = /(?:[\w./:@-]*\/)?([a-z]+(?:-[a-z]+)*-[0-9a-f]{12}\.cjs):(\d+):(\d+)/g;

/**
 * A logged stack with places of the source in place of places of the bundle: `agent-0123456789ab.cjs:52:8892`
 * becomes `lambda/agent/agent.ts:120:30`. The text may be a stack, a JSON line, or a whole log; all else in
 * it stays.
 */
export function withSourceFrames(logged: string, findMap: FindSourceMap): SourceFrames {
  const unknownBundles = new Set<string>();
  let translated = 0;
  const text = logged.replaceAll(PLACE, (place, ...[bundle = "", line, column]: readonly string[]) => {
    const map = findMap(bundle);
    if (map === undefined) unknownBundles.add(bundle);
    const origin = map?.findOrigin(Number(line), Number(column));
    if (origin === undefined || !("fileName" in origin)) return place;
    translated += 1;
    return `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
  });
  return { text, translated, unknownBundles: [...unknownBundles] };
}

/**
 * The maps that these assemblies keep, and those of a fresh build of this checkout, which is only made when
 * it is needed.
 */
export function sourceMapsIn(assemblies: readonly string[]): FindSourceMap {
  const found = new Map<string, SourceMap | undefined>();
  return (bundle) => {
    if (!found.has(bundle)) found.set(bundle, keptMap(assemblies, bundle) ?? builtMap(bundle));
    return found.get(bundle);
  };
}

function keptMap(assemblies: readonly string[], bundle: string): SourceMap | undefined {
  const file = assemblies
    .map((directory) => join(directory, SOURCE_MAPS_FOLDER, `${bundle}.map`))
    .find((path) => existsSync(path));
  return file === undefined ? undefined : parsedMap(readFileSync(file, "utf8"));
}

function builtMap(bundle: string): SourceMap | undefined {
  const built = [...functionBundles().values()].find(({ name }) => name === bundle);
  return built === undefined ? undefined : parsedMap(Buffer.from(built.sourceMap).toString());
}

function parsedMap(text: string): SourceMap {
  return new SourceMap(JSON.parse(text) as SourceMapPayload);
}
