import { Alarms } from "../../cloudwatch/alarm/alarms.ts";
import type { AlarmHome } from "../../cloudwatch/alarm/alarm-status.ts";
import type { AlarmDefinition, AlarmState } from "../../cloudwatch/alarm-definition.ts";
import { readSeriesFrom } from "../../cloudwatch/read-series.ts";
import { MONDAY_MS } from "../traffic/dictating-days.ts";
import { MetricFeed } from "../traffic/metric-feed.ts";
import type { Story } from "./story.ts";

const MINUTE_MS = 60_000;

/** The alarms that are rehearsed, and where they live. */
export interface Cast {
  readonly home: AlarmHome;
  readonly definitions: readonly AlarmDefinition[];
  /** The value of a dimension that says that the probe publishes a metric. */
  readonly probeService: string;
}

/** A change of state. */
export interface Change {
  readonly alarmName: string;
  readonly state: AlarmState;
  readonly atMs: number;
  /** Whether an action ran: muted and suppressed alarms tell nobody. */
  readonly isTold: boolean;
}

/** What the alarms made of a story. */
export interface Replay {
  readonly changes: readonly Change[];
  /** Metrics that alarms read and that nobody published. */
  readonly unpublished: readonly string[];
}

/** Evaluates every alarm every minute of a story, as CloudWatch does. */
export function replay(cast: Cast, story: Story): Replay {
  const feed = new MetricFeed(cast.definitions, cast.probeService);
  for (const published of story.published) feed.publish(published);
  const alarms = new Alarms({
    ...cast.home,
    readSeries: readSeriesFrom(feed.store),
    revision: () => feed.revision,
  });
  alarms.putAll(cast.definitions, MONDAY_MS);
  const changes: Change[] = [];
  for (let nowMs = MONDAY_MS + MINUTE_MS; nowMs <= story.endMs; nowMs += MINUTE_MS)
    for (const { alarm, current, actions, released } of alarms.evaluate(nowMs)) {
      if (released !== undefined) continue;
      const { alarmName } = alarm;
      changes.push({ alarmName, state: current.state, atMs: nowMs, isTold: actions.length > 0 });
    }
  return { changes, unpublished: feed.unpublished() };
}
