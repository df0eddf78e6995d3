import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { CustomResource, Duration, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { ROTATION_ENVIRONMENT, type RotationOrder } from "../../lambda/contract/token.ts";
import { TOKEN_TTL_SECONDS } from "../config/retired-settings.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { namesOf } from "../names.ts";
import { parameterArn, Schedule, ServiceFunction } from "./service-function.ts";

const DAILY: RotationOrder = { order: "rotate", by: "schedule", grace: "kept" };

/**
 * The token of a stage: made at the first deploy, changed by schedule or command, announced by mail; never in
 * a template.
 */
export class TokenRotation extends Construct {
  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    const names = namesOf(config);
    const owner = ownerTopic(this, config);
    const { lambda } = new ServiceFunction(this, "Rotation", {
      config,
      functionName: names.rotation,
      description: `Wrist Agent (${config.stage}): makes and changes the token`,
      entry: "lambda/rotation/handler.ts",
      timeoutSeconds: 60,
      environment: rotationEnvironment(config, owner),
      permissions: permissions(Stack.of(this), config, owner),
    });
    // The next day's run is the second attempt: three mails within minutes would report one failure.
    lambda.configureAsyncInvoke({ retryAttempts: 0 });
    new CustomResource(this, "Token", {
      resourceType: "Custom::WristAgentToken",
      serviceToken: lambda.functionArn,
      serviceTimeout: Duration.minutes(5),
      properties: { ParameterName: config.tokenParameterName },
    });
    if (config.tokenRotationDays > 0)
      new Schedule(this, "Daily", {
        scheduleName: names.rotation,
        description: `Changes the token once it is ${config.tokenRotationDays} days old`,
        expression: "rate(1 day)",
        target: lambda,
        input: DAILY,
      });
  }
}

function ownerTopic(scope: Construct, config: StageConfig): Topic {
  const topic = new Topic(scope, "Owner", {
    topicName: namesOf(config).ownerTopic,
    displayName: `Wrist Agent ${config.stage}`,
    enforceSSL: true,
  });
  for (const email of config.alarmEmails) topic.addSubscription(new EmailSubscription(email));
  return topic;
}

function permissions(stack: Stack, config: StageConfig, owner: Topic): readonly PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "ChangeToken",
      actions: ["ssm:GetParameter", "ssm:PutParameter"],
      resources: [parameterArn(stack, config.tokenParameterName)],
    }),
    new PolicyStatement({ sid: "TellOwner", actions: ["sns:Publish"], resources: [owner.topicArn] }),
  ];
}

function rotationEnvironment(config: StageConfig, owner: Topic): Record<string, string> {
  return {
    [ROTATION_ENVIRONMENT.stage]: config.stage,
    [ROTATION_ENVIRONMENT.tokenParameterName]: config.tokenParameterName,
    [ROTATION_ENVIRONMENT.tokenTtlSeconds]: String(TOKEN_TTL_SECONDS),
    [ROTATION_ENVIRONMENT.timeZone]: config.timeZone,
    [ROTATION_ENVIRONMENT.graceHours]: String(config.tokenGraceHours),
    [ROTATION_ENVIRONMENT.rotationDays]: String(config.tokenRotationDays),
    [ROTATION_ENVIRONMENT.ownerTopicArn]: owner.topicArn,
  };
}
