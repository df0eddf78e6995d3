import { randomBytes } from "node:crypto";
import { chmod, link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Reads the data directory's token; makes it on the first start, readable by its owner alone. */
export async function readOrCreateToken(dataDirectory: string): Promise<string> {
  const file = join(dataDirectory, "token");
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const draft = join(dataDirectory, `token.${process.pid}.new`);
  await writeFile(draft, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600 });
  // A link appears whole or not at all, and never replaces a token that is already there.
  await link(draft, file)
    .catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    })
    .finally(() => unlink(draft));
  await chmod(file, 0o600);
  return (await readFile(file, "utf8")).trim();
}
