import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import { Alarm, type CfnAlarm, ComparisonOperator } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { CfnOutput, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import type { StageConfig } from "./config/stage-config.ts";
import { AlarmTopic, alarmTopicKey } from "./constructs/alarm-topics.ts";
import { stackSynthesizer } from "./constructs/stage-stack.ts";
import { describeAlarm, docsLink } from "./monitoring/alarm-description.ts";
import { evaluationWindow } from "./monitoring/alarm-row.ts";
import { MISSING_DATA } from "./monitoring/make-alarms.ts";
import { refuseConstant } from "./monitoring/plan-alarms.ts";
import { CHARGES_ALARM } from "./monitoring/usage-alarms.ts";
import { BILLING_NAMES, BILLING_REGION, BILLING_STACK } from "./names.ts";

/** Watches the bill of the whole account, in the only Region that has billing metrics. */
export class BillingStack extends Stack {
  constructor(scope: Construct, config: StageConfig) {
    super(scope, BILLING_STACK, {
      synthesizer: stackSynthesizer(config),
      env: { region: BILLING_REGION },
      description: "Wrist Agent: the account's charges and budget",
      terminationProtection: config.stage === "production",
    });
    const topic = new AlarmTopic(this, "Topic", {
      topicName: BILLING_NAMES.topic,
      displayName: "Wrist Agent billing",
      emails: config.alarmEmails,
      masterKey: alarmTopicKey(this, config),
    });
    const alarm = chargesAlarm(this, config);
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
    new MonthlyBudget(this, "MonthlyBudget", config);
    addBillingInstructions(this);
  }
}

/**
 * What CloudFormation cannot do: only a person can let AWS publish the figures, and then see that it does.
 */
function addBillingInstructions(stack: Stack): void {
  const cloudwatch = `aws cloudwatch --region ${BILLING_REGION}`;
  const name = BILLING_NAMES.alarm(CHARGES_ALARM.key);
  const outputs = {
    BillingAlerts: [
      "https://us-east-1.console.aws.amazon.com/billing/home#/preferences",
      "Once per account: under Alert preferences turn on Receive CloudWatch billing alerts. Before, the alarm has no data",
    ],
    BillingAlertsCheck: [
      `${cloudwatch} list-metrics --namespace AWS/Billing --metric-name EstimatedCharges --query "length(Metrics)"`,
      "Says 1 or more some 15 minutes after billing alerts were turned on, and 0 before",
    ],
    AlarmCheck: [
      `${cloudwatch} describe-alarms --alarm-names ${name} --query "MetricAlarms[].[StateValue,StateReason]"`,
      "Says OK within a day; INSUFFICIENT_DATA means that billing alerts are off",
    ],
    BudgetCheck: [
      `aws budgets describe-budgets --account-id ${stack.account} --query "Budgets[].[BudgetName,CalculatedSpend]"`,
      "Says what the budget has seen; its mails need no confirmation, those of the alarm do",
    ],
  };
  for (const [id, [value = "", description = ""]] of Object.entries(outputs))
    new CfnOutput(stack, id, { value, description });
}

/** Made here and not by cdk-monitoring-constructs, whose billing monitoring knows anomaly alarms alone. */
function chargesAlarm(scope: Construct, config: StageConfig): Alarm {
  const row = CHARGES_ALARM;
  const rule = row.rule({ config });
  refuseConstant(row, rule, config);
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

type Notification = CfnBudget.NotificationWithSubscribersProperty;

/** When a budget writes: money spent, or a month that is going to end above. */
const BUDGET_NOTIFICATIONS = [
  { notificationType: "ACTUAL", threshold: 80 },
  { notificationType: "ACTUAL", threshold: 100 },
  { notificationType: "FORECASTED", threshold: 100 },
] as const;

/**
 * The account's monthly budget, which mails by itself, without the topic.
 *
 * It has no name of ours: CloudFormation replaces a budget when its notifications change, and two budgets
 * cannot share a name:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-budgets-budget.html
 */
class MonthlyBudget extends Construct {
  constructor(scope: Construct, id: string, config: StageConfig) {
    super(scope, id);
    new CfnBudget(this, "Budget", {
      budget: {
        budgetType: "COST",
        timeUnit: "MONTHLY",
        budgetLimit: { amount: config.monthlyBudgetUsd, unit: "USD" },
      },
      notificationsWithSubscribers: config.alarmEmails.length > 0 ? notifications(config.alarmEmails) : [],
    });
  }
}

function notifications(emails: readonly string[]): Notification[] {
  return BUDGET_NOTIFICATIONS.map((notice) => ({
    notification: { ...notice, comparisonOperator: "GREATER_THAN", thresholdType: "PERCENTAGE" },
    subscribers: emails.map((address) => ({ subscriptionType: "EMAIL", address })),
  }));
}
