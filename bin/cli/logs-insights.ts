import {
  CloudWatchLogsClient,
  GetQueryResultsCommand,
  type ResultField,
  StartQueryCommand,
  StopQueryCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { Failure } from "./failure.ts";
import type { StageConnection } from "./stage-connection.ts";
import type { WatchPorts } from "./watch.ts";

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
export function missingGroup({ region }: StageConnection, on: string): Record<string, string> {
  return {
    ResourceNotFoundException: `has no ${on} in ${region}: deploy the stage first, or name the Region where it is with --region`,
  };
}

function rowOf(fields: readonly ResultField[]): LogsRow {
  return Object.fromEntries(fields.map(({ field = "", value = "" }) => [field, value]));
}
