/** Share of requests that may fail by bad luck without anybody being woken. */
export const HARMLESS_FAILURE_SHARE = 0.01;

/** How many false alarms a rule may raise in 30 days at {@link HARMLESS_FAILURE_SHARE}. */
const FALSE_ALARMS_IN_30_DAYS = 0.1;

/** Hours of the day in which somebody dictates. */
const WAKING_HOURS = 16;

/** Requests that follow another one within a minute or two: people retry and dictate in bursts. */
const BURST_COMPANIONS = 0.5;

/** Seconds of a day. */
export const DAY_SECONDS = 86_400;

/**
 * The smallest number of failures within a window that bad luck does not reach.
 *
 * Failures at 1 % start 0.3 x requests-per-day windows in 30 days; each window then holds a Poisson number of further
 * failures. The count is the first one whose expected number of false alarms stays under 0.1 in 30 days.
 */
export function failuresToAlarm(requestsPerDay: number, windowSeconds: number): number {
  const perSecond = requestsPerDay / Math.min(DAY_SECONDS, WAKING_HOURS * 3600);
  const others = Math.min(requestsPerDay, perSecond * windowSeconds) + BURST_COMPANIONS;
  const windows = 30 * requestsPerDay * HARMLESS_FAILURE_SHARE;
  let count = 2;
  while (windows * poissonAtLeast(count - 1, others * HARMLESS_FAILURE_SHARE) > FALSE_ALARMS_IN_30_DAYS)
    count += 1;
  return count;
}

function poissonAtLeast(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let below = 0;
  for (let k = 0; k < count; k += 1) {
    below += term;
    term *= mean / (k + 1);
  }
  return 1 - below;
}
