import {
  GetDeploymentCommand,
  paginateListDeployments,
  StopDeploymentCommand,
  type CodeDeployClient,
  type DeploymentInfo,
  type DeploymentStatus,
} from "@aws-sdk/client-codedeploy";
import { ALIAS_NAME, namesOf } from "../../../../../lib/names.ts";
import { messageOf } from "../../../failure.ts";
import type { Target } from "../../target.ts";
import { asked, errorName } from "../../asked.ts";
import type { RollbackAws } from "../edges.ts";
import type { Deployment } from "../serving.ts";

/** Whose deployments are asked about. */
export interface AskedDeployments {
  readonly client: CodeDeployClient;
  readonly target: Target;
}

const UNDER_WAY: DeploymentStatus[] = ["Created", "Queued", "InProgress", "Ready"];

/** Refusals that mean: nothing can be deployed here by CodeDeploy, so nothing is. */
const NO_CODEDEPLOY: readonly string[] = [
  "ApplicationDoesNotExistException",
  "DeploymentGroupDoesNotExistException",
  "UnknownOperationException",
];

/** Deployments that have not ended, newest first, or why none could be asked about. */
export async function readUnderWay(
  asking: AskedDeployments,
  signal: AbortSignal,
): Promise<readonly Deployment[] | { readonly unasked: string }> {
  const ids = listIds(asking, signal).catch((error: unknown) => {
    if (NO_CODEDEPLOY.includes(errorName(error)))
      return { unasked: `no deployment could be asked about: ${reasonOf(error)}` };
    throw error;
  });
  const found = await asked({ target: asking.target, action: "codedeploy:ListDeployments" }, ids);
  if (!Array.isArray(found)) return found;
  const deployments = await Promise.all(found.map((id) => readDeployment(asking, id, signal)));
  return deployments.sort((a, b) => (b.createdMs ?? 0) - (a.createdMs ?? 0));
}

function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return message === "" || message === errorName(error)
    ? errorName(error)
    : `${errorName(error)}: ${message}`;
}

async function listIds({ client, target }: AskedDeployments, signal: AbortSignal): Promise<string[]> {
  const group = {
    applicationName: namesOf(target.stage).deploymentApplication,
    deploymentGroupName: ALIAS_NAME,
    includeOnlyStatuses: UNDER_WAY,
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
  { client, target }: AskedDeployments,
  id: string,
  signal: AbortSignal,
): Promise<Deployment> {
  const sent = client.send(new GetDeploymentCommand({ deploymentId: id }), { abortSignal: signal });
  const { deploymentInfo = {} } = await asked({ target, action: "codedeploy:GetDeployment" }, sent);
  return deploymentOf(id, deploymentInfo);
}

function deploymentOf(id: string, info: DeploymentInfo): Deployment {
  const { status = "Created", creator, createTime, rollbackInfo, errorInformation } = info;
  const rollbackId = rollbackInfo?.rollbackDeploymentId;
  const message = rollbackInfo?.rollbackMessage ?? errorInformation?.message;
  return {
    ...{ id, status },
    ...(creator !== undefined && { creator }),
    ...(createTime !== undefined && { createdMs: createTime.getTime() }),
    ...(rollbackId !== undefined && { rollbackId }),
    ...(message !== undefined && { message }),
  };
}

/** Stops a deployment and lets CodeDeploy take it back. */
export async function stopDeployment(
  { client, target }: AskedDeployments,
  deploymentId: string,
): ReturnType<RollbackAws["stop"]> {
  const sent = client.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true })).then(
    () => "stopping" as const,
    (error: unknown) => {
      if (errorName(error) === "DeploymentAlreadyCompletedException") return "over" as const;
      throw error;
    },
  );
  return asked({ target, action: "codedeploy:StopDeployment" }, sent);
}
