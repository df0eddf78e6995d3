import type { AlarmRow, CompositeRow } from "./alarm-row.ts";
import { FAILURE_ALARMS, INTERMITTENT_FAILURES, PROBE_FAILING, URL_ALARMS } from "./availability-alarms.ts";
import { BURN_ALARMS, BURN_RATES, burningPercent, burnWindows, burnWindowText } from "./burn-rate-alarms.ts";
import { MODEL_ALARMS, TOKEN_ALARMS } from "./configuration-alarms.ts";
import { FUNCTION_ALARMS, TELEMETRY_ALARMS } from "./function-alarms.ts";
import { TRAFFIC_ALARMS, USE_ALARMS } from "./usage-alarms.ts";

/**
 * The alarm table: every metric alarm of the monitoring stack, in the order in which the dashboard lists
 * them.
 */
export const ALARMS: readonly AlarmRow[] = [
  PROBE_FAILING,
  INTERMITTENT_FAILURES,
  ...FAILURE_ALARMS,
  ...URL_ALARMS,
  ...MODEL_ALARMS,
  ...FUNCTION_ALARMS,
  ...USE_ALARMS,
  ...TRAFFIC_ALARMS,
  ...TOKEN_ALARMS,
  ...TELEMETRY_ALARMS,
  ...BURN_ALARMS,
];

const BURN_STEPS: readonly string[] = [
  "One outcome stands out: the step of failing-now for it.",
  "One mode only: its replies are longer than the deadline or the token limit allows.",
  "Since a deploy: go back to the previous version (`npm run cli -- rollback`).",
];

const BURN_WHY =
  "Two windows, since the long one alone mails for hours after the end and the short one at a single failure. Both are judged by answers of the model, so silence is no recovery.";

/** Alarms on other alarms, in the order in which they are made: a part comes before what it is part of. */
export const COMPOSITES: readonly CompositeRow[] = [
  {
    key: "fast-burn",
    severity: "ticket",
    profile: "full",
    notifiedBy: "failing-often",
    whatHappened: (config) =>
      `In ${burnWindowText(burnWindows("fast", config).long)} at least ${burningPercent("fast", config)} of the requests failed, and it goes on.`,
    userImpact: "Requests fail often; two days at this rate use up a month's allowance of failures.",
    firstStep: "Run the log query: which outcome, which mode, since when?",
    nextSteps: BURN_STEPS,
    log: "failures",
    why: `The objective is \`SLO_PERCENT\` of the requests of 30 days; what may fail is the budget, and here it burns ${BURN_RATES.fast} times too fast. ${BURN_WHY} Rehearsed at 30 requests a day: no false alarm in ten months of 1 % random failures, and 30 % failing is found after 15 hours, half of the time sooner; at 10,000 a day after two.`,
    when: "all",
    children: ["fast-burn-long", "fast-burn-short"],
  },
  {
    key: "slow-burn",
    severity: "ticket",
    profile: "full",
    notifiedBy: "failing-often",
    whatHappened: (config) =>
      `In ${burnWindowText(burnWindows("slow", config).long)} at least ${burningPercent("slow", config)} of the requests failed, and it goes on.`,
    userImpact: "Most requests are answered; ten days at this rate use up a month's allowance of failures.",
    firstStep: "Run the log query: is it one outcome, one mode, one hour of the day?",
    nextSteps: BURN_STEPS,
    log: "failures",
    why: `What failing-now and fast-burn let pass: a few percent, day after day; the budget burns ${BURN_RATES.slow} times too fast. ${BURN_WHY} Rehearsed at 30 requests a day: no false alarm in ten months of 1 % random failures, and 10 % failing is found after three days, half of the time sooner; at 10,000 a day 5 % the night after.`,
    when: "all",
    children: ["slow-burn-long", "slow-burn-short"],
  },
  {
    key: "failing-often",
    severity: "ticket",
    profile: "full",
    whatHappened: () => "Requests fail more often than chance or the objective allows.",
    userImpact: "Most requests may be answered; trying again mostly helps. An outage pages by itself.",
    firstStep:
      'In "Alarms" on the on-call dashboard, see which of its parts are in ALARM; the runbook of each says what to do.',
    nextSteps: [
      "`intermittent-failures`: the probe's tries fail now and then, whoever asks.",
      "`failing-share` alone: users' requests fail and the probe's do not; look for one mode, or long texts.",
      "`fast-burn` or `slow-burn`: the objective of the month is at risk.",
    ],
    log: "failures",
    why: "Four alarms look at the same failures in different ways, and an outage raises them all: one mail when the first of them rises, one when the last is over.",
    when: "any",
    children: ["intermittent-failures", "failing-share", "fast-burn", "slow-burn"],
  },
];
