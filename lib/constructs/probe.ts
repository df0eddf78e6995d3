import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Duration, Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { PROBE_ENVIRONMENT, PROBE_LIMITS } from "../../lambda/contract/probe.ts";
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
 * Neither the schedule nor Lambda repeats a run: a late one would tell of another time than its own, and the next is near.
 */
export class Probe extends ServiceFunction {
  constructor(scope: Construct, id: string, { config, url }: ProbeProps) {
    const { probe: name } = namesOf(config);
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
      ],
    });
    this.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    new Schedule(this, "Schedule", {
      scheduleName: name,
      description: `Wrist Agent (${config.stage}): when the probe asks`,
      expression: everyMinutes(config.probeMinutes),
      target: this.lambda,
      input: {},
      retry: "never",
    });
  }
}

/**
 * At whole minutes of the clock, which a rate is not: it counts from the second in which the schedule was made.
 *
 * So runs begin in minutes that lie exactly an interval apart, and the alarm's window need not be wider for it.
 */
function everyMinutes(minutes: number): string {
  return `cron(${minutes === 60 ? "0" : `0/${minutes}`} * * * ? *)`;
}
