import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import { Construct } from "constructs";
import type { StageConfig } from "../config/stage-config.ts";

type Notification = CfnBudget.NotificationWithSubscribersProperty;

/** When a budget writes: money spent, or a month that is going to end above. */
const NOTICES = [
  { notificationType: "ACTUAL", threshold: 80 },
  { notificationType: "ACTUAL", threshold: 100 },
  { notificationType: "FORECASTED", threshold: 100 },
] as const;

/**
 * The account's monthly budget, which mails by itself, without the topic.
 *
 * It has no name of ours: CloudFormation replaces a budget when its notifications change, and two budgets cannot share a
 * name: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-budgets-budget.html
 */
export class MonthlyBudget extends Construct {
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
  return NOTICES.map((notice) => ({
    notification: { ...notice, comparisonOperator: "GREATER_THAN", thresholdType: "PERCENTAGE" },
    subscribers: emails.map((address) => ({ subscriptionType: "EMAIL", address })),
  }));
}
