import {
  addresses,
  matching,
  oneNumberOf,
  oneOf,
  percentBelow100,
  positiveNumber,
  wholeNumber,
} from "./values.ts";
import type { SettingsOf } from "./setting.ts";

/** What is watched, how closely, and who is told. */
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
  readonly docsUrl: string;
}

/** The settings of alarms, dashboards, mail and money. */
export const MONITORING_SETTINGS: SettingsOf<MonitoringSettings> = {
  alarmEmails: {
    key: "ALARM_EMAIL",
    context: "alarmEmail",
    parse: addresses,
    otherwise: "",
    meaning: "addresses that alarm mail goes to, separated by commas",
  },
  requestsPerDay: {
    key: "REQUESTS_PER_DAY",
    context: "requestsPerDay",
    parse: positiveNumber,
    otherwise: "30",
    meaning: "expected traffic; the alarms' thresholds are made from it",
  },
  dailySpendUsd: {
    key: "DAILY_SPEND_USD",
    context: "dailySpendUsd",
    parse: positiveNumber,
    otherwise: "1",
    meaning: "dollars for the model within 24 hours that raise the spend alarm",
  },
  monthlyBudgetUsd: {
    key: "MONTHLY_BUDGET_USD",
    context: "monthlyBudgetUsd",
    parse: positiveNumber,
    otherwise: "100",
    meaning: "dollars per month for the whole account: billing alarm and budget",
  },
  monitoringProfile: {
    key: "MONITORING_PROFILE",
    context: "monitoringProfile",
    parse: oneOf("default", "full"),
    otherwise: "default",
    meaning: "default stays within the free tier; full adds alarms that cost a few dollars a month",
  },
  sloPercent: {
    key: "SLO_PERCENT",
    context: "sloPercent",
    parse: percentBelow100,
    otherwise: "99",
    meaning:
      "percent of requests that must not fail within 30 days; the burn alarms of full are made from it",
  },
  probeMinutes: {
    key: "PROBE_MINUTES",
    context: "probeMinutes",
    // Parts of an hour, so that a cron expression runs them at even distances.
    parse: oneNumberOf(0, 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60),
    otherwise: "4",
    meaning: "minutes between two questions of the probe; 0 turns it off",
  },
  latencySloMs: {
    key: "LATENCY_SLO_MS",
    context: "latencySloMs",
    parse: (text) => (text === "" ? undefined : wholeNumber(1, 900_000)(text)),
    otherwise: "",
    meaning: "milliseconds within which a request should be answered; a third of the timeout when missing",
  },
  topicEncryption: {
    key: "TOPIC_ENCRYPTION",
    context: "topicEncryption",
    parse: oneOf("none", "customer-managed"),
    otherwise: "none",
    meaning:
      "customer-managed encrypts the topics of alarms with a key of the account's own, a dollar a month for each stack and Region",
  },
  docsUrl: {
    key: "DOCS_URL",
    context: "docsUrl",
    parse: matching(/^(https:\/\/\S+[^/\s])?$/, "an https address without a slash at the end"),
    otherwise: "",
    meaning: "where docs/ can be read; links in mails point there, else they name the file",
  },
};
