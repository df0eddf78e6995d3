import type { AlarmRow } from "../alarm-row.ts";
import { failingAtUrl } from "../../condition/failing.ts";
import { FAILING_NOW_SHARE, failuresNow } from "./failure-alarms.ts";

const FIVE_MINUTES = 300;

/** What the caller of the Function URL sees, whatever the function says of itself. */
export const URL_ALARMS: readonly AlarmRow[] = [
  {
    key: "url-5xx",
    severity: "page",
    profile: "full",
    needs: "url",
    happened: (config) =>
      `Within 5 minutes the Function URL answered 5xx to at least ${failuresNow(config)} requests, a fifth or more.`,
    means: "Whoever dictates now gets an error instead of a note.",
    firstStep: "Run the log query: without a failed request in it, the function never ran or was cut off.",
    thenSteps: [
      "Failed requests in the log: the steps of failing-now.",
      "None, and lambda-errors is in ALARM: the steps of lambda-errors.",
      "None at all: the URL or its permission is wrong. Compare both permissions of the alias with the template, and deploy the application again.",
    ],
    log: "failures",
    window: {
      kind: "clock",
      why: "An empty or undecided period keeps the state, and failures before a recovery never come back.",
    },
    why: "Seen from outside: it counts also what the handler never saw and what could not be turned into metrics. Same count and share as failing-now, so that 1 % of random failures reach it less than once in ten months. Refused requests (4xx) are neither failure nor proof of recovery; only an answer that went well brings OK.",
    requestsNeeded: failuresNow,
    rule: ({ config, metrics }) => ({
      metric: failingAtUrl(metrics, {
        periodSeconds: FIVE_MINUTES,
        count: failuresNow(config),
        share: FAILING_NOW_SHARE,
      }),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
];
