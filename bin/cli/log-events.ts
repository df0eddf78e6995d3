import {
  CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilteredLogEvent,
} from "@aws-sdk/client-cloudwatch-logs";
import { missingGroup } from "./logs-insights.ts";
import type { StageConnection } from "./stage-connection.ts";

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

/** Every line that matches, by time. Pages may be empty and still not be the last: CloudWatch searches piece by piece. */
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

/** A text as a filter pattern that wants it anywhere, inside a word too; letters, digits and hyphens alone. */
export function partPattern(text: string): string {
  return `%${text}%`;
}
