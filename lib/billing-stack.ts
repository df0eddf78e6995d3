import { CfnOutput, Stack } from "aws-cdk-lib/core";
import { Alarm, ComparisonOperator, type CfnAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Construct } from "constructs";
import type { StageConfig } from "./config/stage-config.ts";
import { AlarmTopic } from "./constructs/alarm-topic.ts";
import { MonthlyBudget } from "./constructs/monthly-budget.ts";
import { evaluationWindow } from "./monitoring/table/alarm-window.ts";
import { CHARGES_ALARM } from "./monitoring/table/charges-alarm.ts";
import { describeAlarm } from "./monitoring/describe-alarm.ts";
import { BILLING_REGION } from "./monitoring/estimated-charges.ts";
import { docsLink } from "./monitoring/links.ts";
import { MISSING_DATA } from "./monitoring/missing-data.ts";
import { BILLING_NAMES, BILLING_STACK } from "./names.ts";

/** Watches the bill of the whole account, in the only Region that has billing metrics. */
export class BillingStack extends Stack {
  constructor(scope: Construct, config: StageConfig) {
    super(scope, BILLING_STACK, {
      env: { region: BILLING_REGION },
      description: "Wrist Agent: the account's charges and budget",
      terminationProtection: config.stage === "production",
    });
    const topic = new AlarmTopic(this, "Topic", {
      topicName: BILLING_NAMES.topic,
      displayName: "Wrist Agent billing",
      emails: config.alarmEmails,
    });
    const alarm = chargesAlarm(this, config);
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    new MonthlyBudget(this, "MonthlyBudget", config);
    new CfnOutput(this, "BillingAlerts", {
      value: "https://us-east-1.console.aws.amazon.com/billing/home#/preferences",
      description: "The alarm has data once Receive CloudWatch billing alerts is on here",
    });
  }
}

/** Made here and not by cdk-monitoring-constructs, whose billing monitoring knows anomaly alarms alone. */
function chargesAlarm(scope: Construct, config: StageConfig): Alarm {
  const row = CHARGES_ALARM;
  const rule = row.rule({ config });
  const alarm = new Alarm(scope, "EstimatedCharges", {
    alarmName: BILLING_NAMES.alarm(row.key),
    alarmDescription: describeAlarm(row, config, {
      Bill: "https://us-east-1.console.aws.amazon.com/billing/home#/bills",
      Runbook: docsLink(config, `runbooks/${row.key}.md`),
    }),
    metric: rule.metric,
    threshold: rule.threshold,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: rule.evaluationPeriods,
    datapointsToAlarm: rule.datapointsToAlarm,
    treatMissingData: MISSING_DATA[rule.treatMissingData],
  });
  // Only the resource itself knows this property.
  (alarm.node.defaultChild as CfnAlarm).evaluationWindow = evaluationWindow(row.window, config);
  return alarm;
}
