import { Duration } from "aws-cdk-lib/core";
import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import type { MetricWithAlarmSupport } from "cdk-monitoring-constructs";
import type { AlarmInputs, AlarmRow } from "../alarm-row.ts";
import { filled } from "../../condition/filled.ts";
import { DAY_SECONDS } from "../../condition/sparse-traffic.ts";

const FIVE_MINUTES = 300;
const HOUR = 3600;

/** The model behind the agent: whether it may be asked, and for how long it still exists. */
export const MODEL_ALARMS: readonly AlarmRow[] = [
  {
    key: "model-configuration",
    severity: "page",
    profile: "full",
    needs: "custom",
    happened: ({ model }) => `The deployment is wrong: no access to the model ${model.id}, or to the token.`,
    means: "Every request fails until somebody mends it; waiting does not help.",
    firstStep: "Read the reason in the log query; the runbook has a step for each.",
    thenSteps: [
      "`AccessDeniedException`: access to the model was withdrawn, or the role's policy does not name the profile and the model in each of its Regions. Check *Model access* in the Bedrock console, then deploy the application again.",
      "`ResourceNotFoundException` or `ValidationException`: the profile does not exist (any more). Compare `BEDROCK_MODEL_ID` with `aws bedrock list-inference-profiles`.",
      "`settings`: the function's environment is wrong. Its first log line says what; deploy the application again.",
      "`token_…`: the SSM parameter of the token is missing, empty or not to be read. Check `CLIENT_TOKEN_PARAM_NAME` and the role's policy.",
    ],
    log: "configuration",
    window: {
      kind: "clock",
      why: "An empty period keeps the state, and a fault before it was mended never comes back.",
    },
    why: "Such a fault is no bad luck that a second attempt mends, so one is enough. It names the cause, hence it mails by itself and holds back the mail of `down`. The probe's requests tell it too, in a dimension of their own, so a night without users has it within minutes. Only a request that Bedrock was really asked for brings OK.",
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
    happened: () => "Within an hour the agent found a run-time parameter in SSM that it cannot use.",
    means: "Dictating works as before the change: the last good value holds, and the new one does nothing.",
    firstStep: "Read in the agent's log which parameter it is and what it expects; put a valid value.",
    thenSteps: [
      "A model id: it must be `BEDROCK_MODEL_ID` or one of `BEDROCK_MODEL_CHOICES`.",
      "Not meant at all: delete the parameter, and the deployed value holds.",
    ],
    window: { kind: "clock", why: "An hour without requests keeps the state." },
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
    happened: ({ model }) =>
      `Within a day Bedrock served ${model.id} as a legacy model: its end is announced.`,
    means: "Dictating works, until the model's end of life; then every request fails.",
    firstStep: "Look up the model's end of life in the Bedrock documentation, and choose its successor.",
    thenSteps: [
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
      metric: filled(metrics.model("LegacyModelInvocations", "Sum", DAY_SECONDS)),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
];

/** Faults that people met, and the probe where there is one. */
function configFault({ metrics, sources }: AlarmInputs): MetricWithAlarmSupport {
  const people = metrics.custom("ConfigFault", "Maximum", FIVE_MINUTES).with({ label: "people" });
  if (sources?.has("probe") === false) return people;
  const probe = metrics.probe("ConfigFault", "Maximum", FIVE_MINUTES).with({ label: "probe" });
  return new MathExpression({
    expression: "MAX([people, probe])",
    usingMetrics: { people, probe },
    label: "ConfigFault",
    period: Duration.seconds(FIVE_MINUTES),
  });
}
