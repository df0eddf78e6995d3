import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** What the CDK CLI writes beside the assembly that it deploys. */
const NOT_PART = /(^|\/)(\.cache\/|[^/]*\.lock$)/;

/** One hash of everything in an assembly: what was shown and approved is what is deployed. */
export async function assemblyHash(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, name: relative(directory, file).replaceAll("\\", "/") }))
    .filter(({ name }) => !NOT_PART.test(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const hash = createHash("sha256");
  for (const { file, name } of files)
    hash
      .update(`${name}\0`)
      .update(await readFile(file))
      .update("\0");
  return hash.digest("hex").slice(0, 16);
}
