import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Terminal } from "../../cli/terminal.ts";
import type { Cdk } from "./deploy-ports.ts";

/** Where the CLI is, and where its words go. */
export interface CdkProcessOptions {
  /** File that Node runs as the CDK CLI. */
  readonly executable: string;
  readonly directory: string;
  readonly write: (text: string) => void;
  readonly colours: boolean;
}

/** How long the CLI may take to end after it was asked to. */
const GRACE_MS = 5_000;

/** The CDK CLI that this project is pinned to. */
export function pinnedCdk(): string {
  return join(dirname(createRequire(import.meta.url).resolve("aws-cdk/package.json")), "bin", "cdk");
}

/** Runs the CDK CLI in a process group of its own, which ends with it when the signal fires. */
export function cdkProcess(options: CdkProcessOptions): Cdk {
  return (args, signal) => {
    const child = spawn(process.execPath, [options.executable, ...args, "--no-notices"], {
      cwd: options.directory,
      // A group of its own: Ctrl-C reaches this process alone, which then ends the group and reports how
      // things stand.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...(options.colours ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" }) },
    });
    return processResult(child, { write: options.write, signal });
  };
}

interface ProcessWatch {
  readonly write: (text: string) => void;
  readonly signal: AbortSignal;
}

function processResult(child: ChildProcess, { write, signal }: ProcessWatch): ReturnType<Cdk> {
  const texts: string[] = [];
  const take = (text: string): void => {
    texts.push(text);
    write(text);
  };
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", take);
  const end = (): void => endGroup(child);
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  return new Promise<Awaited<ReturnType<Cdk>>>((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => done({ exitCode: code ?? 1, output: texts.join("") }));
  }).finally(() => signal.removeEventListener("abort", end));
}

/** Asked first, then forced. */
function endGroup(child: ChildProcess): void {
  sendSignal(child, "SIGINT");
  const force = setTimeout(() => sendSignal(child, "SIGKILL"), GRACE_MS);
  child.once("close", () => clearTimeout(force));
}

function sendSignal(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group ended between the check and the signal: that is what was wanted.
  }
}

/** Hides what a public job's log and summary must not show: mail addresses and the account's number. */
export function maskedText(text: string): string {
  return text
    .replaceAll(/[^\s"'<>(),:;=]+@[^\s"'<>(),:;=@]+\.[a-z]{2,}/gi, "***@***")
    .replaceAll(/(?<![\w])\d{12}(?![\w])/g, "************");
}

/** A terminal that shows everything masked. */
export function maskedTerminal(terminal: Terminal): Terminal {
  return {
    ...terminal,
    out: (line) => terminal.out(maskedText(line)),
    err: (line) => terminal.err(maskedText(line)),
  };
}

/** An error whose message hides the same: it is printed by whoever ends the process. */
export function maskedError(error: unknown): unknown {
  if (error instanceof Error) error.message = maskedText(error.message);
  return error;
}

/** Masks what comes in pieces, line by line, so that an address is never split; `end` writes what is left. */
export function maskedWriter(write: (text: string) => void): {
  write: (text: string) => void;
  end: () => void;
} {
  let rest = "";
  return {
    write(text) {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) write(`${maskedText(line)}\n`);
    },
    end() {
      if (rest !== "") write(maskedText(rest));
      rest = "";
    },
  };
}
