import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { AssetHashType, DockerImage, type ILocalBundling } from "aws-cdk-lib/core";
import { Code } from "aws-cdk-lib/aws-lambda";
import { buildSync } from "esbuild";

const PROJECT = join(import.meta.dirname, "..", "..");

/** File in the asset that Lambda loads; `.cjs` so that no package.json around the asset can change its kind. */
const OUTPUT_FILE = "index.cjs";

/** The name of the handler in a {@link bundleFunction}, as the function's `Handler` property spells it. */
export const BUNDLED_HANDLER = "index.handler";

/**
 * One function's code, bundled with esbuild on this machine from its entry file `lambda/<function>/handler.ts`.
 *
 * The AWS SDK is bundled too: the copy in the runtime changes under a deployed function, is not tree-shaken and
 * loads slower. The asset is named by the hash of the output, so equal code is never deployed again.
 */
export function bundleFunction(entry: string): Code {
  return Code.fromAsset(join(PROJECT, "lambda"), {
    assetHashType: AssetHashType.OUTPUT,
    // CDK remembers a bundle by these options, of which it cannot see the function: the command tells one entry from another.
    bundling: {
      image: DockerImage.fromRegistry("never-used"),
      command: [entry],
      local: localBundling(entry),
    },
  });
}

function localBundling(entry: string): ILocalBundling {
  return {
    tryBundle(outputDirectory) {
      const code = bundledCode(entry);
      mkdirSync(outputDirectory, { recursive: true });
      writeFileSync(join(outputDirectory, OUTPUT_FILE), code);
      return true;
    },
  };
}

/** The code of the function with this entry file, as it is deployed. */
export function bundledCode(entry: string): Uint8Array {
  const code = bundles().get(entry);
  if (code === undefined) throw new Error(`${entry} is not among the entry files ${entryFiles().join(", ")}`);
  return code;
}

let bundled: ReadonlyMap<string, Uint8Array> | undefined;

/** Every function's code by its entry file: built together, so that the SDK that they share is read once. */
function bundles(): ReadonlyMap<string, Uint8Array> {
  bundled ??= new Map(
    buildSync({
      absWorkingDir: PROJECT,
      entryPoints: [...entryFiles()],
      // Nothing is written: the folder only gives each output its name.
      write: false,
      outdir: PROJECT,
      outbase: PROJECT,
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
      logLevel: "error",
    }).outputFiles.map(({ path, contents }) => [relative(PROJECT, path).replace(/\.js$/, ".ts"), contents]),
  );
  return bundled;
}

/** The entry files, one in each folder of a function. */
function entryFiles(): readonly string[] {
  return readdirSync(join(PROJECT, "lambda"))
    .map((name) => `lambda/${name}/handler.ts`)
    .filter((entry) => existsSync(join(PROJECT, entry)));
}
