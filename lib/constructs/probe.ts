import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Duration, Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { METRIC_NAMESPACE } from "../../lambda/contract/metrics.ts";
import {
  HEALTH_MINUTES,
  PROBE_ENVIRONMENT,
  PROBE_LIMITS,
  type ProbeEvent,
} from "../../lambda/contract/probe.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { namesOf } from "../names.ts";
import { parameterArn, Schedule, ServiceFunction } from "./service-function.ts";

/** What the probe of a stage needs to know. */
export interface ProbeProps {
  readonly config: StageConfig;
  /** Address that the Shortcut posts to. */
  readonly url: string;
}

/**
 * Asks the agent on a schedule, from outside, with the real token.
 *
 * Neither the schedule nor Lambda repeats a run: a late one would report another time than its own, and the
 * next is near.
 */
export class Probe extends ServiceFunction {
  constructor(scope: Construct, id: string, { config, url }: ProbeProps) {
    const { probe: name, probeHealth } = namesOf(config);
    super(scope, id, {
      config,
      functionName: name,
      description: `Wrist Agent (${config.stage}): asks the agent as a Shortcut does and says whether it was served`,
      entry: "lambda/probe/handler.ts",
      timeoutSeconds: PROBE_LIMITS.functionSeconds,
      environment: {
        [PROBE_ENVIRONMENT.stage]: config.stage,
        [PROBE_ENVIRONMENT.url]: url,
        [PROBE_ENVIRONMENT.tokenParameterName]: config.tokenParameterName,
      },
      permissions: [
        new PolicyStatement({
          sid: "ReadToken",
          actions: ["ssm:GetParameter"],
          resources: [parameterArn(Stack.of(scope), config.tokenParameterName)],
        }),
        // PutMetricData knows no resources; the condition keeps it to the project's own metrics.
        new PolicyStatement({
          sid: "PublishFailure",
          actions: ["cloudwatch:PutMetricData"],
          resources: ["*"],
          conditions: { StringEquals: { "cloudwatch:namespace": METRIC_NAMESPACE } },
        }),
      ],
    });
    this.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    const asks = (event: ProbeEvent): object => event;
    const common = { target: this.lambda, retry: "never" } as const;
    new Schedule(this, "Schedule", {
      ...common,
      scheduleName: name,
      description: `Wrist Agent (${config.stage}): when the probe asks the model`,
      expression: everyMinutes(config.probeMinutes),
      input: asks({ asks: "model" }),
    });
    new Schedule(this, "HealthSchedule", {
      ...common,
      scheduleName: probeHealth,
      description: `Wrist Agent (${config.stage}): when the probe asks the agent alone`,
      expression: everyMinutes(HEALTH_MINUTES),
      input: asks({ asks: "health" }),
    });
  }
}

/**
 * At whole minutes of the clock, which a rate is not: it counts from the second in which the schedule was
 * made.
 *
 * So runs begin in minutes that lie exactly an interval apart, at any second of them.
 */
function everyMinutes(minutes: number): string {
  return `cron(${minutes === 60 ? "0" : minutes === 1 ? "*" : `0/${minutes}`} * * * ? *)`;
}
