import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { SystemAddresses, SystemUnderAttack } from "./torture.ts";

const PROJECT = join(import.meta.dirname, "..");

/** A system that this process started and stops. */
export interface StartedSystem extends SystemUnderAttack {
  stop(): Promise<void>;
}

/**
 * Starts `npm start` on a data directory, with free ports; the first start synthesises, later ones run its
 * assembly.
 */
export async function startSystem(dataDirectory: string): Promise<StartedSystem> {
  let child = spawnStart(dataDirectory, []);
  let addresses = await addressesOf(child, dataDirectory);
  return {
    get addresses() {
      return addresses;
    },
    async endAndRestart(how) {
      await end(child, how === "interrupt" ? "SIGINT" : "SIGKILL");
      if (how === "kill-twice") {
        child = restart(dataDirectory);
        await new Promise((resolve) => setTimeout(resolve, MID_START_MS * Math.random()));
        await end(child, "SIGKILL");
      }
      child = restart(dataDirectory);
      addresses = await addressesOf(child, dataDirectory);
    },
    async stop() {
      await end(child, "SIGTERM");
    },
  };
}

/** A start takes about as long, so that an end falls anywhere within it. */
const MID_START_MS = 2000;

function restart(dataDirectory: string): ChildProcess {
  return spawnStart(dataDirectory, ["--assembly", join(dataDirectory, "cdk.out"), "--no-check"]);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

function spawnStart(dataDirectory: string, more: readonly string[]): ChildProcess {
  const ports = ["--port", "0", "--url-port", "0", "--aws-port", "0"];
  const start = ["bin/cli.ts", "start", "--json", "--data", dataDirectory, "--concurrency", "100"];
  return spawn(process.execPath, ["--conditions=source", "--import", "tsx", ...start, ...ports, ...more], {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function addressesOf(child: ChildProcess, dataDirectory: string): Promise<SystemAddresses> {
  if (child.stdout === null || child.stderr === null) throw new Error("the system has no output");
  let errors = "";
  child.stderr.on("data", (part) => (errors = (errors + String(part)).slice(-4000)));
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    const { page, functionUrl, awsEndpoint } = JSON.parse(line) as Omit<SystemAddresses, "token">;
    const token = (await readFile(join(dataDirectory, "token"), "utf8")).trim();
    child.stdout.resume();
    return { page, functionUrl, awsEndpoint, token };
  }
  throw new Error(`the system did not start:\n${errors}`);
}
