import type { Context } from "aws-lambda";
import { verifyVersion, type VerificationPorts } from "./verify-version.ts";

/** What CodeDeploy sends: https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html */
export interface HookEvent {
  readonly DeploymentId: string;
  readonly LifecycleEventHookExecutionId: string;
}

/** The verdict that CodeDeploy waits for. */
export type Verdict = "Succeeded" | "Failed";

/** What the hook needs from outside. */
export interface HookPorts extends VerificationPorts {
  readonly report: (event: HookEvent, verdict: Verdict) => Promise<unknown>;
  readonly log: (message: string, details: { readonly complaints: readonly string[] }) => void;
}

/** Left for telling CodeDeploy the verdict, retries included. */
const REPORT_MS = 15_000;

/** The hook over its ports: whatever happens, CodeDeploy is told, else it would wait for an hour. */
export function preTrafficHook(
  ports: HookPorts,
): (event: HookEvent, context: Pick<Context, "getRemainingTimeInMillis">) => Promise<void> {
  return async (event, context) => {
    const deadlineMs = ports.now() + context.getRemainingTimeInMillis() - REPORT_MS;
    const complaints = await verifyVersion(ports, deadlineMs).catch((error: unknown) => [reasonOf(error)]);
    const verdict: Verdict = complaints.length === 0 ? "Succeeded" : "Failed";
    ports.log(`verification ${verdict.toLowerCase()}`, { complaints });
    await ports.report(event, verdict);
  };
}

function reasonOf(error: unknown): string {
  return `nothing was asked: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}
