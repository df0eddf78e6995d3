import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AssetHashType, DockerImage, type ILocalBundling } from "aws-cdk-lib/core";
import { Code } from "aws-cdk-lib/aws-lambda";
import { functionBundle, SOURCE_MAPS_FOLDER } from "../bundles.ts";

const LAMBDA = join(import.meta.dirname, "..", "..", "lambda");

/** File in the asset that Lambda loads; `.cjs` so that no package.json around the asset can change its kind. */
const OUTPUT_FILE = "index.cjs";

/** The name of the handler in a {@link bundleFunction}, as the function's `Handler` property spells it. */
export const BUNDLED_HANDLER = "index.handler";

/**
 * One function's code, bundled on this machine from its entry file `lambda/<function>/handler.ts`.
 *
 * The AWS SDK is bundled too: the copy in the runtime changes under a deployed function, is not tree-shaken and
 * loads slower. The asset is named by the hash of the output, so equal code is never deployed again.
 */
export function bundleFunction(entry: string): Code {
  return Code.fromAsset(LAMBDA, {
    assetHashType: AssetHashType.OUTPUT,
    // CDK remembers a bundle by these options, of which it cannot see the function: the command tells one entry from another.
    bundling: {
      image: DockerImage.fromRegistry("never-used"),
      command: [entry],
      local: localBundling(entry),
    },
  });
}

/** Writes the code into the asset, and its source map beside the assets: a map in the asset would be deployed, and double it. */
function localBundling(entry: string): ILocalBundling {
  return {
    tryBundle(outputDirectory) {
      const { name, code, sourceMap } = functionBundle(folderOf(entry));
      const maps = join(dirname(outputDirectory), SOURCE_MAPS_FOLDER);
      for (const directory of [outputDirectory, maps]) mkdirSync(directory, { recursive: true });
      writeFileSync(join(outputDirectory, OUTPUT_FILE), code);
      writeFileSync(join(maps, `${name}.map`), sourceMap);
      return true;
    },
  };
}

function folderOf(entry: string): string {
  return entry.split("/")[1] ?? "";
}
