import { Match } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { propertiesOf, templates } from "../support/synthesise.ts";

const BUDGET = "AWS::Budgets::Budget";

describe("the billing stack", () => {
  const { billing } = templates({ context: { alarmEmail: "ann@example.com", monthlyBudgetUsd: "40" } });

  it("alarms on the account's estimated charges and keeps its state between two figures", () => {
    billing.hasResourceProperties("AWS::CloudWatch::Alarm", {
      AlarmName: "wrist-agent-billing-estimated-charges",
      Namespace: "AWS/Billing",
      MetricName: "EstimatedCharges",
      Dimensions: [{ Name: "Currency", Value: "USD" }],
      Statistic: "Maximum",
      Period: 3600,
      EvaluationPeriods: 24,
      DatapointsToAlarm: 1,
      EvaluationWindow: { WallClockWindow: { Timezone: "UTC" } },
      Threshold: 40,
      TreatMissingData: "ignore",
    });
  });

  it("mails on 80 and 100 percent spent and on a forecast above the budget", () => {
    const [budget] = propertiesOf(billing, BUDGET);
    expect(budget?.Budget).toMatchObject({ BudgetLimit: { Amount: 40, Unit: "USD" }, TimeUnit: "MONTHLY" });
    const notices = budget?.NotificationsWithSubscribers as readonly {
      Notification: { NotificationType: string; Threshold: number };
      Subscribers: readonly unknown[];
    }[];
    expect(
      notices.map(({ Notification: { NotificationType, Threshold } }) => [NotificationType, Threshold]),
    ).toEqual([
      ["ACTUAL", 80],
      ["ACTUAL", 100],
      ["FORECASTED", 100],
    ]);
    for (const { Subscribers } of notices)
      expect(Subscribers).toEqual([{ SubscriptionType: "EMAIL", Address: "ann@example.com" }]);
  });

  it("leaves the budget's name to CloudFormation, which replaces it when notifications change", () => {
    expect(propertiesOf(billing, BUDGET)[0]?.Budget).not.toHaveProperty("BudgetName");
  });

  it("says where billing alerts are turned on, and how to check each of its parts", () => {
    billing.hasOutput("BillingAlerts", {
      Value: "https://us-east-1.console.aws.amazon.com/billing/home#/preferences",
    });
    billing.hasOutput("BillingAlertsCheck", {
      Value: Match.stringLikeRegexp(
        "^aws cloudwatch --region us-east-1 list-metrics --namespace AWS/Billing ",
      ),
    });
    billing.hasOutput("AlarmCheck", {
      Value: Match.stringLikeRegexp("describe-alarms --alarm-names wrist-agent-billing-estimated-charges "),
    });
    billing.hasOutput("BudgetCheck", { Description: Match.stringLikeRegexp("need no confirmation") });
  });

  it("mails every address, from the alarm's own topic and from the budget", () => {
    const both = "ann@example.com,bo@example.org";
    const { billing: told } = templates({ context: { alarmEmail: both } });
    const endpoints = propertiesOf(told, "AWS::SNS::Subscription").map(({ Endpoint }) => Endpoint);
    expect(endpoints).toEqual(both.split(","));
    const [budget] = propertiesOf(told, BUDGET);
    const notices = budget?.NotificationsWithSubscribers as readonly {
      Subscribers: readonly { Address: string }[];
    }[];
    for (const { Subscribers } of notices)
      expect(Subscribers.map(({ Address }) => Address)).toEqual(both.split(","));
    told.hasResourceProperties("AWS::SNS::Topic", { TopicName: "wrist-agent-billing" });
  });
});
