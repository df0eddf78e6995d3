import { fileURLToPath } from "node:url";
import { build } from "esbuild";

let code: Promise<string> | undefined;

/** The program of a worker as plain JavaScript: the worker itself must not load a TypeScript loader. */
export function workerCode(): Promise<string> {
  return (code ??= bundle());
}

async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [fileURLToPath(new URL("worker/bootstrap.ts", import.meta.url))],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "silent",
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error("esbuild wrote no worker program");
  return output.text;
}
