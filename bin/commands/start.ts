import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { systemClock } from "../../local/clock.ts";
import { Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_STAGE, STAGES } from "../../lib/config/stage.ts";
import { AGENT_ENVIRONMENT } from "../../lambda/contract/environment.ts";
import { MODES, PROBE_HEADER } from "../../lambda/contract/request.ts";
import { synthesise } from "../../local/assembly/synthesise.ts";
import { DataDirectoryHeldError, readRunning } from "../../local/journal/data-directory.ts";
import type { Runtime, startRuntime as StartRuntime } from "../../local/runtime.ts";
import { refuseBusyPorts } from "../../local/runtime/runtime-options.ts";
import type { Question, QuestionAnswer } from "../../local/server/wire.ts";
import { errorMessage, Failure, UsageError } from "../cli/failure.ts";
import { REQUEST_COLUMNS } from "../cli/request-columns.ts";
import { DEFAULT_DATA_DIRECTORY } from "../cli/running-system.ts";
import type { Terminal } from "../cli/terminal.ts";
import { assemblyKey, forgetKey, isKept, keepKey } from "./kept-assembly.ts";
import { timedPhase } from "./start-report.ts";
import type { CheckRow } from "./self-check.ts";

/** `start`: the whole system on this machine, until Ctrl-C. */
export function startCommand(terminal: Terminal): Command {
  return new Command("start")
    .description("synthesise the stacks and run the whole system on this machine until Ctrl-C")
    .option("--port <port>", "port of the page; 0 takes any free one", parsePort, 7700)
    .option("--url-port <port>", "port of the Function URL; 0 takes any free one", parsePort, 7701)
    .option("--aws-port <port>", "port of the AWS APIs; 0 takes any free one", parsePort, 7702)
    .addOption(
      new Option("--stage <stage>", "stage to synthesise and run").choices(STAGES).default(DEFAULT_STAGE),
    )
    .option("--data <dir>", "directory for everything that outlives a restart", DEFAULT_DATA_DIRECTORY)
    .addOption(
      new Option(
        "--model <model>",
        "scripted: a stand-in; bedrock: the real model, with your AWS credentials, billed",
      )
        .choices(["scripted", "bedrock"])
        .default("scripted"),
    )
    .option("--alarm-email <address>", "who the alarm mails are for", "on-call@wrist-agent.example")
    .addOption(
      new Option(
        "--assembly <dir>",
        "run this assembly, such as cdk.out, in place of a fresh synthesis; its stage and addresses are its own. An assembly of another project is shown with its dashboards and alarms; what cannot run here is named",
      ).conflicts(["stage", "alarmEmail"]),
    )
    .option(
      "--concurrency <count>",
      "invocations at once of all functions together, as the account's limit is on AWS",
      parseConcurrency,
      10,
    )
    .option("--fresh", "synthesise even if nothing has changed since the last start")
    .option("--no-check", "skip the self-check (one request per mode)")
    .option("--json", "print exactly one JSON line when ready; everything else goes to stderr")
    .action((options: StartOptions) => runUntilSignal(terminal, options));
}

function parseConcurrency(value: string): number {
  const count = Number(value);
  if (/^\d+$/.test(value) && count >= 1 && count <= 1000) return count;
  throw new InvalidArgumentError(`It must be a whole number from 1 to 1000.`);
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!/^\d+$/.test(value) || port > 65_535) throw new InvalidArgumentError("give a port from 0 to 65535.");
  return port;
}

/** Options of `start`, after parsing. */
export interface StartOptions extends AssemblyOptions {
  readonly port: number;
  readonly urlPort: number;
  readonly awsPort: number;
  readonly model: "scripted" | "bedrock";
  readonly concurrency: number;
  readonly check: boolean;
  readonly json?: true;
}

/**
 * Runs the whole system until SIGINT or SIGTERM, then stops all of it; a second signal ends the process at
 * once.
 */
export async function runUntilSignal(terminal: Terminal, options: StartOptions): Promise<void> {
  const stopping = new AbortController();
  const signalled = new Promise<void>((done) => {
    stopping.signal.addEventListener("abort", () => done());
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => onSignal(stopping));
  const runtime = await startUnlessStopped(terminal, options, stopping.signal);
  if (runtime === undefined) return;
  try {
    await Promise.race([reportStart(terminal, options, { runtime, signal: stopping.signal }), signalled]);
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
async function startUnlessStopped(
  terminal: Terminal,
  options: StartOptions,
  signal: AbortSignal,
): Promise<Runtime | undefined> {
  try {
    await refuseSecondStart(options.data);
    if (options.model === "bedrock") await requireAwsCredentials();
    const ports = { page: options.port, url: options.urlPort, aws: options.awsPort };
    await refuseBusyPorts(ports);
    // The app first, in a process of its own; what runs its assembly is loaded meanwhile.
    const synthesising = assemblyToRun(terminal, options, signal);
    const [assembly, { startRuntime }] = await Promise.all([synthesising, loadRuntime()]);
    const starting = startRuntime({
      assemblyDirectory: assembly.directory,
      stage: assembly.stage,
      dataDirectory: options.data,
      ports,
      model: options.model,
      clock: systemClock(),
      latency: "believable",
      concurrency: options.concurrency,
      requestColumns: REQUEST_COLUMNS,
      syntheticHeader: PROBE_HEADER,
      ...(!assembly.isForeign && { asking: { modes: MODES, ask: askedByPage } }),
      document: projectDocument,
      callerEnvironment: process.env,
      tokenParameterVariable: AGENT_ENVIRONMENT.tokenParameterName,
      signal,
      log: (message, cause) => terminal.err(`${message}: ${errorMessage(cause)}`),
    });
    const runtime = await timedPhase({ terminal }, "starting the functions and servers", starting);
    if (!signal.aborted) return runtime;
    await runtime.stop();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return undefined;
}

async function loadRuntime(): Promise<{ readonly startRuntime: typeof StartRuntime }> {
  const runtime = await import("../../local/runtime.ts");
  runtime.prepareRuntime();
  return runtime;
}

/** Asked before the synthesis: a person who starts twice should not wait for it. */
async function refuseSecondStart(dataDirectory: string): Promise<void> {
  const running = await readRunning(dataDirectory);
  if (running !== undefined) throw new DataDirectoryHeldError(dataDirectory, running.pid, running.page);
}

interface StartedRuntime {
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
}

async function reportStart(
  terminal: Terminal,
  options: StartOptions,
  { runtime, signal }: StartedRuntime,
): Promise<void> {
  const { addresses, token, stage, stackNames } = runtime;
  if (options.json === true) {
    terminal.out(JSON.stringify({ ...addresses, token, stage, stacks: stackNames, pid: process.pid }));
  }
  const say = options.json === true ? terminal.err : terminal.out;
  say(`Page  ${addresses.page}`);
  // Only the agent of this project can be asked, which the page may do as well.
  const isAgent = runtime.overview().askModes.length > 0;
  const check = options.check && isAgent ? await runSelfCheck(terminal, runtime) : [];
  if (signal.aborted) return;
  const { reportLines } = await import("./start-report.ts");
  const overview = runtime.overview();
  reportLines(terminal, {
    overview,
    page: addresses.page,
    ...(options.data !== DEFAULT_DATA_DIRECTORY && { dataDirectory: options.data }),
    stackNames,
    check,
    metricsSeen: runtime.metricsSeen(),
    alarms: runtime.alarms(),
  }).forEach(say);
  const { isSelfCheckHealthy } = await import("./self-check.ts");
  if (!isSelfCheckHealthy(check)) {
    terminal.err(
      terminal.colours.red(
        "the self-check failed: the table above says where; the system stays up to be looked at",
      ),
    );
    process.exitCode = 1;
  }
}

async function runSelfCheck(terminal: Terminal, runtime: Runtime): Promise<readonly CheckRow[]> {
  const { addresses, token } = runtime;
  const [{ selfCheck }, { askAgent }] = await Promise.all([
    import("./self-check.ts"),
    import("../cli/agent-client.ts"),
  ]);
  const check = selfCheck({
    ask: (question) => askAgent(addresses.functionUrl, token, question),
    requests: () => runtime.requests(),
  });
  return timedPhase({ terminal }, "self-check: one request per mode", check);
}

const PROJECT = resolve(import.meta.dirname, "..", "..");

/** A document below docs/, whose path the page's server has checked; nothing where there is none. */
function projectDocument(path: string): Promise<string | undefined> {
  return readFile(join(PROJECT, "docs", path), "utf8").catch(() => undefined);
}

/** Options that choose what `start` runs. */
export interface AssemblyOptions {
  readonly stage: string;
  readonly data: string;
  readonly alarmEmail: string;
  /** Runs this one; synthesises when missing. */
  readonly assembly?: string;
  /** Synthesises although nothing has changed. */
  readonly fresh?: true;
}

/** The page's form asks as the commands do. */
async function askedByPage(url: string, token: string, question: Question): Promise<QuestionAnswer> {
  const { askAgent } = await import("../cli/agent-client.ts");
  const { status, milliseconds, requestId, fields } = await askAgent(url, token, question);
  return { status, milliseconds, fields, ...(requestId !== undefined && { requestId }) };
}

/** What `start` runs. */
export interface AssemblyToRun {
  readonly directory: string;
  /** Of a foreign assembly the name of its first stack. */
  readonly stage: string;
  /** True for one without a tag stage: its dashboards and alarms are shown, and nobody is asked anything. */
  readonly isForeign: boolean;
}

/** The assembly that `--assembly` names, or a fresh one of the stage. */
export async function assemblyToRun(
  terminal: Terminal,
  options: AssemblyOptions,
  signal: AbortSignal,
): Promise<AssemblyToRun> {
  if (options.assembly !== undefined) return existingAssembly(options.assembly);
  const { stage, alarmEmail } = options;
  const directory = join(resolve(options.data), "cdk.out");
  // One Region: the laptop has one of everything.
  const context = { alarmEmail, regions: "" };
  const key = assemblyKey({ projectDirectory: PROJECT, stage, context, environment: process.env });
  if (options.fresh !== true && isKept(directory, key)) {
    terminal.err(
      `nothing has changed: the stacks of ${stage} are those of the last start (--fresh synthesises)`,
    );
    return { directory, stage, isForeign: false };
  }
  forgetKey(directory);
  const request = { projectDirectory: PROJECT, outDirectory: directory, stage, context, signal };
  await timedPhase({ terminal }, `synthesising the stacks of ${stage}`, synthesise(request));
  await keepKey(directory, key);
  return { directory, stage, isForeign: false };
}

/** The stage is the stacks' own: what happens is written down under it. */
async function existingAssembly(directory: string): Promise<AssemblyToRun> {
  const [{ stackFiles }, { AssemblyError }] = await Promise.all([
    import("cw-alarm-test/cloud-assembly"),
    import("cw-alarm-test/template"),
  ]);
  const files = await stackFiles(directory).catch((error: unknown) => {
    if (error instanceof AssemblyError) throw new UsageError(error.message, { cause: error });
    throw error;
  });
  const stage = files.map(({ tags }) => tags.stage).find((tag) => tag !== undefined);
  if (stage !== undefined) return { directory, stage, isForeign: false };
  const [first] = files;
  if (first === undefined) throw new UsageError(`${directory} has no stack: synthesise it first`);
  return { directory, stage: first.stackName, isForeign: true };
}

/** Makes sure that the caller has AWS credentials, before anything is built for a model that needs them. */
export async function requireAwsCredentials(): Promise<void> {
  const { defaultProvider } = await import("@aws-sdk/credential-provider-node");
  await defaultProvider()().catch((error: unknown) => {
    throw new Failure(
      `--model bedrock needs AWS credentials (${errorMessage(error)}): set AWS_PROFILE, or sign in with aws sso login`,
      { cause: error },
    );
  });
}
