import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROJECT = join(import.meta.dirname, "..", "..");

/** The one line that `start --json` prints when it is ready. */
export interface Ready {
  readonly page: string;
  readonly functionUrl: string;
  readonly awsEndpoint: string;
  readonly token: string;
  readonly stage: string;
  readonly stacks: readonly string[];
  readonly pid: number;
}

/** A finished process. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A `start` that is running in a process of its own. */
export interface StartedProcess {
  readonly ready: Ready;
  /** Sends the signal and waits for the end. */
  readonly end: (signal: NodeJS.Signals) => Promise<Ended>;
}

/** Runs the command line once and waits for its end. */
export async function runCli(...args: string[]): Promise<Ended> {
  return watch(spawnCli(args)).ended;
}

/** Runs `start --json` on free ports with the given data directory, until it says that it is ready. */
export async function startProcess(data: string, ...args: string[]): Promise<StartedProcess> {
  const ports = ["--port", "0", "--url-port", "0", "--aws-port", "0"];
  const child = spawnCli(["start", "--json", "--no-check", "--data", data, ...ports, ...args]);
  const { ended, firstLine } = watch(child);
  const first = await Promise.race([firstLine, ended]);
  if (typeof first !== "string") throw new Error(`start ended with ${String(first.code)}: ${first.err}`);
  return {
    ready: JSON.parse(first) as Ready,
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

const running = new Set<ChildProcess>();

/** Ends what a test that failed half-way has left running. */
export function endLeftovers(): void {
  for (const child of running) child.kill("SIGKILL");
}

function spawnCli(args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, ["--conditions=source", "--import", "tsx", "bin/cli.ts", ...args], {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

interface Watched {
  readonly firstLine: Promise<string>;
  readonly ended: Promise<Ended>;
}

function watch(child: ChildProcess): Watched {
  const lines: string[] = [];
  const errors: string[] = [];
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("the child's output is not piped");
  const reader = createInterface({ input: stdout });
  const firstLine = new Promise<string>((resolve) => reader.once("line", resolve));
  reader.on("line", (line) => lines.push(line));
  stderr.on("data", (chunk: Buffer) => errors.push(chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, out: lines.join("\n"), err: errors.join("") }));
  });
  return { firstLine, ended };
}
