import type { StageConfig } from "../../../config/stage-config.ts";
import { sourcesOf } from "../../metrics/sources.ts";
import type { AlarmRow } from "../alarm-row.ts";
import { filled } from "../../condition/filled.ts";

const HOUR = 3600;
const MINUTES_OF_HOUR = 60;

/** Days of requests that nobody dictates within an hour. */
const DAYS_IN_AN_HOUR = 3;

/** Invocations within an hour that raise `runaway-traffic`. */
export function runaway(config: StageConfig): number {
  return Math.ceil(DAYS_IN_AN_HOUR * config.requestsPerDay + probeRunsPerHour(config));
}

/** Lambda counts the probe's questions too. */
function probeRunsPerHour(config: StageConfig): number {
  return sourcesOf(config).has("probe") ? MINUTES_OF_HOUR / config.probeMinutes : 0;
}

/** Standard deviations above what is usual, and for how many hours of how many. */
const BAND = { deviations: 6, hours: 2, of: 3 } as const;

/** Two days, the longest warm-up: a band that has seen a night alone takes the morning for unusual. */
const LEARNING_MINUTES = 2880;

/** How much is asked, whoever asks. */
export const TRAFFIC_ALARMS: readonly AlarmRow[] = [
  {
    key: "runaway-traffic",
    severity: "ticket",
    profile: "full",
    needs: "lambda",
    happened: (config) => `At least ${runaway(config)} requests reached the function within one hour.`,
    means: "Nothing fails yet; each request costs money, and the model's quota is near.",
    firstStep: "In the log query, find the minute and the client: a Shortcut that loops, or a stranger?",
    thenSteps: ["A loop: stop that automation.", "A stranger: change the token."],
    log: "traffic",
    window: {
      kind: "sliding",
      why: "A loop may begin at any minute of an hour; filled, it never judges an older hour instead.",
    },
    why: "Three days' worth of requests within an hour is no dictating; the probe's questions, which Lambda counts too, come on top. No traffic is no runaway, so missing data is fine.",
    rule: ({ config, metrics }) => ({
      metric: filled(metrics.lambda("Invocations", "Sum", HOUR)),
      threshold: runaway(config),
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
  {
    key: "unusual-traffic",
    severity: "ticket",
    profile: "full",
    needs: "lambda",
    happened: () =>
      `In ${BAND.hours} of ${BAND.of} hours far more requests came than are usual at that time.`,
    means: "Nothing fails; somebody or something asks more than it ever did.",
    firstStep: "In the log query, find the hours and the client: a new habit, a loop, or a stranger?",
    thenSteps: [
      "A new habit: nothing to do. The band learns it within two weeks; raise `REQUESTS_PER_DAY`.",
      "A loop or a stranger: the steps of runaway-traffic.",
    ],
    log: "traffic",
    window: {
      kind: "clock",
      why: "CloudWatch learns by hours of the clock; an hour without requests keeps the state.",
    },
    why: "A fixed bound must leave room for the busiest hour; a band that CloudWatch learns from the last weeks knows what is usual at night. Six deviations in two of three hours, as a day of few requests varies widely by itself; it judges nothing in its first two days. Only upwards: an hour without requests has no point to be too low, and the probe watches for silence. The local runtime's band is the mean and the deviation of two weeks, a stand-in for CloudWatch's model.",
    rule: ({ metrics }) => ({
      metric: metrics.lambda("Invocations", "Sum", HOUR),
      threshold: { deviations: BAND.deviations },
      datapointsToAlarm: BAND.hours,
      evaluationPeriods: BAND.of,
      treatMissingData: "ignore",
      warmUpMinutes: LEARNING_MINUTES,
    }),
  },
];
