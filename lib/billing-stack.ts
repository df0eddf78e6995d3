import { Duration, Stack } from "aws-cdk-lib/core";
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Construct } from "constructs";
import type { StageConfig } from "./config/stage-config.ts";
import { AlarmTopic } from "./constructs/alarm-topic.ts";
import { BILLING_NAMES, BILLING_STACK } from "./names.ts";

/** Watches the bill of the whole account; in us-east-1, the only Region that has billing metrics. */
export class BillingStack extends Stack {
  constructor(scope: Construct, config: StageConfig) {
    super(scope, BILLING_STACK, {
      env: { region: "us-east-1" },
      description: "Wrist Agent: the account's charges and budget",
    });
    const topic = new AlarmTopic(this, "Topic", {
      topicName: BILLING_NAMES.topic,
      displayName: "Wrist Agent billing",
      emails: config.alarmEmails,
    });
    const alarm = new Alarm(this, "EstimatedCharges", {
      alarmName: BILLING_NAMES.alarm,
      alarmDescription: `AWS charges of this month reached ${config.monthlyBudgetUsd} USD.`,
      metric: new Metric({
        namespace: "AWS/Billing",
        metricName: "EstimatedCharges",
        dimensionsMap: { Currency: "USD" },
        statistic: "Maximum",
        period: Duration.hours(6),
      }),
      threshold: config.monthlyBudgetUsd,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      treatMissingData: TreatMissingData.IGNORE,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
  }
}
