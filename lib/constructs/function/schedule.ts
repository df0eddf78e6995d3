import { Stack } from "aws-cdk-lib/core";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";

/** When a function is called, and with what. */
export interface ScheduleProps {
  readonly scheduleName: string;
  readonly description: string;
  /** `rate(1 day)`, for example. */
  readonly expression: string;
  readonly target: IFunction;
  /** The event that the function gets. */
  readonly input: object;
  /** `never` when a late call is worse than none; as often as Scheduler does when missing. */
  readonly retry?: "never";
}

/** A minute is the shortest time that Scheduler takes. */
const ONCE = { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 };

/** A schedule of EventBridge Scheduler that may call one function and nothing else. */
export class Schedule extends Construct {
  constructor(scope: Construct, id: string, props: ScheduleProps) {
    super(scope, id);
    const role = new Role(this, "Role", {
      // Only schedules of this account: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [props.target.functionArn] }),
    );
    const schedule = new CfnSchedule(this, "Schedule", {
      name: props.scheduleName,
      description: props.description,
      scheduleExpression: props.expression,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: props.target.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify(props.input),
        ...(props.retry === "never" && { retryPolicy: ONCE }),
      },
    });
    // Scheduler refuses a role that does not yet allow what it is for.
    schedule.node.addDependency(role);
  }
}
