import { setTimeout as wait } from "node:timers/promises";
import { Logger } from "@aws-lambda-powertools/logger";
import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from "@aws-sdk/client-codedeploy";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SSMClient } from "@aws-sdk/client-ssm";
import { PRE_TRAFFIC_ENVIRONMENT } from "../contract/environment.ts";
import { tokenDocumentOf } from "../contract/token.ts";
import { ssmTokenSource } from "../read-token.ts";
import { askByInvoke } from "./questions.ts";
import { preTrafficHook, type HookPorts } from "./pre-traffic.ts";

const TOKEN_TIMEOUT_MS = 10_000;

const parameterName = process.env[PRE_TRAFFIC_ENVIRONMENT.tokenParameterName] ?? "";
const versionArn = process.env[PRE_TRAFFIC_ENVIRONMENT.versionArn] ?? "";

const readParameter = ssmTokenSource(new SSMClient({}), parameterName, TOKEN_TIMEOUT_MS);
const codeDeploy = new CodeDeployClient({ maxAttempts: 5 });
const logger = new Logger({ serviceName: "pre-traffic", persistentKeys: { versionArn } });

async function readToken(): Promise<string> {
  const reading = await readParameter();
  if ("fault" in reading) throw new Error(`${parameterName} could not be read: ${reading.fault}`);
  const document = tokenDocumentOf(reading.value);
  if (document === undefined) throw new Error(`${parameterName} holds no token`);
  return document.current;
}

const report: HookPorts["report"] = (event, verdict) =>
  codeDeploy.send(
    new PutLifecycleEventHookExecutionStatusCommand({
      deploymentId: event.DeploymentId,
      lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
      status: verdict,
    }),
  );

/** The function that CodeDeploy runs before it shifts traffic to a new version. */
export const handler = preTrafficHook({
  // Every question is asked at most twice, and counted: the client itself asks once.
  ask: askByInvoke(new LambdaClient({ maxAttempts: 1 }), versionArn),
  readToken,
  report,
  log: (message, details) => logger.info(message, details),
  now: () => Date.now(),
  wait,
});
