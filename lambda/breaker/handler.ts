import { Logger } from "@aws-lambda-powertools/logger";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { SSMClient } from "@aws-sdk/client-ssm";
import { BREAKER_ENVIRONMENT } from "../contract/breaker.ts";
import { agentServiceName } from "../contract/metrics.ts";
import { createBreaker } from "./breaker.ts";
import { cloudWatchSpend, ssmBreakerState } from "./deployed-breaker.ts";

/** A function without its environment cannot do anything right, so it does not start. */
function required(name: keyof typeof BREAKER_ENVIRONMENT): string {
  const value = process.env[BREAKER_ENVIRONMENT[name]] ?? "";
  if (value === "") throw new Error(`environment variable ${BREAKER_ENVIRONMENT[name]} is missing`);
  return value;
}

const stage = required("stage");
const logger = new Logger({ serviceName: agentServiceName(stage) });

/** The function that Lambda runs. */
export const handler = createBreaker({
  facts: {
    alarmArn: required("alarmArn"),
    timeZone: required("timeZone"),
    dailySpendUsd: Number(required("dailySpendUsd")),
  },
  ...ssmBreakerState(new SSMClient({}), required("parameterName")),
  spentUsd: cloudWatchSpend(new CloudWatchClient({}), stage),
  log: (message, details) => logger.info(message, { ...details }),
  now: () => Date.now(),
});
