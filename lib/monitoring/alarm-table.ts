import type { AlarmRow, CompositeRow } from "./alarm-row.ts";
import { FAILURE_ALARMS, PROBE_FAILING, URL_ALARMS } from "./availability-alarms.ts";
import { BURN_ALARMS, BURN_RATES, burningPercent, burnWindows, burnWindowText } from "./burn-rate-alarms.ts";
import { MODEL_ALARMS, TOKEN_ALARMS } from "./configuration-alarms.ts";
import { FUNCTION_ALARMS, TELEMETRY_ALARMS } from "./function-alarms.ts";
import { TRAFFIC_ALARMS, USE_ALARMS } from "./usage-alarms.ts";

/** The alarm table: every metric alarm of the monitoring stack, in the order in which the dashboard lists them. */
export const ALARMS: readonly AlarmRow[] = [
  PROBE_FAILING,
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

/** A change that needs the cause to be named waits for two evaluations of it. */
const WAIT_SECONDS = 120;

/** Time for one dictated sentence to prove that the cause is gone. */
const EXTENSION_SECONDS = 1800;

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
    severity: "page",
    profile: "full",
    whatHappened: (config) =>
      `In ${burnWindowText(burnWindows("fast", config).long)} at least ${burningPercent("fast", config)} of the requests failed, and it goes on.`,
    userImpact: "Dictating fails often; two days at this rate use up a month's allowance of failures.",
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
    whatHappened: (config) =>
      `In ${burnWindowText(burnWindows("slow", config).long)} at least ${burningPercent("slow", config)} of the requests failed, and it goes on.`,
    userImpact: "Dictating works mostly; ten days at this rate use up a month's allowance of failures.",
    firstStep: "Run the log query: is it one outcome, one mode, one hour of the day?",
    nextSteps: BURN_STEPS,
    log: "failures",
    why: `What failing-now and fast-burn let pass: a few percent, day after day; the budget burns ${BURN_RATES.slow} times too fast. ${BURN_WHY} Rehearsed at 30 requests a day: no false alarm in ten months of 1 % random failures, and 10 % failing is found after three days, half of the time sooner; at 10,000 a day 5 % the night after.`,
    when: "all",
    children: ["slow-burn-long", "slow-burn-short"],
  },
  {
    key: "down",
    severity: "page",
    profile: "full",
    whatHappened: () => "The Wrist Agent is down: at least one of its outage alarms is in ALARM.",
    userImpact: "Whoever dictates now most likely gets an error instead of a note.",
    firstStep: "On the dashboard, see which alarms are red; the ticket mail of each says what to do.",
    nextSteps: [
      "`probe-failing` alone: the way to the agent, or the token of the probe; nobody has dictated yet.",
      "`throttles`: no concurrency is left; the agent never ran.",
      "`lambda-errors`: the function crashes.",
      "`url-5xx` or `failing-now`: the agent answers with errors; read the outcome.",
      "`fast-burn` alone: not down, but failing often.",
    ],
    log: "failures",
    why: "One incident is one page: the parts tell by ticket what they saw, and this alarm pages once for all of them. It returns when the last of them has seen its evidence.",
    when: "any",
    children: ["probe-failing", "failing-now", "lambda-errors", "url-5xx", "throttles", "fast-burn"],
    suppressor: {
      key: "model-configuration",
      waitSeconds: WAIT_SECONDS,
      extensionSeconds: EXTENSION_SECONDS,
      why: "model-configuration pages by itself and names the cause. Two minutes' wait, because both are judged at the same mark of the clock and the order is not certain. Half an hour after it is mended the page is still held back: failing-now returns only with the first sentence dictated since.",
    },
  },
];

/** Key of the composite that pages for its parts, which tell by ticket while it exists. */
export const PAGING_COMPOSITE = "down";
