import {
  CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
  GetQueryResultsCommand,
  type ResultField,
  StartQueryCommand,
  StopQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { Failure } from "./failure.ts";
import type { StageConnection } from "./stage-connection.ts";
import type { WatchPorts } from "./watch.ts";

/** A line of a log group. */
export interface LogEvent {
  readonly eventId: string;
  readonly timeMs: number;
  readonly stream: string;
  readonly message: string;
}

/** Which lines of a group are asked for. */
export interface LogEventsRequest {
  readonly logGroup: string;
  /** A term of CloudWatch's filter patterns; every line when missing. */
  readonly pattern?: string;
  readonly startMs: number;
  /** Without it up to the newest line. */
  readonly endMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Every line that matches, by time. Pages may be empty and still not be the last: CloudWatch searches piece
 * by piece.
 */
export async function readLogEvents(
  stage: StageConnection,
  { logGroup, pattern, startMs, endMs, signal }: LogEventsRequest,
): Promise<readonly LogEvent[]> {
  const client = stage.client(CloudWatchLogsClient);
  const on = `log group ${logGroup}`;
  const call = { action: "logs:FilterLogEvents", on, meaning: missingGroup(stage, on) };
  const found: LogEvent[] = [];
  let nextToken: string | undefined;
  do {
    const command = new FilterLogEventsCommand({
      logGroupName: logGroup,
      startTime: startMs,
      ...(pattern !== undefined && { filterPattern: pattern }),
      ...(endMs !== undefined && { endTime: endMs }),
      ...(nextToken !== undefined && { nextToken }),
    });
    const page = await stage.ask(call, () =>
      client.send(command, signal === undefined ? {} : { abortSignal: signal }),
    );
    found.push(...(page.events ?? []).map(logEvent));
    nextToken = page.nextToken;
  } while (nextToken !== undefined && signal?.aborted !== true);
  return found.toSorted((a, b) => a.timeMs - b.timeMs);
}

function logEvent(event: FilteredLogEvent): LogEvent {
  return {
    eventId: event.eventId ?? "",
    timeMs: event.timestamp ?? 0,
    stream: event.logStreamName ?? "",
    message: event.message ?? "",
  };
}

/** A text as a filter pattern that wants exactly it. */
export function exactPattern(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * A text as a filter pattern that wants it anywhere, inside a word too; letters, digits and hyphens alone.
 */
export function partPattern(text: string): string {
  return `%${text}%`;
}

/** A question to CloudWatch Logs Insights over one log group. */
export interface LogsQuestion {
  readonly logGroup: string;
  /** Commands, joined by `|`. */
  readonly query: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
}

/** Fields of a row by name. */
export type LogsRow = Readonly<Record<string, string>>;

const POLL_MS = 500;
/** A query that takes longer is given up and stopped. */
const MAX_POLLS = 60;
const UNDER_WAY: readonly string[] = ["Scheduled", "Running", "Unknown"];

/** Asks Logs Insights and waits for the whole answer. */
export async function askLogs(
  stage: StageConnection,
  question: LogsQuestion,
  { wait }: Pick<WatchPorts, "wait">,
): Promise<readonly LogsRow[]> {
  const client = stage.client(CloudWatchLogsClient);
  const on = `log group ${question.logGroup}`;
  const { queryId } = await stage.ask(
    { action: "logs:StartQuery", on, meaning: missingGroup(stage, on) },
    () =>
      client.send(
        new StartQueryCommand({
          logGroupName: question.logGroup,
          queryString: question.query.join(" | "),
          startTime: Math.floor(question.startMs / 1000),
          endTime: Math.ceil(question.endMs / 1000),
        }),
      ),
  );
  const never = new AbortController().signal;
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const { status = "Unknown", results = [] } = await stage.ask({ action: "logs:GetQueryResults", on }, () =>
      client.send(new GetQueryResultsCommand({ queryId })),
    );
    if (status === "Complete") return results.map(rowOf);
    if (!UNDER_WAY.includes(status))
      throw new Failure(`${stage.target.where}: the query on ${on} ended as ${status}: try again`);
    await wait(POLL_MS, never);
  }
  await client.send(new StopQueryCommand({ queryId })).catch(() => undefined);
  throw new Failure(
    `${stage.target.where}: the query on ${on} took more than ${(MAX_POLLS * POLL_MS) / 1000} s: ask for a shorter time`,
  );
}

/** What it means that a log group is not there. */
function missingGroup({ region }: StageConnection, on: string): Record<string, string> {
  return {
    ResourceNotFoundException: `has no ${on} in ${region}: deploy the stage first, or name the Region where it is with --region`,
  };
}

function rowOf(fields: readonly ResultField[]): LogsRow {
  return Object.fromEntries(fields.map(({ field = "", value = "" }) => [field, value]));
}
