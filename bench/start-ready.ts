import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess } from "../test/support/started-process.ts";
import type { Bench, Figure } from "./bench.ts";
import { median } from "./median.ts";

const PROJECT = join(import.meta.dirname, "..");
const RUNS = 5;

/** What `npm start` takes until everything answers, beside the synthesis that it contains. */
export const bench: Bench = {
  description: "npm start, dependencies installed, to ready, beside the synthesis alone",
  async run() {
    const starts: number[] = [];
    const again: number[] = [];
    const syntheses: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      syntheses.push(await inDirectory(synthesisSeconds));
      await inDirectory(async (directory) => {
        starts.push(await startSeconds(directory));
        again.push(await startSeconds(directory));
      });
    }
    return figures({ starts, again, syntheses });
  },
};

interface Measured {
  readonly starts: readonly number[];
  /** Starts with nothing changed since the one before. */
  readonly again: readonly number[];
  readonly syntheses: readonly number[];
}

function figures({ starts, again, syntheses }: Measured): Figure[] {
  return [
    { name: "start to ready, median", value: median(starts), unit: "s" },
    { name: "start to ready, fastest", value: Math.min(...starts), unit: "s" },
    { name: "synthesis alone, median", value: median(syntheses), unit: "s" },
    { name: "start over synthesis", value: median(starts) / median(syntheses), unit: "times" },
    { name: "second start to ready, median", value: median(again), unit: "s" },
    { name: "second start over first", value: median(again) / median(starts), unit: "times" },
  ];
}

async function inDirectory<T>(measure: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "wrist-agent-"));
  try {
    return await measure(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function startSeconds(directory: string): Promise<number> {
  const started = performance.now();
  const { end } = await startProcess(directory);
  const seconds = (performance.now() - started) / 1000;
  await end("SIGINT");
  return seconds;
}

/** The app as the CDK CLI runs it. */
async function synthesisSeconds(directory: string): Promise<number> {
  const { app } = JSON.parse(await readFile(join(PROJECT, "cdk.json"), "utf8")) as { readonly app: string };
  const started = performance.now();
  const env = { ...process.env, CDK_OUTDIR: directory };
  const child = spawn(app, { cwd: PROJECT, shell: true, stdio: "ignore", env });
  const code = await new Promise((resolve) => child.once("close", resolve));
  // One that fails takes no time at all.
  if (code !== 0) throw new Error(`${app} ended with ${String(code)}`);
  return (performance.now() - started) / 1000;
}
