import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import { Duration } from "aws-cdk-lib/core";
import type { MetricWithAlarmSupport } from "cdk-monitoring-constructs";
import type { StageConfig } from "../config/stage-config.ts";
import type { AlarmInputs, AlarmRow } from "./alarm-row.ts";
import { DAY_SECONDS, filledMetric } from "./conditions.ts";

const FIVE_MINUTES = 300;
const HOUR = 3600;

/** The model behind the agent: whether it may be asked, and for how long it still exists. */
export const MODEL_ALARMS: readonly AlarmRow[] = [
  {
    key: "model-configuration",
    severity: "ticket",
    profile: "full",
    needs: "custom",
    withoutProbe: { severity: "page" },
    whatHappened: ({ model }) =>
      `The deployment is wrong: no access to the model ${model.id}, or to the token.`,
    userImpact: "Every request fails until this is fixed; waiting does not help.",
    firstStep: "Read the reason in the log query; the runbook has a step for each.",
    nextSteps: [
      "`AccessDeniedException`: access to the model was withdrawn, or the role's policy does not name the profile and the model in each of its Regions. Check *Model access* in the Bedrock console, then deploy the application again.",
      "`ResourceNotFoundException` or `ValidationException`: the profile does not exist (any more). Compare `BEDROCK_MODEL_ID` with `aws bedrock list-inference-profiles`.",
      "`settings`: the function's environment is wrong. Its first log line says what; deploy the application again.",
      "`token_…`: the SSM parameter of the token is missing, empty or not to be read. Check `CLIENT_TOKEN_PARAM_NAME` and the role's policy.",
    ],
    log: "configuration",
    window: {
      kind: "wallClockUtc",
      why: "An empty period keeps the state, and a fault before it was fixed never comes back.",
    },
    why: "Such a fault is no bad luck that a second attempt fixes, so one is enough. Where a probe asks, it pages, and this ticket names the cause. The probe's requests say it too, in a dimension of their own, so a night without users has it within minutes. Only a request that Bedrock was really asked for brings OK.",
    rule: (inputs) => ({
      metric: configFault(inputs),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "parameters-rejected",
    severity: "ticket",
    profile: "full",
    needs: "custom",
    whatHappened: () => "Within an hour the agent found a run-time parameter in SSM that it cannot use.",
    userImpact:
      "Requests are answered as before the change: the last good value holds, and the new one does nothing.",
    firstStep: "Read in the agent's log which parameter it is and what it expects; put a valid value.",
    nextSteps: [
      "A model id: it must be `BEDROCK_MODEL_ID` or one of `BEDROCK_MODEL_CHOICES`.",
      "Not meant at all: delete the parameter, and the deployed value holds.",
    ],
    window: { kind: "wallClockUtc", why: "An hour without requests keeps the state." },
    why: "Somebody changed it by hand and believes that it works. Each authorised request says how many are unusable, so an hour of requests without one brings OK.",
    rule: ({ metrics }) => ({
      metric: metrics.custom("ParametersRejected", "Minimum", HOUR),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "legacy-model",
    severity: "ticket",
    profile: "full",
    needs: "model",
    whatHappened: ({ model }) =>
      `Within a day Bedrock served ${model.id} as a legacy model: its end is announced.`,
    userImpact: "Requests are answered, until the model's end of life; then every request fails.",
    firstStep: "Look up the model's end of life in the Bedrock documentation, and choose its successor.",
    nextSteps: [
      "Set `BEDROCK_MODEL_ID` to the successor's profile in a stage that is not production, and deploy it.",
      "Ask it in each mode (`npm run cli -- ask`): replies, latency and price may differ.",
      "Set it in production.",
    ],
    window: {
      kind: "sliding",
      why: "Bedrock counts only legacy calls; filled, it never judges an older day instead.",
    },
    why: "Bedrock announces an end months ahead, so a ticket. The metric exists only for legacy models, so a day without a point is a day without legacy calls and missing data is fine.",
    rule: ({ metrics }) => ({
      metric: filledMetric(metrics.model("LegacyModelInvocations", "Sum", DAY_SECONDS)),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
];

/** Faults that users met, and the probe where there is one. */
function configFault({ metrics, sources }: AlarmInputs): MetricWithAlarmSupport {
  const users = metrics.custom("ConfigFault", "Maximum", FIVE_MINUTES).with({ label: "users" });
  if (sources?.has("probe") === false) return users;
  const probe = metrics.probe("ConfigFault", "Maximum", FIVE_MINUTES).with({ label: "probe" });
  return new MathExpression({
    expression: "MAX([users, probe])",
    usingMetrics: { users, probe },
    label: "ConfigFault",
    period: Duration.seconds(FIVE_MINUTES),
  });
}

const HOURS_OF_DAY = 24;

/** Days beyond the rotation's turn after which it has plainly not happened. */
const LATE_DAYS = 2;

function tooOldDays(config: StageConfig): number {
  return config.tokenRotationDays + LATE_DAYS;
}

/** The token that every Shortcut sends. */
export const TOKEN_ALARMS: readonly AlarmRow[] = [
  {
    key: "previous-token-in-use",
    severity: "ticket",
    profile: "full",
    needs: "custom",
    whatHappened: () => "Within the last day a Shortcut sent the token that the last rotation replaced.",
    userImpact:
      "It is served until the grace time of that rotation ends; from then on every request is refused, and the watch says why.",
    firstStep:
      "Put the current token into that Shortcut; the log query names the client, its last use, and whether it is still served (previous) or refused (expired).",
    nextSteps: [
      "The current token is in the SSM parameter that `CLIENT_TOKEN_PARAM_NAME` names; copy `current` into the Shortcut's token field.",
      "`previous`, and no Shortcut of yours has that client: somebody else holds the token and is served. `npm run cli -- rotate-token --revoke-previous` makes a new token and ends every grace time at once; put it into every Shortcut.",
      "`expired`, and no Shortcut of yours has that client: nothing got through and nothing is to be done. The next rotation forgets that token; its requests are then refused as those with any wrong one.",
    ],
    log: "previousToken",
    window: {
      kind: "wallClockUtc",
      why: "An hour without requests keeps the state; a day of hours, as one device may sleep for most of it.",
    },
    why: "One use is enough, since it ends in refusals or already has. Each request with either token says 1 or 0, so OK takes a request with the current token and a day without the replaced one: two devices that take turns do not make the alarm flap, and an owner who gives up on a refused Shortcut does not end it. A token that the document does not know says nothing, so nobody raises or ends the alarm by guessing.",
    rule: ({ metrics }) => ({
      metric: metrics.custom("PreviousToken", "Maximum", HOUR),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: HOURS_OF_DAY,
      treatMissingData: "ignore",
    }),
  },
  {
    key: "token-age",
    severity: "ticket",
    profile: "full",
    needs: "custom",
    exists: ({ tokenRotationDays }) => tokenRotationDays > 0,
    whatHappened: (config) =>
      `The token is over ${tooOldDays(config)} days old; it is to change every ${config.tokenRotationDays}.`,
    userImpact: "Requests are answered. Who ever saw the token can still use it.",
    firstStep: "Rotate the token, then put the new one into every Shortcut within the grace time.",
    nextSteps: [
      "The rotation did not run by itself: read the log of the rotation function.",
      "It ran and the age stays: the parameter's `createdAt` was not written; the agent reads it with the token.",
    ],
    window: {
      kind: "wallClockUtc",
      why: "An hour without requests keeps the state.",
    },
    why: "The agent reports the age with every authorised request. The rotation looks every day, so two days beyond its turn leave room for a failed run and its repetition. With `TOKEN_ROTATION_DAYS=0` there is no such alarm. The first request with a new token brings OK. A token that never said when it was made has no age and no alarm.",
    rule: ({ config, metrics }) => ({
      metric: metrics.custom("TokenAgeDays", "Minimum", HOUR),
      threshold: tooOldDays(config),
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "ignore",
    }),
  },
];
