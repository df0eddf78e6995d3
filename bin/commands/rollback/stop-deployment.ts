import { namesOf } from "../../../lib/names.ts";
import { Failure } from "../../cli/failure.ts";
import { type Target, targetCommand } from "../../cli/target.ts";
import { afterRollbackLines } from "./move-alias.ts";
import {
  confirmChange,
  type Deployment,
  type Interaction,
  isDeploymentOver,
  isRollbackDeployment,
  type LiveAlias,
  newestServingVersion,
  type Rollback,
  type RollbackAws,
  type RollbackResult,
  type Serving,
  servingText,
  servingVersions,
} from "./rollback.ts";
import { deploymentText, type RollbackChoice } from "./version-list.ts";

/**
 * Stops the deployment under way, or waits for one that goes back already, and says what serves at its end.
 */
export async function endDeployment(
  rollback: Rollback,
  serving: Serving,
  { kind, deployment }: Extract<RollbackChoice, { kind: "stop" | "wait" }>,
): Promise<RollbackResult> {
  const { options, target, say } = rollback;
  const facts = { from: newestServingVersion(serving.alias), deployment: deployment.id };
  say(
    `${target.where}: ${serving.functionName} in ${serving.region} serves ${servingText(serving.alias)}; under way: ${deploymentText(deployment)}`,
  );
  if (kind === "wait") say("it goes back already, so it is waited for and not stopped");
  if (options.dryRun === true) {
    say(`Nothing was ${kind === "stop" ? "stopped" : "waited for"}: this was a dry run.`);
    return { did: "nothing", would: kind, ...facts };
  }
  if (kind === "stop") await confirmAndStop(rollback, deployment.id);
  const alias = await aliasAfterEnd(rollback, serving, deployment.id);
  say(rollback.terminal.colours.green(`${target.where}: version ${alias.version} serves every request now`));
  ["", "To do:", ...afterStopLines(target, serving.region).map((line) => `  ${line}`)].forEach(say);
  return { did: kind === "stop" ? "stopped" : "waited", ...facts, to: alias.version };
}

async function confirmAndStop(rollback: Rollback, id: string): Promise<void> {
  await confirmChange(rollback, `Stop deployment ${id} and let CodeDeploy take it back?`);
  if ((await rollback.aws.stop(id)) === "stopping") return;
  const alias = await rollback.aws.alias();
  throw new Failure(
    `${rollback.target.where}: deployment ${id} ended before it could be stopped, and the alias serves ${servingText(alias)}. If that is not the one you want: ${targetCommand(rollback.target, "rollback")}`,
  );
}

async function aliasAfterEnd(rollback: Rollback, serving: Serving, id: string): Promise<LiveAlias> {
  const { aws, around, signal, target, terminal, say } = rollback;
  const waiting = { aws, wait: around.wait, signal, target, region: serving.region };
  const ended = await terminal.progress(
    `waiting until CodeDeploy is done with ${id}`,
    awaitDeploymentEnd(waiting, id),
  );
  deploymentEndLines(ended).forEach(say);
  const alias = await aws.alias();
  const fault = rollbackFault(serving, ended, alias);
  if (fault === undefined) return alias;
  throw new Failure(
    `${target.where}: ${fault}; the alias serves ${servingText(alias)}. Look with ${targetCommand(target, "rollback --list")} and choose with --to`,
  );
}

function deploymentEndLines({ deployment, rollback }: EndedDeployment): readonly string[] {
  const ends = [deployment, ...(rollback ? [rollback] : [])];
  return ends.map(
    ({ id, status, message }) => `${id} ended: ${status}${message === undefined ? "" : ` (${message})`}`,
  );
}

/** Why what came of it is not the version before; nothing when it is. */
function rollbackFault(
  { alias: before }: Serving,
  { deployment, rollback }: EndedDeployment,
  now: LiveAlias,
): string | undefined {
  const last = rollback ?? deployment;
  if (isRollbackDeployment(last) && last.status !== "Succeeded") return `${last.id} did not take it back`;
  if (rollback === undefined && !isRollbackDeployment(deployment) && deployment.status === "Succeeded")
    return `${deployment.id} succeeded before it was stopped`;
  if (servingVersions(now).length > 1) return `${last.id} is over, but requests are still divided`;
  if (!isRollbackDeployment(deployment) && (before.weights[now.version] ?? 0) > 0)
    return `${last.id} is over, but the version that it brought serves on`;
  return undefined;
}

function afterStopLines(target: Target, region: string): readonly string[] {
  const { applicationStack } = namesOf(target.stage);
  return [
    `if the deployment belonged to an update of the stack, CloudFormation takes the update back too, and ends in UPDATE_ROLLBACK_COMPLETE: aws cloudformation describe-stacks --region ${region} --stack-name ${applicationStack} --query "Stacks[0].StackStatus"`,
    ...afterRollbackLines(target),
  ];
}

/** A deployment that ended, and the one that took it back, where CodeDeploy named one. */
interface EndedDeployment {
  readonly deployment: Deployment;
  readonly rollback?: Deployment;
}

/** What is waited for, and with what. */
interface DeploymentWait {
  readonly aws: RollbackAws;
  readonly wait: Interaction["wait"];
  readonly signal: AbortSignal;
  readonly target: Target;
  readonly region: string;
}

const POLL_MS = 2_000;
const WAIT_TIMEOUT_MS = 300_000;

/** CodeDeploy may name the rollback a moment after the deployment is stopped. */
const GRACE_POLLS = 3;

/** Waits until CodeDeploy is done with a deployment and with the one that takes it back. */
async function awaitDeploymentEnd(waiting: DeploymentWait, deploymentId: string): Promise<EndedDeployment> {
  const brokenOff = (error: unknown): never => {
    throw waiting.signal.aborted ? interruptedFailure(waiting, deploymentId, error) : error;
  };
  let endedPolls = 0;
  for (let waitedMs = 0; waitedMs <= WAIT_TIMEOUT_MS; waitedMs += POLL_MS) {
    const now = await readDeployments(waiting, deploymentId).catch(brokenOff);
    const last = now.rollback ?? now.deployment;
    if (isDeploymentOver(last)) {
      endedPolls += 1;
      if (now.rollback !== undefined || last.status === "Succeeded" || endedPolls > GRACE_POLLS) return now;
    }
    await waiting.wait(POLL_MS, waiting.signal).catch(brokenOff);
  }
  throw new Failure(
    `deployment ${deploymentId} has not ended within ${WAIT_TIMEOUT_MS / 1_000} s; CodeDeploy goes on with it by itself. To see how it ends: ${statusCommand(waiting, deploymentId)}`,
  );
}

async function readDeployments({ aws, signal }: DeploymentWait, id: string): Promise<EndedDeployment> {
  const deployment = await aws.deployment(id, signal);
  if (!isDeploymentOver(deployment) || deployment.rollbackId === undefined) return { deployment };
  return { deployment, rollback: await aws.deployment(deployment.rollbackId, signal) };
}

function interruptedFailure(waiting: DeploymentWait, id: string, cause: unknown): Failure {
  return new Failure(
    `interrupted: CodeDeploy goes on with ${id} by itself. To see how it ends: ${statusCommand(waiting, id)}`,
    { cause },
  );
}

function statusCommand({ region }: DeploymentWait, id: string): string {
  return `aws deploy get-deployment --region ${region} --deployment-id ${id} --query "deploymentInfo.[status,rollbackInfo]"`;
}
