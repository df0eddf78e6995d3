import type { StageConfig } from "../../../config/stage-config.ts";
import type { AlarmRow } from "../alarm-row.ts";
import { filled } from "../../condition/filled.ts";
import { DAY_SECONDS } from "../../condition/sparse-traffic.ts";

const HOUR = 3600;

/** Refused requests within an hour that raise `refused-requests`: a quarter of a day's, at least five. */
export function refusals(config: StageConfig): number {
  return Math.max(5, Math.ceil(config.requestsPerDay / 4));
}

/** How the agent is used: by whom, and for how much. */
export const USE_ALARMS: readonly AlarmRow[] = [
  {
    key: "refused-requests",
    severity: "ticket",
    profile: "default",
    needs: "custom",
    happened: (config) =>
      `At least ${refusals(config)} requests within an hour were refused because of their token or their fields.`,
    means: "A Shortcut with an old token gets nothing done, or somebody is guessing.",
    firstStep:
      "Open the log query: one client with token_expired, clients with token_wrong, or the name of a field?",
    thenSteps: [
      "`token_expired`: that client sends the token that the last rotation replaced; put the current one into that Shortcut.",
      "`token_wrong` or `token_absent` from one client: a Shortcut with a token that is mistyped, revoked or older still; put the current one into it.",
      "`token_wrong` or `token_absent` from many: a scanner. Nothing got through; change the token if you doubt it.",
      "Any other reason names the field that the Shortcut sends wrongly, `method` or `path`, or is Bedrock's word for an input that it refuses.",
    ],
    log: "refused",
    window: {
      kind: "sliding",
      why: "A clock hour would cut a burst in two; filled, it never judges an older hour instead.",
    },
    why: "Scanners find every public address; a quarter of a day's requests refused within an hour is more than their noise. A window without refusals is good news, so missing data is fine.",
    requestsNeeded: refusals,
    rule: ({ config, metrics }) => ({
      metric: filled(metrics.custom("Rejected", "Sum", HOUR)),
      threshold: refusals(config),
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
  {
    key: "spend-today",
    severity: "ticket",
    profile: "default",
    needs: "custom",
    happened: (config) => `The model cost ${config.dailySpendUsd} USD or more within 24 hours.`,
    means:
      "The bill grows faster than you allowed. Dictating works; where the stage has a spend breaker, it pauses until midnight.",
    firstStep: "Open the cost dashboard: more requests, longer replies, or thinking tokens?",
    thenSteps: [
      "More requests: see runaway traffic; a Shortcut may loop.",
      "Longer replies or thinking: lower `maxTokens` or `thinkingTokens` in the Shortcut.",
      "As intended: raise `DAILY_SPEND_USD` and deploy the monitoring stack.",
      "Paused, and you need it now: `npm run cli -- breaker close` lets requests pass until midnight, whatever they cost (docs/spend-breaker.md).",
    ],
    log: "spend",
    window: {
      kind: "sliding",
      why: "A clock day would be judged at midnight only; filled, it never judges an older day instead.",
    },
    why: "AWS/Billing lags by hours, so the handler's own CostUsd is summed over 24 hours. No request costs nothing, so missing data is fine.",
    rule: ({ config, metrics }) => ({
      metric: filled(metrics.custom("CostUsd", "Sum", DAY_SECONDS)),
      threshold: config.dailySpendUsd,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
];
