import { filterPattern } from "./log-filter-pattern.ts";
import { groupOf, type LogsPort, type StoredLogEvent, streamsOf } from "./log-groups.ts";
import { invalid, limitOf, notFound, number, text, texts } from "./logs-input.ts";
import type { Input } from "./service.ts";

const MAX_EVENTS = 10_000;

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

/** The lines of a group in their order, from `startTime` to `endTime`, epoch milliseconds. */
function linesOf(port: LogsPort, group: string, input: Input): readonly StoredLogEvent[] {
  const startMs = number(input, "startTime") ?? 0;
  const endMs = number(input, "endTime") ?? Infinity;
  return port.logs
    .events()
    .filter(({ event }) => event.logGroupName === group)
    .filter(({ event }) => event.timestampMs >= startMs && event.timestampMs <= endMs)
    .toSorted(byPlace);
}

/** The lines of a group that a pattern matches, oldest first, a page at a time. */
export function filterLogEvents(port: LogsPort, input: Input): object {
  const limit = limitOf(input, MAX_EVENTS);
  const group = groupOf(port, input);
  const streams = texts(input, "logStreamNames");
  const prefix = text(input, "logStreamNamePrefix");
  if (streams !== undefined && prefix !== undefined)
    throw invalid("Only one of logStreamNamePrefix or logStreamNames can be specified.");
  const matches = filterPattern(text(input, "filterPattern") ?? "");
  const token = text(input, "nextToken");
  const place = token === undefined ? undefined : placeOf(token);
  const found = linesOf(port, group, input)
    .filter(
      ({ event }) => streams?.includes(event.logStreamName) ?? event.logStreamName.startsWith(prefix ?? ""),
    )
    .filter(({ event }) => matches(event.message))
    .filter((line) => place === undefined || place(line) > 0);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const isMore = last !== undefined && page.length < found.length;
  return {
    events: page.map(filteredView),
    searchedLogStreams: [],
    nextToken: isMore ? placeToken(last) : undefined,
  };
}

const EVENT_ID_LENGTH = 56;

function filteredView(line: StoredLogEvent): object {
  const eventId = String(line.sequence).padStart(EVENT_ID_LENGTH, "0");
  return { logStreamName: line.event.logStreamName, ...eventView(line), eventId };
}

function eventView({ event: { timestampMs, message } }: StoredLogEvent): object {
  return { timestamp: timestampMs, message, ingestionTime: timestampMs };
}

/** A page of a stream, towards later lines (`f/…`) or earlier ones (`b/…`). */
export function getLogEvents(port: LogsPort, input: Input): object {
  const limit = limitOf(input, MAX_EVENTS);
  const group = groupOf(port, input);
  const stream = text(input, "logStreamName");
  const all = linesOf(port, group, { ...input, endTime: undefined });
  const ofStream = all.filter(({ event }) => event.logStreamName === stream);
  if (!streamsOf(port, group).some(({ logStreamName }) => logStreamName === stream))
    throw notFound("The specified log stream does not exist.");
  const endMs = number(input, "endTime") ?? Infinity;
  const lines = ofStream.filter(({ event }) => event.timestampMs < endMs);
  const token = text(input, "nextToken");
  const [, way, place] = /^([fb])\/(.+)$/.exec(token ?? "") ?? [];
  if (token !== undefined && place === undefined) throw invalid("The specified nextToken is invalid.");
  const at = place === undefined ? undefined : placeOf(place);
  const isForward = way === undefined ? input.startFromHead === true : way === "f";
  const rest = at === undefined ? lines : lines.filter((line) => (isForward ? at(line) > 0 : at(line) < 0));
  const page = isForward ? rest.slice(0, limit) : rest.slice(-limit);
  const [first, last] = [page[0], page.at(-1)];
  return {
    events: page.map(eventView),
    nextForwardToken: `f/${last === undefined ? (place ?? "0-0") : placeToken(last)}`,
    nextBackwardToken: `b/${first === undefined ? (place ?? "0-0") : placeToken(first)}`,
  };
}
