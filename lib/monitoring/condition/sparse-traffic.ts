/** Share of requests that may fail by bad luck without anybody being woken. */
export const HARMLESS_FAILURE_SHARE = 0.01;

/** How many false alarms a rule may raise in 30 days at {@link HARMLESS_FAILURE_SHARE}. */
const FALSE_ALARMS_IN_30_DAYS = 0.1;

/** Hours of the day in which somebody dictates. */
export const WAKING_HOURS = 16;

/** Requests that follow another one within a minute or two: people retry and dictate in bursts. */
const BURST_COMPANIONS = 0.5;

/** Seconds of a day. */
export const DAY_SECONDS = 86_400;

/**
 * The smallest number of failures within a window that bad luck does not reach.
 *
 * Failures at the harmless share, 1 % when not given, start 0.3 x requests-per-day windows in 30 days; each window then
 * holds a Poisson number of further failures. The count is the first one whose expected number of false alarms stays
 * under 0.1 in 30 days.
 */
export function failuresToAlarm(
  requestsPerDay: number,
  windowSeconds: number,
  harmlessShare = HARMLESS_FAILURE_SHARE,
): number {
  const perSecond = requestsPerDay / (WAKING_HOURS * 3600);
  const most = requestsPerDay * Math.max(1, windowSeconds / DAY_SECONDS);
  const others = Math.min(most, perSecond * windowSeconds) + BURST_COMPANIONS;
  const windows = 30 * requestsPerDay * harmlessShare;
  const mean = others * harmlessShare;
  // Logarithms, because e to the minus thousand is 0 in a double.
  let logTerm = -mean;
  let below = Math.exp(logTerm);
  let count = 2;
  while (windows * (1 - below) > FALSE_ALARMS_IN_30_DAYS) {
    logTerm += Math.log(mean / (count - 1));
    below += Math.exp(logTerm);
    count += 1;
  }
  return count;
}
