import type { AlarmState } from "@wrist-agent/cloudwatch/alarm";
import type { TimeRange } from "./scenario.ts";
import type { RequestOutcome } from "./synthetic-traffic.ts";

/** One run as it went: what a report draws. Instants are epoch milliseconds, series are oldest first. */
export interface Timeline {
  readonly seed: number;
  readonly shown: TimeRange;
  /** None where nothing goes wrong. */
  readonly faults: readonly TimeRange[];
  /** Requests of people, with what became of them. */
  readonly requests: readonly TimelineRequest[];
  readonly probeRuns: readonly { readonly atMs: number; readonly hasFailed: boolean }[];
  /** Alarms that changed in the range that is shown. */
  readonly alarms: readonly AlarmTimeline[];
  readonly mails: readonly TimelineMail[];
}

/** A request of somebody. */
export interface TimelineRequest {
  readonly atMs: number;
  readonly outcome: RequestOutcome;
}

/** A mail that arrives. */
export interface TimelineMail {
  readonly atMs: number;
  readonly alarmName: string;
  readonly state: AlarmState;
  /** The last part of the topic's ARN. */
  readonly topic: string;
}

/** One alarm in a {@link Timeline}. */
export interface AlarmTimeline {
  readonly alarmName: string;
  /** The state at the begin of what is shown, then every change. */
  readonly states: readonly AlarmChange[];
  /** The newest value that an evaluation saw, at each evaluation at which it was another one; none of a composite. */
  readonly seen: readonly SeenValue[];
  /** Missing of a composite, and where the threshold is a series. */
  readonly threshold?: number;
}

/** A state from an instant on. */
export interface AlarmChange {
  readonly atMs: number;
  readonly state: AlarmState;
  readonly reason: string;
}

/** What an evaluation saw; no value where the period holds no data. */
export interface SeenValue {
  readonly atMs: number;
  readonly value?: number;
}
