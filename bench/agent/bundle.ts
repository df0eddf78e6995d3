import { join } from "node:path";
import { build } from "esbuild";

/** Some packages are CommonJS inside and call `require`, which an ES module has not. */
const BANNER = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";

/** Bundles one file of this folder as the deployment bundles the agent: minified, one ES module. */
export async function bundleAgent(entry: string, folder: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, `${entry}.ts`)],
    outfile: join(folder, `${entry}.mjs`),
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "esm",
    mainFields: ["module", "main"],
    banner: { js: BANNER },
    logLevel: "error",
  });
}
