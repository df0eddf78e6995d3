import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { PROJECT } from "../../support/synthesise.ts";

/** Packages that a module loads before anything is asked of it, itself or through another module. */
async function loadedAtOnce(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: PROJECT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    conditions: ["source"],
    external: ["yaml", "chrono-node/*", "@smithy/*", "@aws-sdk/*", "sharp", "esbuild", "commander", "marked"],
    logLevel: "silent",
  });
  const seen = new Set([entry]);
  const packages = new Set<string>();
  for (const file of seen)
    for (const { path, kind, external } of metafile.inputs[file]?.imports ?? []) {
      if (kind !== "import-statement") continue;
      if (external !== true) seen.add(path);
      else if (!path.startsWith("node:")) packages.add(path);
    }
  return [...packages].sort();
}

test("a start waits for no package that only some requests need", async () => {
  expect(await loadedAtOnce(join("local", "runtime.ts"))).toEqual(["esbuild"]);
});

test("a package that a module does load is seen", async () => {
  expect(await loadedAtOnce("packages/alarm-test/src/yaml-template.ts")).toEqual(["yaml"]);
});
