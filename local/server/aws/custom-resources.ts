import { AwsError } from "./service.ts";
import { jsonInput } from "./json-protocol.ts";
import type { RestService } from "./service.ts";

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
