import type { StageConfig } from "../../../config/stage-config.ts";
import type { AlarmInputs, AlarmRow } from "../alarm-row.ts";
import { estimatedCharges } from "../../metrics/estimated-charges.ts";

const HOUR = 3600;

/** A figure may arrive many hours after the time that it is stamped with. */
const HOURS_LOOKED_BACK = 24;

/** The one alarm of the billing stack. */
export const CHARGES_ALARM = {
  key: "estimated-charges",
  severity: "ticket",
  profile: "default",
  needs: "billing",
  happened: (config: StageConfig) =>
    `AWS estimates that this month has cost ${config.monthlyBudgetUsd} USD or more so far.`,
  means: "Nothing is broken; the whole account, not only this agent, costs more than you allowed.",
  firstStep: "Open the bill and sort it by service: which one grew?",
  thenSteps: [
    "Amazon Bedrock: open the cost dashboard of each stage; spend-today says which day.",
    "CloudWatch: `MONITORING_PROFILE=full`, further dashboards or log volume.",
    "Anything else: not this project; follow that service.",
    "As intended: raise `MONTHLY_BUDGET_USD` and deploy the billing stack.",
  ],
  window: {
    kind: "clock",
    why: "Hours without a figure are skipped, and with a month's last figure gone from the 24 hours it never comes back.",
  },
  why: "The figure rises through the month and is computed every few hours, often stamped hours ago; so any figure of the last 24 hours counts, and while there is none the state stays. The next month's figures bring OK within a day.",
  rule: ({ config }: Pick<AlarmInputs, "config">) => ({
    metric: estimatedCharges(HOUR),
    threshold: config.monthlyBudgetUsd,
    datapointsToAlarm: 1,
    evaluationPeriods: HOURS_LOOKED_BACK,
    treatMissingData: "ignore",
  }),
} satisfies AlarmRow<Pick<AlarmInputs, "config">>;
