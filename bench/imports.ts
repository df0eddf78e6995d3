import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import ts from "typescript";

const ROOT = join(import.meta.dirname, "..");

/** Where a package of this repository keeps its sources, by its name. */
const PACKAGES: Readonly<Record<string, string>> = {
  "@wrist-agent/cloudwatch": "packages/cloudwatch/src",
  "cw-alarm-test": "packages/alarm-test/src",
};

/** The files that each file imports, both by their path from the root. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/** The TypeScript files in a folder and below it, by their path from the root. */
export function sourceFiles(folder: string): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    if (name === "node_modules" || name === "dist" || name.startsWith(".")) return [];
    if (statSync(join(ROOT, path)).isDirectory()) return sourceFiles(path);
    return name.endsWith(".ts") ? [path] : [];
  });
}

/** Who imports whom among the files of these folders, type imports included. */
export function importsWithin(folders: readonly string[]): Imports {
  const files = folders.flatMap(sourceFiles);
  const known = new Set(files);
  return new Map(files.map((file) => [file, importsOf(file, known)]));
}

/** The same arrows backwards: the files that import each file. */
export function importersOf(imports: Imports): Imports {
  const importers = new Map<string, string[]>();
  for (const [file, imported] of imports)
    for (const other of imported) importers.set(other, [...(importers.get(other) ?? []), file]);
  return importers;
}

function importsOf(file: string, known: ReadonlySet<string>): readonly string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(ROOT, file), "utf8"), true, true);
  const paths = importedFiles.map(({ fileName }) => pathOf(file, fileName));
  return [...new Set(paths.filter((path) => path !== undefined && known.has(path)))] as string[];
}

function pathOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return normalize(join(dirname(file), specifier));
  for (const [name, folder] of Object.entries(PACKAGES)) {
    if (specifier === name) return `${folder}/api.ts`;
    if (specifier.startsWith(`${name}/`)) return `${folder}/${specifier.slice(name.length + 1)}.ts`;
  }
  return undefined;
}
