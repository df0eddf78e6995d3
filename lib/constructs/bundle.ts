import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AssetHashType, DockerImage, type ILocalBundling } from "aws-cdk-lib/core";
import { Code } from "aws-cdk-lib/aws-lambda";
import { buildSync } from "esbuild";

const PROJECT = join(import.meta.dirname, "..", "..");

/** File in the asset that Lambda loads; `.cjs` so that no package.json around the asset can change its kind. */
const OUTPUT_FILE = "index.cjs";

/** The name of the handler in a {@link bundle}, as the function's `Handler` property spells it. */
export const BUNDLED_HANDLER = "index.handler";

/**
 * Bundles one function's entry file with esbuild on this machine.
 *
 * The AWS SDK is bundled too: the copy in the runtime changes under a deployed function, is not tree-shaken and
 * loads slower. The asset is named by the hash of the output, so equal code is never deployed again.
 */
export function bundle(entry: string): Code {
  return Code.fromAsset(join(PROJECT, "lambda"), {
    assetHashType: AssetHashType.OUTPUT,
    // CDK remembers a bundle by these options, of which it cannot see the function: the command tells one entry from another.
    bundling: { image: DockerImage.fromRegistry("never-used"), command: [entry], local: esbuildOf(entry) },
  });
}

function esbuildOf(entry: string): ILocalBundling {
  return {
    tryBundle(outputDirectory) {
      mkdirSync(outputDirectory, { recursive: true });
      buildSync({
        absWorkingDir: PROJECT,
        entryPoints: [entry],
        outfile: join(outputDirectory, OUTPUT_FILE),
        bundle: true,
        platform: "node",
        target: "node24",
        format: "cjs",
        // The SDK's and Powertools' ESM builds can be tree-shaken, their CommonJS builds cannot.
        mainFields: ["module", "main"],
        minify: true,
        keepNames: true,
        legalComments: "none",
        logLevel: "error",
      });
      return true;
    },
  };
}
