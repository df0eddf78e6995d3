import type { AlarmBase } from "aws-cdk-lib/aws-cloudwatch";
import { LambdaAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { ArnFormat, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { BREAKER_ENVIRONMENT, type BreakerOrder } from "../../lambda/contract/breaker.ts";
import { RUNTIME_PARAMETERS } from "../../lambda/contract/runtime-parameters.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { namesOf } from "../names.ts";
import { parameterArn, Schedule, ServiceFunction } from "./service-function.ts";

/** Key of the alarm in the alarm table that opens the breaker. */
export const BREAKER_ALARM = "spend-today";

/** How often the breaker's function looks at the day by itself, and the longest that a look takes. */
export const BREAKER_WATCH = { everyMinutes: 5, timeoutSeconds: 30 } as const;

const WATCH: BreakerOrder = { order: "watch" };

/** What a {@link SpendBreaker} is made for. */
export interface SpendBreakerProps {
  readonly config: StageConfig;
  /** The alarm named by {@link BREAKER_ALARM}. */
  readonly alarm: AlarmBase;
}

/**
 * Blocks requests until midnight once a day has cost its limit: opened by the alarm, and every five minutes
 * by its own look at the day.
 */
export class SpendBreaker extends Construct {
  constructor(scope: Construct, id: string, { config, alarm }: SpendBreakerProps) {
    super(scope, id);
    const names = namesOf(config);
    const parameterName = `${names.parameterPrefix}${RUNTIME_PARAMETERS.breaker}`;
    const { lambda } = new ServiceFunction(this, "Breaker", {
      config,
      functionName: names.breaker,
      description: `Wrist Agent (${config.stage}): blocks requests once the day has cost its limit`,
      entry: "lambda/breaker/handler.ts",
      timeoutSeconds: BREAKER_WATCH.timeoutSeconds,
      environment: {
        [BREAKER_ENVIRONMENT.stage]: config.stage,
        [BREAKER_ENVIRONMENT.parameterName]: parameterName,
        [BREAKER_ENVIRONMENT.alarmArn]: alarmArn(Stack.of(this), config),
        [BREAKER_ENVIRONMENT.timeZone]: config.timeZone,
        [BREAKER_ENVIRONMENT.dailySpendUsd]: String(config.dailySpendUsd),
      },
      permissions: permissions(Stack.of(this), parameterName),
    });
    // It also lets this alarm of this account, and no other, invoke the function.
    alarm.addAlarmAction(new LambdaAction(lambda));
    new Schedule(this, "Watch", {
      scheduleName: names.breaker,
      description:
        "Looks at what the day has cost: an alarm that is still in ALARM from yesterday says nothing new",
      expression: `rate(${BREAKER_WATCH.everyMinutes} minutes)`,
      target: lambda,
      input: WATCH,
    });
  }
}

/** From its name, because a reference would be a cycle: the alarm names the function. */
function alarmArn(stack: Stack, config: StageConfig): string {
  return stack.formatArn({
    service: "cloudwatch",
    resource: "alarm",
    resourceName: namesOf(config).alarm(BREAKER_ALARM),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

function permissions(stack: Stack, parameterName: string): readonly PolicyStatement[] {
  return [
    new PolicyStatement({
      sid: "KeepState",
      actions: ["ssm:GetParameter", "ssm:PutParameter"],
      resources: [parameterArn(stack, parameterName)],
    }),
    // CloudWatch knows no resources for reading metrics.
    new PolicyStatement({ sid: "ReadCost", actions: ["cloudwatch:GetMetricStatistics"], resources: ["*"] }),
  ];
}
