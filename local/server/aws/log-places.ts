import type { QueryableEvent } from "@wrist-agent/cloudwatch/logs/log-row";
import { invalid } from "./logs-input.ts";

/** A line and its place among all that were ever put. */
export interface StoredLogEvent {
  readonly event: QueryableEvent;
  readonly sequence: number;
}

/** Orders lines by time, and those of one time as they came. */
export function byPlace(a: StoredLogEvent, b: StoredLogEvent): number {
  return a.event.timestampMs - b.event.timestampMs || a.sequence - b.sequence;
}

/** A line's place in the order, as tokens bear it: lines that are forgotten meanwhile move none. */
export function placeToken({ event, sequence }: StoredLogEvent): string {
  return `${event.timestampMs}-${sequence}`;
}

/** How a line stands to the place that a token bears. */
export function placeOf(token: string): (line: StoredLogEvent) => number {
  const [, timestampMs, sequence] = /^(\d+)-(\d+)$/.exec(token) ?? [];
  if (timestampMs === undefined) throw invalid("The specified nextToken is invalid.");
  return ({ event, sequence: own }) => event.timestampMs - Number(timestampMs) || own - Number(sequence);
}
