import { AwsError } from "./service.ts";
import type { JsonService } from "./service.ts";

/** CodeDeploy, which is refused by name: a hook that runs here belongs to no deployment, and none is under way. */
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
