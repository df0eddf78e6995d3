import {
  GetDeploymentCommand,
  paginateListDeployments,
  StopDeploymentCommand,
  type CodeDeployClient,
  type DeploymentInfo,
  type DeploymentStatus,
} from "@aws-sdk/client-codedeploy";
import { ALIAS_NAME, namesOf } from "../../../lib/names.ts";
import { errorMessage } from "../../cli/failure.ts";
import type { Target } from "../../cli/target.ts";
import { awsAnswer, awsErrorName } from "../../cli/aws-calls.ts";
import type { Deployment, RollbackAws } from "./rollback.ts";

/** Whose deployments are asked about. */
export interface DeploymentClient {
  readonly client: CodeDeployClient;
  readonly target: Target;
}

const UNDER_WAY_STATUSES: DeploymentStatus[] = ["Created", "Queued", "InProgress", "Ready"];

/** Refusals that mean: nothing can be deployed here by CodeDeploy, so nothing is. */
const NO_CODEDEPLOY_ERRORS: readonly string[] = [
  "ApplicationDoesNotExistException",
  "DeploymentGroupDoesNotExistException",
  "UnknownOperationException",
];

/** Deployments that have not ended, newest first, or why none could be asked about. */
export async function readUnderWayDeployments(
  asking: DeploymentClient,
  signal: AbortSignal,
): Promise<readonly Deployment[] | { readonly unasked: string }> {
  const ids = listIds(asking, signal).catch((error: unknown) => {
    if (NO_CODEDEPLOY_ERRORS.includes(awsErrorName(error)))
      return { unasked: `no deployment could be asked about: ${refusalText(error)}` };
    throw error;
  });
  const found = await awsAnswer({ target: asking.target, action: "codedeploy:ListDeployments" }, ids);
  if (!Array.isArray(found)) return found;
  const deployments = await Promise.all(found.map((id) => readDeployment(asking, id, signal)));
  return deployments.sort((a, b) => (b.createdMs ?? 0) - (a.createdMs ?? 0));
}

function refusalText(error: unknown): string {
  const message = errorMessage(error);
  return message === "" || message === awsErrorName(error)
    ? awsErrorName(error)
    : `${awsErrorName(error)}: ${message}`;
}

async function listIds({ client, target }: DeploymentClient, signal: AbortSignal): Promise<string[]> {
  const group = {
    applicationName: namesOf(target.stage).deploymentApplication,
    deploymentGroupName: ALIAS_NAME,
    includeOnlyStatuses: UNDER_WAY_STATUSES,
  };
  const ids: string[] = [];
  for await (const { deployments = [] } of paginateListDeployments({ client }, group, {
    abortSignal: signal,
  }))
    ids.push(...deployments);
  return ids;
}

/** How one deployment stands. */
export async function readDeployment(
  { client, target }: DeploymentClient,
  id: string,
  signal: AbortSignal,
): Promise<Deployment> {
  const sent = client.send(new GetDeploymentCommand({ deploymentId: id }), { abortSignal: signal });
  const { deploymentInfo = {} } = await awsAnswer({ target, action: "codedeploy:GetDeployment" }, sent);
  return toDeployment(id, deploymentInfo);
}

function toDeployment(id: string, info: DeploymentInfo): Deployment {
  const { status = "Created", creator, createTime, rollbackInfo, errorInformation } = info;
  const rollbackId = rollbackInfo?.rollbackDeploymentId;
  const message = rollbackInfo?.rollbackMessage ?? errorInformation?.message;
  return {
    id,
    status,
    ...(creator !== undefined && { creator }),
    ...(createTime !== undefined && { createdMs: createTime.getTime() }),
    ...(rollbackId !== undefined && { rollbackId }),
    ...(message !== undefined && { message }),
  };
}

/** Stops a deployment and lets CodeDeploy take it back. */
export async function stopDeployment(
  { client, target }: DeploymentClient,
  deploymentId: string,
): ReturnType<RollbackAws["stop"]> {
  const sent = client.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true })).then(
    () => "stopping" as const,
    (error: unknown) => {
      if (awsErrorName(error) === "DeploymentAlreadyCompletedException") return "over" as const;
      throw error;
    },
  );
  return awsAnswer({ target, action: "codedeploy:StopDeployment" }, sent);
}
