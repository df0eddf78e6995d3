import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** SHA-256 of a function's files in base64, which is equal for equal code; Lambda's is that of the uploaded zip. */
export function codeHash(codeDirectory: string): string {
  const hash = createHash("sha256");
  for (const entry of readdirSync(codeDirectory, { recursive: true, withFileTypes: true }).sort(byPath)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    hash.update(path.slice(codeDirectory.length)).update("\0").update(readFileSync(path));
  }
  return hash.digest("base64");
}

interface Entry {
  readonly parentPath: string;
  readonly name: string;
}

function byPath(one: Entry, other: Entry): number {
  const [a, b] = [join(one.parentPath, one.name), join(other.parentPath, other.name)];
  return a < b ? -1 : a > b ? 1 : 0;
}
