import { type FunctionArn, parseFunctionArn } from "./function-arn.ts";
import {
  emailAddresses,
  oneNumberOf,
  oneOf,
  percentBelow100,
  positiveNumber,
  type SettingsOf,
  textMatching,
  wholeNumber,
} from "./setting.ts";

/** What is watched, how closely, and who is notified. */
export interface MonitoringSettings {
  readonly alarmEmails: readonly string[];
  readonly requestsPerDay: number;
  readonly dailySpendUsd: number;
  readonly monthlyBudgetUsd: number;
  readonly monitoringProfile: "default" | "full";
  readonly sloPercent: number;
  readonly probeMinutes: number;
  readonly latencySloMs: number | undefined;
  readonly topicEncryption: "none" | "customer-managed";
}

/** The settings of alarms, dashboards, mail and money. */
export const MONITORING_SETTINGS: SettingsOf<MonitoringSettings> = {
  alarmEmails: {
    key: "ALARM_EMAIL",
    context: "alarmEmail",
    parse: emailAddresses,
    defaultText: "",
    description: "addresses that alarm mail goes to, separated by commas",
    why: "whom the alarms reach",
  },
  requestsPerDay: {
    key: "REQUESTS_PER_DAY",
    context: "requestsPerDay",
    parse: positiveNumber,
    defaultText: "30",
    description: "expected traffic; the alarms' thresholds are made from it",
    why: "thresholds fit the traffic, which only you know",
  },
  dailySpendUsd: {
    key: "DAILY_SPEND_USD",
    context: "dailySpendUsd",
    parse: positiveNumber,
    defaultText: "1",
    description: "dollars for the model within 24 hours that raise the spend alarm",
    why: "what a day may cost you",
  },
  monthlyBudgetUsd: {
    key: "MONTHLY_BUDGET_USD",
    context: "monthlyBudgetUsd",
    parse: positiveNumber,
    defaultText: "100",
    description: "dollars per month for the whole account: billing alarm and budget",
    why: "what a month may cost you",
  },
  monitoringProfile: {
    key: "MONITORING_PROFILE",
    context: "monitoringProfile",
    parse: oneOf("default", "full"),
    defaultText: "default",
    description: "default stays within the free tier; full adds alarms that cost a few dollars a month",
    why: "more alarms, for a few dollars a month",
  },
  sloPercent: {
    key: "SLO_PERCENT",
    context: "sloPercent",
    parse: percentBelow100,
    defaultText: "99",
    description:
      "percent of requests that must not fail within 30 days; the burn alarms of full are made from it",
    why: "how often the agent may fail you",
  },
  probeMinutes: {
    key: "PROBE_MINUTES",
    context: "probeMinutes",
    // Parts of an hour, so that a cron expression runs them at even distances.
    parse: oneNumberOf(0, 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60),
    defaultText: "3",
    description:
      "minutes between two questions of the probe to the model, beside one a minute to the agent alone; 0 turns it off",
    why: "time to detect against the price of the questions",
  },
  latencySloMs: {
    key: "LATENCY_SLO_MS",
    context: "latencySloMs",
    parse: (text) => (text === "" ? undefined : wholeNumber(1, 900_000)(text)),
    defaultText: "",
    description:
      "milliseconds within which a request should be answered; a third of the timeout when missing",
    why: "how long you are willing to wait",
  },
  topicEncryption: {
    key: "TOPIC_ENCRYPTION",
    context: "topicEncryption",
    parse: oneOf("none", "customer-managed"),
    defaultText: "none",
    description:
      "customer-managed encrypts the topics of alarms with a key of the account's own, a dollar a month for each stack and Region",
    why: "some accounts must encrypt; the key costs by the month",
  },
};

/** A function of somebody else's that is watched instead of the agent. */
export interface AttachedSettings {
  readonly functionArn: FunctionArn | undefined;
  readonly functionUrl: string;
}

/**
 * The settings that attach the monitoring to any Lambda function; docs/any-function.md shows them at work.
 */
export const ATTACHED_SETTINGS: SettingsOf<AttachedSettings> = {
  functionArn: {
    key: "FUNCTION_ARN",
    context: "functionArn",
    parse: parseFunctionArn,
    defaultText: "",
    description: "a Lambda function, or its alias, to watch instead of the agent; see any-function.md",
    why: "what is watched",
    remembered: "never",
  },
  functionUrl: {
    key: "FUNCTION_URL",
    context: "functionUrl",
    parse: textMatching(/^(https:\/\/[^\s/]+\/?)?$/, "the https address of a Function URL, without a path"),
    defaultText: "",
    description: "Function URL of the watched function; without it nothing reads the URL's metrics",
    why: "a template cannot ask the function",
    remembered: "never",
  },
};
