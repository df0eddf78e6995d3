import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Logger } from "@aws-lambda-powertools/logger";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SSMClient } from "@aws-sdk/client-ssm";
import { agentServiceName } from "../contract/metrics.ts";
import { ROTATION_ENVIRONMENT } from "../contract/token.ts";
import { putCloudFormationResponse } from "./rotation-event.ts";
import { createRotation, type RotationPorts } from "./rotation.ts";
import { ssmTokenParameter } from "./token-parameter.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const HOUR_MS = 3_600_000;

/** The ports over the real environment and AWS. */
function deployedPorts(environment: Environment): RotationPorts {
  const read = (name: keyof typeof ROTATION_ENVIRONMENT): string => required(environment, name);
  const region = environment.AWS_REGION ?? "";
  const [ssm, sns] = [new SSMClient({ region }), new SNSClient({ region })];
  const logger = new Logger({ serviceName: agentServiceName(read("stage")) });
  const TopicArn = read("ownerTopicArn");
  return {
    facts: {
      stage: read("stage"),
      region,
      parameterName: read("tokenParameterName"),
      timeZone: read("timeZone"),
      tokenTtlSeconds: Number(read("tokenTtlSeconds")),
    },
    rules: {
      graceMs: Number(read("graceHours")) * HOUR_MS,
      rotationMs: Number(read("rotationDays")) * 24 * HOUR_MS,
    },
    parameter: ssmTokenParameter(ssm, read("tokenParameterName")),
    publish: async ({ subject, message }) => {
      await sns.send(new PublishCommand({ TopicArn, Subject: subject, Message: message }));
    },
    sendResponse: putCloudFormationResponse,
    log: (message, details) => logger.info(message, { ...details }),
    now: () => Date.now(),
    wait,
    freshToken: () => randomBytes(32).toString("base64url"),
  };
}

/** A function without its environment cannot do anything right, so it does not start. */
function required(environment: Environment, name: keyof typeof ROTATION_ENVIRONMENT): string {
  const value = environment[ROTATION_ENVIRONMENT[name]] ?? "";
  if (value === "") throw new Error(`environment variable ${ROTATION_ENVIRONMENT[name]} is missing`);
  return value;
}

/** The function that Lambda runs. */
export const handler = createRotation(deployedPorts(process.env));
