import {
  type AlarmSummary,
  type MonthlyRate,
  type RehearsalReport,
  REHEARSED,
  type Share,
  type TopicSummary,
} from "../../local/rehearsal/rehearsal-report.ts";
import { wilsonInterval } from "../../local/rehearsal/statistics.ts";

/** A share with its interval. */
export function share(count: number, of: number): Share {
  return { count, of, ...wilsonInterval(count, of) };
}

/** A rate without an interval. */
export function rate(in30Days: number): MonthlyRate {
  return { in30Days, low: in30Days, high: in30Days };
}

/** Minutes as a spread whose p95 is its maximum. */
export function spread(p50: number, max: number) {
  return { p50Ms: p50 * 60_000, p95Ms: max * 60_000, maxMs: max * 60_000 };
}

/** An alarm that was never in ALARM, unless told otherwise. */
export function alarmSummary(changes: Partial<AlarmSummary> = {}): AlarmSummary {
  return {
    alarmName: "wrist-agent-production-failing-now",
    detected: share(0, 4),
    neverRecovered: 0,
    falseAllClears: 0,
    falsePositives: rate(0),
    ...changes,
  };
}

/** A topic that was never written to, unless told otherwise. */
export function topicSummary(changes: Partial<TopicSummary> = {}): TopicSummary {
  return {
    topic: "wrist-agent-production-page",
    notified: share(0, 4),
    mails: { mean: 0, max: 0 },
    falsePositives: rate(0),
    ...changes,
  };
}

/** An outage that nobody noticed, unless told otherwise. */
export function rehearsalReport(changes: Partial<RehearsalReport> = {}): RehearsalReport {
  return {
    scenario: "outage",
    description: "everything fails",
    faultDurationMs: 86_400_000,
    alarmSet: REHEARSED,
    settings: { traffic: "personal", requestsPerDay: 10, days: 30, runs: 4, seed: 1 },
    runs: 4,
    firstNotification: { notified: share(0, 4) },
    topics: [topicSummary()],
    alarms: [alarmSummary()],
    unpublished: [],
    ...changes,
  };
}
