import { meanOverModes, type ModeTraffic } from "../../lambda/contract/usual-traffic.ts";

/** Hours in the month that AWS's own estimates use. */
export const HOURS_PER_MONTH = 730;

/** Days in that month. */
export const DAYS_PER_MONTH = HOURS_PER_MONTH / 24;

/** Percent of a day's requests by local hour: the hours before six share one percent. */
const HOUR_PERCENT = [...Array<number>(6).fill(1 / 6), 2, 6, 9, 8, 7, 6, 7, 5, 5, 5, 6, 8, 7, 5, 5, 4, 3, 1];

/** Characters of a prompt that make one token. */
export const CHARACTERS_PER_TOKEN = 3.8;

/** Characters of a dictated text: the mean of a log-normal with median 80 and 95th percentile 300. */
export const DICTATION_CHARACTERS = 110;

/** Bytes that a run leaves in the log; tests render the real lines and hold these against them. */
export const LOG_BYTES = {
  /** The agent's line of one request, EMF directives included. */
  requestLine: 1_280,
  /** The agent's line of a question of the probe: no metrics, so no directives. */
  probeRequestLine: 920,
  /** The agent's line of a question about its health. */
  healthRequestLine: 550,
  /** The probe's line of a run that was answered by the first try. */
  probeRunLine: 440,
  /** Lambda's own lines of one run: `platform.start` and `platform.report`. */
  platformLines: 377,
} as const;

/** Bytes that CloudWatch Logs adds to each event: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
export const LOG_EVENT_BYTES = 26;

/** What the templates cannot tell of how the monitoring is used: assumed. */
export const ASSUMED_USE = {
  /** Times a day that somebody opens each dashboard; each log widget then reads its whole range. */
  dashboardViewsPerDay: 1,
  /** Messages of each topic in a month: ten incidents, each with its end. */
  messagesPerTopic: 20,
  /** Seconds of a scheduled run that asks nobody. */
  scheduledRunSeconds: 1,
} as const;

/** Seconds that a request takes on average; latencies are log-normal, so the mean is above the median. */
export const MEAN_REQUEST_SECONDS = meanOverModes(meanSeconds);

/** The mean of a log-normal from two of its percentiles; 1.645 standard deviations are the 95th. */
export function meanSeconds({ p50Seconds, p95Seconds }: Pick<ModeTraffic, "p50Seconds" | "p95Seconds">) {
  const deviation = Math.log(p95Seconds / p50Seconds) / 1.645;
  return p50Seconds * Math.exp(deviation ** 2 / 2);
}

/**
 * Traces that X-Ray's default rule records of a day: the first request of each second, and 5 % of the others.
 *
 * Within an hour the requests are taken as evenly spread.
 */
export function tracesPerDay(requestsPerDay: number): number {
  const perHour = HOUR_PERCENT.map((percent) => (requestsPerDay * percent) / 100);
  return perHour.reduce((sum, requests) => {
    const perSecond = requests / 3600;
    return sum + 3600 * (perSecond <= 1 ? perSecond : 1 + 0.05 * (perSecond - 1));
  }, 0);
}

/** Seconds of one question of the probe, whose answer is a single token. */
export const PROBE_SECONDS = 0.8;

/** Seconds in which the agent says that it is well, without asking the model. */
export const HEALTH_SECONDS = 0.1;
