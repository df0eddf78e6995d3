import { Failure } from "../../failure.ts";
import type { Target } from "../target.ts";
import type { RollbackAws, Surroundings } from "./edges.ts";
import { isOver, type Deployment } from "./serving.ts";

/** A deployment that ended, and the one that took it back, where CodeDeploy named one. */
export interface Ended {
  readonly deployment: Deployment;
  readonly rollback?: Deployment;
}

/** What is waited for, and with what. */
export interface Waiting {
  readonly aws: RollbackAws;
  readonly wait: Surroundings["wait"];
  readonly signal: AbortSignal;
  readonly target: Target;
  readonly region: string;
}

const POLL_MS = 2_000;
const PATIENCE_MS = 300_000;

/** CodeDeploy may name the rollback a moment after the deployment is stopped. */
const GRACE_POLLS = 3;

/** Waits until CodeDeploy is done with a deployment and with the one that takes it back. */
export async function awaitEnd(waiting: Waiting, deploymentId: string): Promise<Ended> {
  const brokenOff = (error: unknown): never => {
    throw waiting.signal.aborted ? interrupted(waiting, deploymentId, error) : error;
  };
  let endedPolls = 0;
  for (let waitedMs = 0; waitedMs <= PATIENCE_MS; waitedMs += POLL_MS) {
    const now = await look(waiting, deploymentId).catch(brokenOff);
    const last = now.rollback ?? now.deployment;
    if (isOver(last)) {
      endedPolls += 1;
      if (now.rollback !== undefined || last.status === "Succeeded" || endedPolls > GRACE_POLLS) return now;
    }
    await waiting.wait(POLL_MS, waiting.signal).catch(brokenOff);
  }
  throw new Failure(
    `deployment ${deploymentId} has not ended within ${PATIENCE_MS / 1_000} s; CodeDeploy goes on with it by itself. To see how it ends: ${lookCommand(waiting, deploymentId)}`,
  );
}

async function look({ aws, signal }: Waiting, id: string): Promise<Ended> {
  const deployment = await aws.deployment(id, signal);
  if (!isOver(deployment) || deployment.rollbackId === undefined) return { deployment };
  return { deployment, rollback: await aws.deployment(deployment.rollbackId, signal) };
}

function interrupted(waiting: Waiting, id: string, cause: unknown): Failure {
  return new Failure(
    `interrupted: CodeDeploy goes on with ${id} by itself. To see how it ends: ${lookCommand(waiting, id)}`,
    { cause },
  );
}

function lookCommand({ region }: Waiting, id: string): string {
  return `aws deploy get-deployment --region ${region} --deployment-id ${id} --query "deploymentInfo.[status,rollbackInfo]"`;
}
