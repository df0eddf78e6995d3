import { partitionOf } from "@wrist-agent/cloudwatch/region";
import { jsonInput } from "./json-protocol.ts";
import { AwsError, type JsonService, type QueryService, type RestService } from "./service.ts";
import type { Account } from "./ssm.ts";

/** STS, as far as a caller asks who it is. */
export function stsService({ accountId, region }: Account): QueryService {
  return {
    protocol: "query",
    xmlNamespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    operations: {
      GetCallerIdentity: () => ({
        Arn: `arn:${partitionOf(region)}:sts::${accountId}:assumed-role/local/local`,
        UserId: "AROALOCAL00000000000:local",
        Account: accountId,
      }),
    },
  };
}

/**
 * CodeDeploy, which is refused by name: a hook that runs here belongs to no deployment, and none is under
 * way.
 */
export function codeDeployService(): JsonService {
  return {
    protocol: "json",
    version: "1.1",
    targetPrefix: "CodeDeploy_20141006",
    operations: {
      PutLifecycleEventHookExecutionStatus: () => {
        throw new AwsError(
          "InvalidDeploymentStatusException",
          "the local runtime does not emulate CodeDeploy: a new version serves every request at once, and no deployment waits for a hook",
        );
      },
      ListDeployments: () => {
        throw new AwsError(
          "ApplicationDoesNotExistException",
          "the local runtime does not emulate CodeDeploy: a new version serves every request at once, and no deployment is ever under way",
        );
      },
    },
  };
}

/** What a function says of the custom resource that it was to make. */
export interface CustomResourceAnswer {
  readonly status: "SUCCESS" | "FAILED";
  /** Missing when the function gave none. */
  readonly reason?: string;
  /** Missing when the function gave none. */
  readonly physicalId?: string;
}

/** Path below which functions answer, in place of S3's presigned addresses. */
export const CUSTOM_RESOURCE_PATH = "/custom-resource-answers";

/** Takes the answers of custom resources; `take` gives false when nobody waits for one. */
export function customResourceService(
  take: (id: string, answer: CustomResourceAnswer) => boolean,
): RestService {
  return {
    protocol: "rest",
    routes: [
      {
        method: "PUT",
        path: new RegExp(`^${CUSTOM_RESOURCE_PATH}/([\\w-]+)$`),
        answer: ([id = ""], call) => {
          const { Status: status, Reason: reason, PhysicalResourceId: physicalId } = jsonInput(call.body);
          if (status !== "SUCCESS" && status !== "FAILED")
            throw new AwsError("InvalidRequest", "Status must be SUCCESS or FAILED");
          const answer: CustomResourceAnswer = {
            status,
            ...(typeof reason === "string" && { reason }),
            ...(typeof physicalId === "string" && { physicalId }),
          };
          if (!take(id, answer)) throw new AwsError("AccessDenied", "nobody waits for this answer", 403);
          return { status: 200, headers: {}, body: Buffer.alloc(0) };
        },
      },
    ],
  };
}
