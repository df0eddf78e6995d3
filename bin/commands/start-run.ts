import { AGENT_ENVIRONMENT } from "../../lambda/contract/environment.ts";
import { systemClock } from "../../local/clock.ts";
import { DataDirectoryHeldError, readRunning } from "../../local/journal/data-directory.ts";
import { startRuntime, type Runtime } from "../../local/runtime.ts";
import { askAgent } from "./agent-client.ts";
import { requireAwsCredentials } from "./aws-credentials.ts";
import { messageOf } from "./failure.ts";
import { reportLines } from "./report.ts";
import { REQUEST_COLUMNS } from "./request-columns.ts";
import { isHealthy, selfCheck, type CheckRow } from "./self-check.ts";
import { assemblyToRun, type AssemblyOptions } from "./start-assembly.ts";
import type { Terminal } from "./terminal.ts";

/** Options of `start`, after parsing. */
export interface StartOptions extends AssemblyOptions {
  readonly port: number;
  readonly urlPort: number;
  readonly awsPort: number;
  readonly model: "scripted" | "bedrock";
  readonly check: boolean;
  readonly json?: true;
}

/** Runs the whole system until SIGINT or SIGTERM, then stops all of it; a second signal ends the process at once. */
export async function runUntilSignal(terminal: Terminal, options: StartOptions): Promise<void> {
  const stopping = new AbortController();
  const signalled = new Promise<void>((done) => {
    stopping.signal.addEventListener("abort", () => done());
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => onSignal(stopping));
  const runtime = await started(terminal, options, stopping.signal);
  if (runtime === undefined) return;
  try {
    await Promise.race([announce(terminal, options, { runtime, signal: stopping.signal }), signalled]);
    await signalled;
  } finally {
    await runtime.stop();
    terminal.err("stopped");
  }
}

function onSignal(stopping: AbortController): void {
  if (stopping.signal.aborted) process.exit(1);
  stopping.abort();
}

/** The running system; nothing when a signal came before it was ready. */
async function started(
  terminal: Terminal,
  options: StartOptions,
  signal: AbortSignal,
): Promise<Runtime | undefined> {
  try {
    await refuseSecondStart(options.data);
    if (options.model === "bedrock") await requireAwsCredentials();
    const assembly = await assemblyToRun(terminal, options, signal);
    const runtime = await startRuntime({
      assemblyDirectory: assembly.directory,
      stage: assembly.stage,
      dataDirectory: options.data,
      ports: { page: options.port, url: options.urlPort, aws: options.awsPort },
      model: options.model,
      clock: systemClock(),
      latency: "believable",
      requestColumns: REQUEST_COLUMNS,
      callerEnvironment: process.env,
      tokenParameterVariable: AGENT_ENVIRONMENT.tokenParameterName,
      signal,
      log: (message, cause) => terminal.err(`${message}: ${messageOf(cause)}`),
    });
    if (!signal.aborted) return runtime;
    await runtime.stop();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return undefined;
}

/** Asked before the synthesis: a person who starts twice should not wait for it. */
async function refuseSecondStart(dataDirectory: string): Promise<void> {
  const running = await readRunning(dataDirectory);
  if (running !== undefined) throw new DataDirectoryHeldError(dataDirectory, running.pid, running.page);
}

interface Live {
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
}

async function announce(terminal: Terminal, options: StartOptions, { runtime, signal }: Live): Promise<void> {
  const { addresses, token, stage, stackNames } = runtime;
  if (options.json === true) {
    terminal.out(JSON.stringify({ ...addresses, token, stage, stacks: stackNames, pid: process.pid }));
  }
  const say = options.json === true ? terminal.err : terminal.out;
  const check = options.check ? await checked(terminal, runtime) : [];
  if (signal.aborted) return;
  const overview = runtime.overview();
  reportLines(terminal, {
    overview,
    page: addresses.page,
    stackNames,
    check,
    metricsSeen: runtime.metricsSeen(),
    alarms: runtime.alarms(),
  }).forEach(say);
  if (!isHealthy(check)) {
    terminal.err(
      terminal.colours.red(
        "the self-check failed: the table above says where; the system stays up to be looked at",
      ),
    );
    process.exitCode = 1;
  }
}

async function checked(terminal: Terminal, runtime: Runtime): Promise<readonly CheckRow[]> {
  const { addresses, token } = runtime;
  const check = selfCheck({
    ask: (question) => askAgent(addresses.functionUrl, token, question),
    requests: () => runtime.requests(),
  });
  return terminal.progress("one request per mode", check);
}
