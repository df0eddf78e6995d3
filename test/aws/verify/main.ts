import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { exitCodeOf, Failure, UsageError } from "../../../bin/cli/failure.ts";
import { runningSystem } from "../../../bin/cli/running-system.ts";
import { connectStage } from "../../../bin/cli/stage-connection.ts";
import type { TargetOptions } from "../../../bin/cli/target.ts";
import { askAtTerminal, isYes, processTerminal } from "../../../bin/cli/terminal.ts";
import { isVerifyStage } from "../../../lib/config/stage.ts";
import { CHECKS } from "./checks.ts";
import { type Ended, runChecks, type Verification } from "./verification.ts";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

const PROJECT = join(import.meta.dirname, "..", "..", "..");
const COST = "about 0.05 USD and half an hour, most of it waiting for CloudWatch";

const EXAMPLES = `
In AWS it deploys a stage of its own, and destroys it again whatever happens: ${COST}.

Examples:
  npm run verify:aws -- --stage verify-ann --region us-west-2
  npm run verify:aws -- --local

Exits 0 when everything was as it should be, 1 when not, 2 on wrong usage.`;

interface VerifyOptions {
  readonly stage?: string;
  readonly region: string;
  readonly local?: true;
  readonly data: string;
  readonly context: readonly string[];
  readonly minutes: number;
  readonly yes?: true;
  readonly json?: true;
}

const terminal = processTerminal();

const program = new Command("verify:aws")
  .description("try a stage from its deploy to its end, and compare CloudWatch with the local engine")
  .option("--stage <stage>", "a stage of its own, verify- and up to twelve letters and digits")
  .option("--region <region>", "where it is deployed", "us-west-2")
  .addOption(
    new Option("--local", "the system that runs on this machine, in place of one in AWS").conflicts("stage"),
  )
  .option("--data <dir>", "data directory of that system", ".wrist-agent")
  .addOption(
    new Option("-c, --context <name=value>", "a setting of the deploy; may be repeated")
      .argParser((pair: string, before: readonly string[]) => [...before, pair])
      .default([], "none"),
  )
  .addOption(
    new Option("--minutes <n>", "how long CloudWatch may take with a metric")
      .argParser(parseMinutes)
      .default(15),
  )
  .option("--yes", "do not ask; needed where there is no terminal")
  .option("--json", "print one JSON line with every check; everything else goes to stderr")
  .addHelpText("after", EXAMPLES)
  .exitOverride()
  .action(verify);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error, terminal);
}

function parseMinutes(text: string): number {
  const minutes = Number(text);
  if (minutes >= 0.1 && minutes <= 120) return minutes;
  throw new InvalidArgumentError("give minutes up to 120.");
}

async function verify(options: VerifyOptions): Promise<void> {
  const stage = await verifiedStage(options);
  if (options.local !== true) await confirm(options, stage);
  const folder = await mkdtemp(join(tmpdir(), "wrist-agent-verify-"));
  const say = options.json === true ? terminal.err : terminal.out;
  try {
    const results = await runChecks(CHECKS, await verificationOf(options, stage, folder), say);
    if (options.json === true) terminal.out(JSON.stringify({ stage, region: options.region, results }));
    const failed = results.filter(({ state }) => state !== "passed");
    if (failed.length > 0)
      throw new Failure(failed.map(({ id, state, found }) => `${id} ${state}: ${found}`).join("; "));
    say(terminal.colours.green(`${stage}: all ${results.length} checks passed`));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function verifiedStage({ local, stage, data }: VerifyOptions): Promise<string> {
  if (local === true) return (await runningSystem(data)).stage;
  if (stage !== undefined && isVerifyStage(stage)) return stage;
  throw new UsageError(
    `--stage ${stage ?? ""}: name a stage that begins with verify-, as in verify-ann: it is destroyed at the end`,
  );
}

async function confirm({ yes, region }: VerifyOptions, stage: string): Promise<void> {
  if (yes === true) return;
  const ask = askAtTerminal();
  if (ask === undefined) throw new UsageError("this is not a terminal, so it cannot ask: pass --yes");
  const question = `Deploy ${stage} in ${region}, try it and destroy it: ${COST}? (y/n) `;
  if (!isYes(await ask(question, new AbortController().signal))) throw new Failure("nothing was deployed");
}

async function verificationOf(options: VerifyOptions, stage: string, folder: string): Promise<Verification> {
  const isLocal = options.local === true;
  const target: TargetOptions = isLocal
    ? { local: true, data: options.data }
    : { aws: true, stage, region: options.region, data: options.data };
  const place = isLocal
    ? ["--local", "--data", options.data]
    : ["--aws", "--stage", stage, "--region", options.region];
  const connection = isLocal ? await connectStage(terminal, target) : undefined;
  connection?.close();
  // Commands that know AWS alone are told where the system's endpoint is.
  const environment = isLocal ? await localEnvironment(options.data) : {};
  return {
    stage,
    region: connection?.region ?? options.region,
    isLocal,
    context: options.context,
    place,
    cli: (...args) => runNode(["--conditions=source", "--import", "tsx", "bin/cli.ts", ...args], environment),
    cdk: (...args) => runNode(["node_modules/aws-cdk/bin/cdk", ...args], environment),
    connect: () => connectStage(terminal, target),
    folder,
    wait: (milliseconds) => setTimeout(milliseconds),
    now: () => Date.now(),
    patienceMs: options.minutes * 60_000,
    kept: { startedMs: Date.now(), asked: 0 },
  };
}

async function localEnvironment(data: string): Promise<NodeJS.ProcessEnv> {
  const { awsEndpoint } = await runningSystem(data);
  return { AWS_ENDPOINT_URL: awsEndpoint, AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
}

function runNode(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd: PROJECT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...environment },
  });
  const [out, all]: [string[], string[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => [out, all].forEach((each) => each.push(chunk.toString())));
  child.stderr.on("data", (chunk: Buffer) => all.push(chunk.toString()));
  return new Promise((resolve) =>
    child.once("close", (code) => resolve({ code, out: out.join(""), all: all.join("") })),
  );
}
