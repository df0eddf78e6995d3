import type { Cancel, Clock } from "../../clock.ts";
import type { CloudWatchRegion } from "./cloud-watch-region.ts";

/** What is done as time goes by. */
export interface EvaluationTurns {
  readonly regions: readonly CloudWatchRegion[];
  readonly clock: Clock;
  /** Resolves when what should have reported by then has; gives when that was, if it was waited for. */
  readonly caughtUp: (dueMs: number) => Promise<number | undefined>;
  /** Evaluates every alarm that is due. */
  readonly evaluate: (dueMs: number) => void;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SHORTEST_PERIOD_MS = 10_000;

/** Has the alarms evaluated by the minute, by ten seconds where one asks for it, and old data dropped by the hour. */
export function startEvaluation({ regions, clock, caughtUp, evaluate }: EvaluationTurns): Cancel {
  let minute = Math.floor(clock.now() / MINUTE_MS);
  let isStopped = false;
  const cancelTurns = clock.every(SHORTEST_PERIOD_MS, async (dueMs) => {
    const caughtUpMs = await caughtUp(dueMs);
    if (isStopped) return;
    // What came later than the turn is seen by the next one: this one would take it for missing.
    if (caughtUpMs !== undefined && caughtUpMs > dueMs) return;
    const dueMinute = Math.floor(dueMs / MINUTE_MS);
    if (dueMinute === minute && !hasShortPeriods(regions)) return;
    minute = dueMinute;
    evaluate(dueMs);
  });
  const cancelRetention = clock.every(HOUR_MS, (dueMs) => regions.forEach((region) => region.retain(dueMs)));
  return () => {
    isStopped = true;
    cancelTurns();
    cancelRetention();
  };
}

/** Whether an alarm reads periods of 10, 20 or 30 seconds, which are evaluated every 10 seconds. */
function hasShortPeriods(regions: readonly CloudWatchRegion[]): boolean {
  return regions
    .flatMap(({ alarms }) => alarms.describe())
    .some(
      ({ definition }) =>
        !("alarmRule" in definition) &&
        [
          definition.periodSeconds,
          ...(definition.metrics ?? []).map(({ metricStat }) => metricStat?.periodSeconds),
        ].some((seconds) => seconds !== undefined && seconds < 60),
    );
}
