import type { CompositeRow } from "./alarm-row.ts";
import { burningPercent, windowWords } from "./answers/burn-alarms.ts";
import { BURN_RATES, burnWindows } from "../condition/burn-windows.ts";

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
    happened: (config) =>
      `In ${windowWords(burnWindows("fast", config).long)} at least ${burningPercent("fast", config)} of the requests failed, and it goes on.`,
    means: "Dictating fails often; two days at this rate use up a month's allowance of failures.",
    firstStep: "Run the log query: which outcome, which mode, since when?",
    thenSteps: BURN_STEPS,
    log: "failures",
    why: `The objective is \`SLO_PERCENT\` of the requests of 30 days; what may fail is the budget, and here it burns ${BURN_RATES.fast} times too fast. ${BURN_WHY} Rehearsed at 30 requests a day: no false alarm in ten months of 1 % random failures, and 30 % failing is found after 15 hours, half of the time sooner; at 10,000 a day after two.`,
    when: "all",
    of: ["fast-burn-long", "fast-burn-short"],
  },
  {
    key: "slow-burn",
    severity: "ticket",
    profile: "full",
    happened: (config) =>
      `In ${windowWords(burnWindows("slow", config).long)} at least ${burningPercent("slow", config)} of the requests failed, and it goes on.`,
    means: "Dictating works mostly; ten days at this rate use up a month's allowance of failures.",
    firstStep: "Run the log query: is it one outcome, one mode, one hour of the day?",
    thenSteps: BURN_STEPS,
    log: "failures",
    why: `What failing-now and fast-burn let pass: a few percent, day after day; the budget burns ${BURN_RATES.slow} times too fast. ${BURN_WHY} Rehearsed at 30 requests a day: no false alarm in ten months of 1 % random failures, and 10 % failing is found after three days, half of the time sooner; at 10,000 a day 5 % the night after.`,
    when: "all",
    of: ["slow-burn-long", "slow-burn-short"],
  },
  {
    key: "down",
    severity: "page",
    profile: "full",
    happened: () => "The Wrist Agent is down: at least one of its outage alarms is in ALARM.",
    means: "Whoever dictates now most likely gets an error instead of a note.",
    firstStep: "On the dashboard, see which alarms are red; the ticket mail of each says what to do.",
    thenSteps: [
      "`probe-failing` alone: the way to the agent, or the token of the probe; nobody has dictated yet.",
      "`throttles`: no concurrency is left; the agent never ran.",
      "`lambda-errors`: the function crashes.",
      "`url-5xx` or `failing-now`: the agent answers with errors; read the outcome.",
      "`fast-burn` alone: not down, but failing often.",
    ],
    log: "failures",
    why: "One incident is one page: the parts tell by ticket what they saw, and this alarm pages once for all of them. It returns when the last of them has seen its evidence.",
    when: "any",
    of: ["probe-failing", "failing-now", "lambda-errors", "url-5xx", "throttles", "fast-burn"],
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
