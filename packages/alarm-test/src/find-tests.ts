import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { glob, isDynamicPattern } from "tinyglobby";

const TEST_FILES = "**/*.alarm-test.{yaml,yml}";
const IGNORED = ["**/node_modules/**", "**/.git/**"];

/** Files of alarm tests, or why there are none. */
export type FoundTests = { readonly files: readonly string[] } | { readonly problem: string };

/**
 * Finds files of alarm tests: a file stands for itself, a folder for every `*.alarm-test.yaml` below it, a pattern for
 * the files that match it.
 */
export async function findTests(paths: readonly string[]): Promise<FoundTests> {
  const found: string[] = [];
  for (const path of paths) {
    const files = await filesOf(path);
    if (files.length === 0) return { problem: nothingFound(path) };
    found.push(...files);
  }
  return { files: [...new Set(found)] };
}

async function filesOf(path: string): Promise<readonly string[]> {
  const kind = await stat(path).then(
    (entry) => (entry.isDirectory() ? "folder" : "file"),
    () => "missing",
  );
  if (kind === "file") return [path];
  if (kind === "folder") return sortedFiles(TEST_FILES, path);
  // A path that is not there is refused when it is read, with the reason of the file system.
  return isDynamicPattern(path) ? sortedFiles(path) : [path];
}

async function sortedFiles(pattern: string, folder?: string): Promise<readonly string[]> {
  const options = {
    ignore: IGNORED,
    absolute: isAbsolute(pattern),
    ...(folder === undefined ? {} : { cwd: folder }),
  };
  const files = await glob(pattern, options);
  const inFolder = folder === undefined || folder === "." ? "" : `${folder.replace(/\/+$/, "")}/`;
  return files.map((file) => `${inFolder}${file}`).sort();
}

function nothingFound(path: string): string {
  return isDynamicPattern(path)
    ? `no file matches ${path}`
    : `no file in ${path} ends in .alarm-test.yaml: rename the tests, name a file, or start with "cw-alarm-test init"`;
}
