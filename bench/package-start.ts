import { spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Bench } from "./bench.ts";
import { median } from "./median.ts";

const PROJECT = join(import.meta.dirname, "..");
const RUNS = 9;

/** The compiled package as `npm i -D cw-alarm-test` brings it, in a folder of its own. */
export const bench: Bench = {
  description: "cw-alarm-test as it is published: start, and the README's first example, beside a bare node",
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-package-"));
    try {
      await installPackages(folder);
      await writeReadmeFiles(folder);
      const cli = join(folder, "node_modules", "cw-alarm-test", "dist", "cli.js");
      const bare = medianSeconds(folder, ["-e", "0"]);
      const version = medianSeconds(folder, [cli, "--version"]);
      const example = medianSeconds(folder, [cli, "errors.alarm-test.yaml"]);
      return [
        { name: "bare node, median", value: bare, unit: "s" },
        { name: "cw-alarm-test --version, median (at most 0.5)", value: version, unit: "s" },
        { name: "cw-alarm-test, the README's first example, median", value: example, unit: "s" },
      ];
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function installPackages(folder: string): Promise<void> {
  await install(folder, { name: "@wrist-agent/cloudwatch", source: "packages/cloudwatch" });
  await install(folder, { name: "cw-alarm-test", source: "packages/alarm-test" });
  for (const name of ["commander", "picocolors", "tinyglobby", "yaml"])
    await symlink(join(PROJECT, "node_modules", name), join(folder, "node_modules", name));
}

/** A package with its compiled output, which is what npm publishes of it. */
async function install(
  folder: string,
  { name, source }: { readonly name: string; readonly source: string },
): Promise<void> {
  const target = join(folder, "node_modules", name);
  await mkdir(target, { recursive: true });
  await cp(join(PROJECT, source, "package.json"), join(target, "package.json"));
  const compiler = join(PROJECT, "node_modules", "typescript", "bin", "tsc");
  const project = join(PROJECT, source, "tsconfig.build.json");
  // The project's sources are read by their condition: nothing has to be compiled before.
  const options = [
    "-p",
    project,
    "--outDir",
    join(target, "dist"),
    "--customConditions",
    "source",
    "--noCheck",
  ];
  const { status, stdout } = spawnSync(process.execPath, [compiler, ...options], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${name} does not compile: ${stdout}`);
}

/** The files that the README shows, under the names that it gives them. */
async function writeReadmeFiles(folder: string): Promise<void> {
  const readme = await readFile(join(PROJECT, "packages", "alarm-test", "README.md"), "utf8");
  for (const [, name = "", text = ""] of readme.matchAll(/```\w+ file=(\S+)\n([\s\S]*?)```/g)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

function medianSeconds(cwd: string, args: readonly string[]): number {
  return median(
    Array.from({ length: RUNS }, () => {
      const started = performance.now();
      const { status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
      if (status !== 0) throw new Error(`node ${args.join(" ")} failed: ${stderr}`);
      return (performance.now() - started) / 1000;
    }),
  );
}
