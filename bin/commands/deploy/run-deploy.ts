import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackFiles } from "cw-alarm-test/cloud-assembly";
import { loadTemplate } from "cw-alarm-test/template";
import { SynthesisError } from "../../../local/assembly/synthesise.ts";
import { Failure, UsageError } from "../../cli/failure.ts";
import { type AskOperator, isYes, type OnInterrupt, type Terminal } from "../../cli/terminal.ts";
import {
  deployResult,
  type DeployResult,
  deployResultLines,
  type StackOutcome,
  type StackState,
  unfinishedLines,
} from "./deploy-result.ts";
import { type Part, planDeployment, type PlannedStack, refuseOtherProfile } from "./plan.ts";

/** What the CDK CLI said and how it ended. */
export interface CdkResult {
  readonly exitCode: number;
  readonly output: string;
}

/** One call of the CDK CLI; what it writes is shown as it comes. */
export type Cdk = (args: readonly string[], signal: AbortSignal) => Promise<CdkResult>;

/** Who the credentials belong to. */
export interface Caller {
  readonly accountId: string;
  readonly arn: string;
}

/** What is asked of AWS before anything is deployed. */
export interface Account {
  /** Throws a Failure that says what to do when there are no credentials, or bad ones. */
  readonly caller: () => Promise<Caller>;
  /** `unreadable` where the credentials may not read it: then the CDK CLI finds out by itself. */
  readonly bootstrapVersion: (
    region: string,
    parameter: string,
  ) => Promise<number | "missing" | "unreadable">;
}

/** Everything of a deployment that is not this process. */
export interface DeployPorts {
  /** Writes the assembly of a stage to a directory. */
  readonly synthesise: (request: {
    readonly stage: string;
    readonly context: Readonly<Record<string, string>>;
    readonly outDirectory: string;
    readonly signal: AbortSignal;
  }) => Promise<void>;
  readonly cdk: Cdk;
  readonly account: Account;
  /** Asks the person and gives what they typed; missing without a terminal. */
  readonly ask?: AskOperator;
  /** Calls back on Ctrl-C or SIGTERM, until the returned function is called. */
  readonly onInterrupt: OnInterrupt;
  /** Where the assembly is written, and left for whoever wants to keep or compare it. */
  readonly assembly: string;
}

/** Options of `deploy`, after parsing. */
export interface DeployOptions {
  readonly stage: string;
  readonly only: readonly Part[];
  readonly context: Readonly<Record<string, string>>;
  readonly profile?: string;
  readonly yes?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** One deployment: what it works with, from its options to its end. */
interface Deployment {
  readonly terminal: Terminal;
  readonly edges: DeployPorts;
  readonly options: DeployOptions;
  readonly signal: AbortSignal;
  /** For people alone: with `--json` it goes to stderr. */
  readonly say: (line: string) => void;
}

/** Synthesises, checks the account, shows what would change, asks, and deploys stack after stack. */
export async function runDeploy(
  terminal: Terminal,
  edges: DeployPorts,
  options: DeployOptions,
): Promise<void> {
  if (options.yes !== true && options.dryRun !== true && edges.ask === undefined)
    throw new UsageError(
      "nobody can be asked here, as this is no terminal: pass --yes, or --dry-run to see the diff",
    );
  const stopping = new AbortController();
  const ignore = edges.onInterrupt(() => stopping.abort());
  const say = options.json === true ? terminal.err : terminal.out;
  try {
    await deploy({ terminal, edges, options, say, signal: stopping.signal });
  } finally {
    ignore();
  }
}

async function deploy(deployment: Deployment): Promise<void> {
  const { edges, options, say, terminal } = deployment;
  const plan = await synthesiseAndPlan(deployment);
  const caller = await edges.account.caller();
  say(`Account ${caller.accountId}, as ${caller.arn}`);
  await refuseUnbootstrapped(deployment, { caller, stacks: plan.stacks });
  plan.leftOut.forEach(say);
  const differing = await showDiff(deployment, plan.stacks);
  if (options.dryRun === true) {
    say("Nothing was deployed: this was a dry run.");
    return;
  }
  if (differing > 0 && !(await isConfirmed(deployment, { caller, stacks: plan.stacks })))
    throw new Failure("nothing was deployed");
  const outcomes = await deployAll(deployment, plan.stacks);
  const deployed = deployResult({ stage: options.stage, accountId: caller.accountId }, outcomes);
  if (options.json === true) terminal.out(JSON.stringify(deployed));
  else deployResultLines(terminal, deployed).forEach(terminal.out);
  failUnlessComplete(deployment, deployed);
}

async function synthesiseAndPlan({ edges, options, signal, terminal }: Deployment) {
  const { stage, context } = options;
  await terminal
    .progress(
      `synthesising the stacks of ${stage}`,
      edges.synthesise({ stage, context, outDirectory: edges.assembly, signal }),
    )
    .catch((error: unknown) => {
      if (signal.aborted) throw new Failure("interrupted: nothing was deployed", { cause: error });
      if (error instanceof SynthesisError) throw new Failure(error.message, { cause: error });
      throw error;
    });
  const plan = planDeployment(await stackFiles(edges.assembly), stage, options.only);
  await refuseOtherProfile(plan.stacks, { stage, insisted: options.profile });
  return plan;
}

interface DeployTarget {
  readonly caller: Caller;
  readonly stacks: readonly PlannedStack[];
}

async function refuseUnbootstrapped({ edges }: Deployment, { caller, stacks }: DeployTarget): Promise<void> {
  const needs = new Map(stacks.map(({ region, bootstrap }) => [region, bootstrap]));
  for (const [region, bootstrap] of needs) {
    if (bootstrap === undefined) continue;
    const version = await edges.account.bootstrapVersion(region, bootstrap.parameter);
    const command = `npx cdk bootstrap aws://${caller.accountId}/${region}`;
    if (version === "missing")
      throw new Failure(`account ${caller.accountId} is not bootstrapped in ${region}: run ${command}`);
    if (version !== "unreadable" && version < bootstrap.version)
      throw new Failure(
        `the bootstrap stack of account ${caller.accountId} in ${region} has version ${version}, and ${bootstrap.version} is needed: run ${command}`,
      );
  }
}

/** How many stacks differ from what is deployed; all of them where the CLI does not say. */
async function showDiff(
  { edges, signal, say }: Deployment,
  stacks: readonly PlannedStack[],
): Promise<number> {
  const names = stacks.map(({ stackName }) => stackName);
  // Without a change set: comparing must change nothing, and the lookup role is enough.
  const args = ["diff", "--app", edges.assembly, "--method=template", "--exclusively", ...names];
  const { exitCode, output } = await edges.cdk(args, signal);
  if (signal.aborted) throw new Failure("interrupted: nothing was deployed");
  if (exitCode !== 0) throw new Failure("cdk diff failed, as it says above: nothing was deployed");
  const [, count] = /Number of stacks with differences: (\d+)/.exec(output) ?? [];
  const differing = count === undefined ? stacks.length : Number(count);
  if (differing === 0) say("Nothing differs from what is deployed.");
  return differing;
}

async function isConfirmed(
  { edges, options, signal }: Deployment,
  { caller, stacks }: DeployTarget,
): Promise<boolean> {
  if (options.yes === true || edges.ask === undefined) return true;
  const what = stacks.length === 1 ? "this stack" : `these ${stacks.length} stacks`;
  const answer = await edges.ask(`Deploy ${what} to account ${caller.accountId}? (y/n) `, signal);
  return isYes(answer);
}

async function deployAll(
  deployment: Deployment,
  stacks: readonly PlannedStack[],
): Promise<readonly StackOutcome[]> {
  const outcomes: StackOutcome[] = [];
  for (const [at, stack] of stacks.entries()) {
    const isStopped = outcomes.some(({ state }) => state !== "deployed");
    if (!isStopped) deployment.say(`\n${at + 1} of ${stacks.length}: ${stack.stackName} in ${stack.region}`);
    const result = isStopped
      ? { state: "not begun" as const, outputs: {} }
      : await deployOne(deployment, stack);
    outcomes.push({ stack, template: await loadTemplate(stack.templateFile), ...result });
  }
  return outcomes;
}

async function deployOne({ edges, signal }: Deployment, { stackName }: PlannedStack) {
  if (signal.aborted) return { state: "not begun" as const, outputs: {} };
  const folder = await mkdtemp(join(tmpdir(), "wrist-agent-deploy-"));
  const file = join(folder, "outputs.json");
  const options = [
    "--exclusively",
    "--require-approval=never",
    "--progress=events",
    `--outputs-file=${file}`,
  ];
  try {
    const { exitCode } = await edges.cdk(["deploy", "--app", edges.assembly, ...options, stackName], signal);
    const state = endState(exitCode, signal);
    return { state, outputs: state === "deployed" ? await readOutputs(file, stackName) : {} };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function endState(exitCode: number, signal: AbortSignal): StackState {
  if (exitCode === 0) return "deployed";
  return signal.aborted ? "interrupted" : "failed";
}

/** A stack without outputs leaves no file. */
async function readOutputs(file: string, stackName: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(file, "utf8").catch(() => "{}");
  return (JSON.parse(text) as Readonly<Record<string, Record<string, string>>>)[stackName] ?? {};
}

/** The line that goes on with a deployment that was broken off. */
function resumeCommand({ stage, only, context, profile }: DeployOptions): string {
  const words = [
    ...(only.length === 0 ? [] : ["--only", only.join(",")]),
    ...Object.entries(context).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ...(profile === undefined ? [] : ["--profile", profile]),
  ];
  return ["npm run deploy -- --stage", stage, ...words].join(" ");
}

function failUnlessComplete({ terminal, options }: Deployment, deployed: DeployResult): void {
  const broken = deployed.stacks.find(({ state }) => state !== "deployed");
  if (broken === undefined) return;
  unfinishedLines(deployed, resumeCommand(options)).forEach(terminal.err);
  const reason = broken.state === "failed" ? `${broken.stackName} was not deployed` : "interrupted";
  throw new Failure(reason);
}
