import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type { Template } from "cw-alarm-test/template";
import { Failure, UsageError } from "../../cli/failure.ts";
import { isYes, type Terminal } from "../../cli/terminal.ts";
import { askNewModel, confirmRemovals, refuseUnbootstrapped, refuseUnusableModel } from "./checks.ts";
import type { Deployment, DeployOptions, DeployPorts } from "./deploy-ports.ts";
import type { Caller } from "./stage-account.ts";
import {
  deployResult,
  type DeployResult,
  deployResultLines,
  unfinishedLines,
  urlFault,
} from "./deploy-result.ts";
import { finishDeploy } from "./finish.ts";
import type { PlannedStack, StackOutcome, StackState } from "./plan.ts";
import { type Prepared, prepareStage, templatesOf } from "./prepare.ts";

/** Synthesises, checks the account, shows what would change, asks, and deploys stack after stack. */
export async function runDeploy(
  terminal: Terminal,
  ports: DeployPorts,
  options: DeployOptions,
): Promise<void> {
  if (options.yes !== true && options.dryRun !== true && ports.ask === undefined)
    throw new UsageError(
      "this is not a terminal, so it cannot ask: pass --yes, or --dry-run to see the diff",
    );
  const stopping = new AbortController();
  const ignore = ports.onInterrupt(() => stopping.abort());
  const say = options.json === true ? terminal.err : terminal.out;
  try {
    const caller = await ports.account.caller();
    const unlock = await ports.lock(options.stage, caller.accountId);
    const { directory, close } = await ports.workspace();
    try {
      const { signal } = stopping;
      await deploy({ terminal, ports, options, say, signal, assembly: directory }, caller);
    } finally {
      await close();
      await unlock();
    }
  } finally {
    ignore();
  }
}

async function deploy(deployment: Deployment, caller: Caller): Promise<void> {
  const { options, say } = deployment;
  say(`Account ${caller.accountId}, as ${caller.arn}`);
  const prepared = await prepareStage(deployment);
  const { stacks } = prepared;
  await refuseUnbootstrapped(deployment, { caller, stacks });
  const templates = await templatesOf(stacks);
  prepared.leftOut.forEach(say);
  for (const [{ stackName, region }, before] of prepared.before)
    if (before === "missing" || before === "failed")
      say(`${stackName} is not in ${region} of this account yet: it is created.`);
  await refuseUnusableModel(deployment, prepared, templates);
  const hash = await assemblyHash(deployment.assembly);
  const differing = await showDiff(deployment, stacks);
  await confirmRemovals(deployment, prepared, templates);
  if (options.dryRun === true) {
    say("Nothing was deployed: this was a dry run.");
    return;
  }
  if (differing > 0 && !(await isConfirmed(deployment, { caller, stacks, hash })))
    throw new Failure("nothing was deployed");
  await askNewModel(deployment, prepared, templates);
  await unprotectFailed(deployment, prepared);
  await deployApproved(deployment, { caller, stacks, templates, hash });
}

/**
 * The CDK CLI deletes a stack whose creation failed and makes it again, which production's protection would
 * refuse for ever.
 */
async function unprotectFailed({ ports, say }: Deployment, { before }: Prepared): Promise<void> {
  for (const [{ stackName, region }, there] of before) {
    if (there !== "failed") continue;
    const done = await ports.stage.unprotect(region, stackName);
    if (done !== "done")
      throw new Failure(
        `${done.unreadable}: aws cloudformation update-termination-protection --no-enable-termination-protection --region ${region} --stack-name ${stackName}, then deploy again`,
      );
    say(`The creation of ${stackName} failed before: what is left of it is removed first.`);
  }
}

interface Approved {
  readonly caller: Caller;
  readonly stacks: readonly PlannedStack[];
  /** Of the assembly that was shown. */
  readonly hash: string;
}

async function deployApproved(
  deployment: Deployment,
  approved: Approved & { readonly templates: readonly Template[] },
): Promise<void> {
  const { options, terminal } = deployment;
  const { accountId } = approved.caller;
  const outcomes = await deployAll(deployment, approved);
  const after = await finishDeploy(deployment, outcomes, accountId);
  const deployed = deployResult({ stage: options.stage, accountId }, outcomes, after);
  if (options.json === true) terminal.out(JSON.stringify(deployed));
  else deployResultLines(terminal, deployed).forEach(terminal.out);
  failUnlessComplete(deployment, deployed);
}

/** How many stacks differ from what is deployed; all of them where the CLI does not say. */
async function showDiff(
  { ports, signal, say, assembly }: Deployment,
  stacks: readonly PlannedStack[],
): Promise<number> {
  const names = stacks.map(({ id }) => id);
  // Without a change set: comparing must change nothing, and the lookup role is enough.
  const args = ["diff", "--app", assembly, "--method=template", "--exclusively", ...names];
  const { exitCode, output } = await ports.cdk(args, signal);
  if (signal.aborted) throw new Failure("interrupted: nothing was deployed");
  if (exitCode !== 0) throw new Failure("cdk diff failed, as it says above: nothing was deployed");
  const [, count] = /Number of stacks with differences: (\d+)/.exec(output) ?? [];
  const differing = count === undefined ? stacks.length : Number(count);
  if (differing === 0) say("Nothing differs from what is deployed.");
  return differing;
}

async function isConfirmed(
  { ports, options, signal, say }: Deployment,
  { caller, stacks, hash }: Approved,
): Promise<boolean> {
  say(`Assembly ${hash}`);
  if (options.yes === true || ports.ask === undefined) return true;
  const what = stacks.length === 1 ? "this stack" : `these ${stacks.length} stacks`;
  const answer = await ports.ask(`Deploy ${what} to account ${caller.accountId}? (y/n) `, signal);
  return isYes(answer);
}

async function deployAll(
  deployment: Deployment,
  { stacks, templates, hash }: Approved & { readonly templates: readonly Template[] },
): Promise<readonly StackOutcome[]> {
  const outcomes: StackOutcome[] = [];
  for (const [at, stack] of stacks.entries()) {
    const isStopped = outcomes.some(({ state }) => state !== "deployed");
    if (!isStopped) deployment.say(`\n${at + 1} of ${stacks.length}: ${stack.stackName} in ${stack.region}`);
    if (!isStopped) await refuseOtherAssembly(deployment.assembly, hash);
    const result = isStopped
      ? { state: "not begun" as const, outputs: {} }
      : await deployOne(deployment, stack);
    outcomes.push({ stack, template: templates[at] ?? {}, ...result });
  }
  return outcomes;
}

async function refuseOtherAssembly(assembly: string, approved: string): Promise<void> {
  const now = await assemblyHash(assembly);
  if (now !== approved)
    throw new Failure(`${assembly} has changed since it was shown (${approved}, now ${now}): deploy again`);
}

async function deployOne({ ports, signal, assembly }: Deployment, { stackName, id }: PlannedStack) {
  if (signal.aborted) return { state: "not begun" as const, outputs: {} };
  const folder = await mkdtemp(join(tmpdir(), "wrist-agent-outputs-"));
  const file = join(folder, "outputs.json");
  const options = [
    "--exclusively",
    "--require-approval=never",
    "--progress=events",
    // Log groups that a destroyed stack, or a part that was switched off, left behind.
    "--import-existing-resources",
    `--outputs-file=${file}`,
  ];
  try {
    const { exitCode } = await ports.cdk(["deploy", "--app", assembly, ...options, id], signal);
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

/** The line that goes on with a deployment that was interrupted. */
function resumeCommand({ stage, only, onlyRegion, context, profile }: DeployOptions): string {
  const words = [
    ...(only.length === 0 ? [] : ["--only", only.join(",")]),
    ...(onlyRegion === undefined ? [] : ["--only-region", onlyRegion]),
    ...Object.entries(context).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ...(profile === undefined ? [] : ["--profile", profile]),
  ];
  return ["npm run deploy -- --stage", stage, ...words].join(" ");
}

function failUnlessComplete({ terminal, options }: Deployment, deployed: DeployResult): void {
  const broken = deployed.stacks.find(({ state }) => state !== "deployed");
  if (broken !== undefined) {
    unfinishedLines(deployed, resumeCommand(options)).forEach(terminal.err);
    throw new Failure(broken.state === "failed" ? `${broken.stackName} was not deployed` : "interrupted");
  }
  const fault = urlFault(deployed);
  if (fault !== undefined) throw new Failure(fault);
}

/** What the CDK CLI writes beside the assembly that it deploys. */
const NOT_PART = /(^|\/)(\.cache\/|[^/]*\.lock$)/;

/** One hash of everything in an assembly: what was shown and approved is what is deployed. */
export async function assemblyHash(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, name: relative(directory, file).replaceAll("\\", "/") }))
    .filter(({ name }) => !NOT_PART.test(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const hash = createHash("sha256");
  for (const { file, name } of files)
    hash
      .update(`${name}\0`)
      .update(await readFile(file))
      .update("\0");
  return hash.digest("hex").slice(0, 16);
}
