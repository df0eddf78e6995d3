import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { namesOf } from "../../../../../lib/names.ts";
import { awsFailure, type Target } from "../../target.ts";
import { readDeployment, readUnderWay, stopDeployment } from "./deployments.ts";
import {
  moveAlias,
  readAlias,
  readProvisioned,
  readState,
  readVersions,
  type AskedFunction,
} from "./versions.ts";
import type { RollbackAws } from "../edges.ts";
import type { Serving } from "../serving.ts";

/** Lambda and CodeDeploy of a stage, through the SDK. */
export async function rollbackAws(target: Target): Promise<RollbackAws> {
  const client = new LambdaClient(target.client);
  const region = await client.config.region().catch((error: unknown) => {
    throw awsFailure(error, target);
  });
  const fn: AskedFunction = { client, target, functionName: namesOf(target.stage).function, region };
  const deployments = { client: new CodeDeployClient(target.client), target };
  return {
    read: (signal) => read(fn, deployments, signal),
    stateOf: (version, signal) => readState(fn, version, signal),
    alias: () => readAlias(fn),
    move: (version, revisionId) => moveAlias(fn, version, revisionId),
    stop: (id) => stopDeployment(deployments, id),
    deployment: (id, signal) => readDeployment(deployments, id, signal),
    close() {
      client.destroy();
      deployments.client.destroy();
    },
  };
}

async function read(
  fn: AskedFunction,
  deployments: Parameters<typeof readUnderWay>[0],
  signal: AbortSignal,
): Promise<Serving> {
  // First and alone: without the function every other question fails too, and less clearly.
  const versions = await readVersions(fn, signal);
  const [alias, underWay, provisioned] = await Promise.all([
    readAlias(fn, signal),
    readUnderWay(deployments, signal),
    readProvisioned(fn, signal),
  ]);
  return {
    ...{ region: fn.region, functionName: fn.functionName, versions, alias },
    underWay: "unasked" in underWay ? [] : underWay,
    ...(typeof provisioned === "number" && { provisioned }),
    unasked: [underWay, provisioned].flatMap((each) =>
      typeof each === "object" && "unasked" in each ? [each.unasked] : [],
    ),
  };
}
