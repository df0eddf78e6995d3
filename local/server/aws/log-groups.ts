import type { LogTable } from "@wrist-agent/cloudwatch/dashboards/drawing";
import type { QueryableEvent } from "@wrist-agent/cloudwatch/logs/log-row";
import { partitionOf } from "@wrist-agent/cloudwatch/region";
import { invalid, limitOf, notFound, text } from "./logs-input.ts";
import { AwsError, type Input } from "./service.ts";
import type { Account } from "./ssm.ts";

/** A line and its place among all that were ever put. */
export interface StoredLogEvent {
  readonly event: QueryableEvent;
  readonly sequence: number;
}

/** A log group of the templates. */
export interface LogGroup {
  readonly logGroupName: string;
  /** Lines are kept for ever when missing, as far as AWS goes. */
  readonly retentionInDays?: number;
  readonly kmsKeyId?: string;
}

/** What CloudWatch Logs knows besides the lines. */
export interface LogsHome {
  readonly account: Account;
  /** Groups that are there whether or not they have lines. */
  readonly groups: readonly LogGroup[];
  /** When the groups were made, epoch milliseconds. */
  readonly createdMs: number;
}

/** A log query over a time range, epoch milliseconds; `endMs` is exclusive. */
export interface LogQuery {
  readonly query: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Which groups to look at; missing: all of them. */
  readonly groups?: readonly string[];
}

/** Groups and lines, for whoever answers questions about them. */
export interface LogsPort extends LogsHome {
  readonly logs: {
    /** The lines that are kept, in the order in which they came. */
    readonly events: () => readonly StoredLogEvent[];
    readonly query: (query: LogQuery) => LogTable;
  };
}

const MAX_DESCRIBED = 50;

/** The groups of the templates and those that have lines, by name. */
export function groupNames({ groups, logs }: LogsPort): readonly string[] {
  const withLines = logs.events().map(({ event }) => event.logGroupName);
  return [...new Set([...groups.map(({ logGroupName }) => logGroupName), ...withLines])].toSorted();
}

/** The group that `logGroupName` or `logGroupIdentifier`, a name or an ARN, says. */
export function groupOf(port: LogsPort, input: Input): string {
  const name = text(input, "logGroupName");
  const identifier = text(input, "logGroupIdentifier");
  if (name !== undefined && identifier !== undefined)
    throw new AwsError(
      "ValidationException",
      "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
    );
  const found = name ?? (identifier === undefined ? undefined : nameIn(identifier));
  if (found === undefined) throw invalid("LogGroupName or LogGroupIdentifier must be specified");
  if (groupNames(port).includes(found)) return found;
  throw notFound("The specified log group does not exist.");
}

/** The name in an identifier, which is a name or an ARN. */
export function nameIn(identifier: string): string {
  return /^arn:[^:]*:logs:[^:]*:\d*:log-group:([^:]+)/.exec(identifier)?.[1] ?? identifier;
}

/** Groups by prefix or a part of their names. */
export function describeLogGroups(port: LogsPort, input: Input): object {
  if (input.logGroupNamePrefix !== undefined && input.logGroupNamePattern !== undefined)
    throw invalid("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
  const prefix = text(input, "logGroupNamePrefix") ?? "";
  const part = text(input, "logGroupNamePattern")?.toLowerCase() ?? "";
  const names = groupNames(port)
    .filter((name) => name.startsWith(prefix))
    .filter((name) => name.toLowerCase().includes(part));
  const { page, nextToken } = namedPage(names, (name) => name, input);
  return { logGroups: page.map((name) => groupView(port, name)), nextToken };
}

function groupView({ account, createdMs, logs, groups }: LogsPort, logGroupName: string): object {
  const logGroupArn = `arn:${partitionOf(account.region)}:logs:${account.region}:${account.accountId}:log-group:${logGroupName}`;
  const own = logs.events().filter(({ event }) => event.logGroupName === logGroupName);
  const known = groups.find((group) => group.logGroupName === logGroupName);
  return {
    logGroupName,
    retentionInDays: known?.retentionInDays,
    kmsKeyId: known?.kmsKeyId,
    creationTime: own.reduce((first, { event }) => Math.min(first, event.timestampMs), createdMs),
    metricFilterCount: 0,
    arn: `${logGroupArn}:*`,
    storedBytes: own.reduce((bytes, { event }) => bytes + event.message.length, 0),
    logGroupClass: "STANDARD",
    logGroupArn,
  };
}

interface Page<Item> {
  readonly page: readonly Item[];
  readonly nextToken: string | undefined;
}

/** A page of things in the order of the list, whose token is the name of the last one. */
function namedPage<Item>(items: readonly Item[], nameOf: (item: Item) => string, input: Input): Page<Item> {
  const token = text(input, "nextToken");
  const last = token === undefined ? -1 : items.findIndex((item) => nameOf(item) === token);
  if (token !== undefined && last < 0) throw invalid("The specified nextToken is invalid.");
  const page = items.slice(last + 1, last + 1 + limitOf(input, MAX_DESCRIBED));
  const end = page.at(-1);
  const isMore = end !== undefined && end !== items.at(-1);
  return { page, nextToken: isMore ? nameOf(end) : undefined };
}

/** The streams of a group, by name or by their last line. */
export function describeLogStreams(port: LogsPort, input: Input): object {
  const group = groupOf(port, input);
  const prefix = text(input, "logStreamNamePrefix") ?? "";
  const isByTime = text(input, "orderBy") === "LastEventTime";
  if (isByTime && prefix !== "") throw invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
  const streams = streamsOf(port, group)
    .filter(({ logStreamName }) => logStreamName.startsWith(prefix))
    .toSorted((a, b) => (isByTime ? a.lastEventTimestamp - b.lastEventTimestamp : 0));
  const ordered = input.descending === true ? streams.toReversed() : streams;
  const { page, nextToken } = namedPage(ordered, ({ logStreamName }) => logStreamName, input);
  return { logStreams: page, nextToken };
}

interface StreamView {
  readonly logStreamName: string;
  readonly lastEventTimestamp: number;
}

/** The streams of a group that have lines, by name. */
export function streamsOf({ account, logs }: LogsPort, group: string): readonly StreamView[] {
  const times = new Map<string, number[]>();
  for (const { event } of logs.events()) {
    if (event.logGroupName !== group) continue;
    const own = times.get(event.logStreamName);
    if (own === undefined) times.set(event.logStreamName, [event.timestampMs, event.timestampMs]);
    else times.set(event.logStreamName, [own[0] ?? event.timestampMs, event.timestampMs]);
  }
  return [...times]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([logStreamName, [first = 0, last = 0]]) => ({
      logStreamName,
      creationTime: first,
      firstEventTimestamp: first,
      lastEventTimestamp: last,
      lastIngestionTime: last,
      arn: `arn:${partitionOf(account.region)}:logs:${account.region}:${account.accountId}:log-group:${group}:log-stream:${logStreamName}`,
      storedBytes: 0,
    }));
}
