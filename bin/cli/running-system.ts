import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Option } from "commander";
import type { Datum } from "@wrist-agent/cloudwatch/metric";
import { readRunning, type Running } from "../../local/journal/data-directory.ts";
import type { Fault, PageApi } from "../../local/server/wire.ts";
import { Failure, errorMessage } from "./failure.ts";

/** Where `start` keeps everything unless `--data` names another place. */
export const DEFAULT_DATA_DIRECTORY = ".wrist-agent";

/** The `--data` option of every command that talks to the running system. */
export function dataOption(): Option {
  return new Option("--data <dir>", "data directory of the running system").default(DEFAULT_DATA_DIRECTORY);
}

/** Where everything of the running system is, and how to be let in. */
export interface RunningSystem extends Running {
  readonly token: string;
}

/** Finds the system that runs on a data directory. Throws {@link Failure} where there is none. */
export async function runningSystem(dataDirectory: string): Promise<RunningSystem> {
  const running = await readRunning(dataDirectory);
  if (running === undefined) {
    throw new Failure(
      `nothing runs on the data directory ${dataDirectory}: start it with npm start, or name another with --data`,
    );
  }
  return { ...running, token: await clientToken(join(dataDirectory, "token")) };
}

/** Empty where a foreign assembly runs, which nobody can ask. */
async function clientToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** Reads one part of the page's API. */
export async function readPage<Path extends keyof PageApi>(
  running: RunningSystem,
  path: Path,
): Promise<PageApi[Path]> {
  const response = await callRunningSystem(new URL(path, running.page), {});
  return (await response.json()) as PageApi[Path];
}

/** Tells the stand-in which fault to show from now on; with `minutes` it ends by itself. */
export async function setFault(running: RunningSystem, fault: Fault, minutes?: number): Promise<void> {
  await callRunningSystem(new URL("/api/fault", running.page), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...fault, ...(minutes !== undefined && { minutes }) }),
  });
}

/** Has the running system take data of a Region, in whatever namespace. */
export async function feedMetrics(
  running: RunningSystem,
  region: string,
  data: readonly Datum[],
): Promise<void> {
  await callRunningSystem(new URL("/api/metrics", running.page), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ region, data }),
  });
}

async function callRunningSystem(url: URL, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init).catch((error: unknown) => {
    throw new Failure(`the running system does not answer at ${url.origin}: ${errorMessage(error)}`, {
      cause: error,
    });
  });
  if (response.ok) return response;
  throw new Failure(`the running system answered ${response.status}: ${await response.text()}`);
}
