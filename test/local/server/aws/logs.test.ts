import { beforeEach, expect, test } from "vitest";
import { LogStore } from "../../../../local/monitoring/log-store.ts";
import { LogsReadings, logsService } from "../../../../local/server/aws/logs.ts";
import type { AwsCall, AwsError, Input, JsonService } from "../../../../local/server/aws/service.ts";

const SECOND = 1000;
const startMs = Date.UTC(2026, 10, 1, 12);
const account = { accountId: "111122223333", region: "eu-west-1" };
const group = "/aws/lambda/agent";

let service: JsonService;
let logs: LogStore;

/** Serves four lines. A query may take long on a busy machine. */
function serve(queryMs = 60_000): void {
  logs = new LogStore({ queryMs }, account.accountId);
  const readings = new LogsReadings(logs);
  const home = {
    account,
    groups: [{ logGroupName: group, retentionInDays: 30 }, { logGroupName: "/aws/lambda/idle" }],
    createdMs: startMs,
  };
  service = logsService(home, (call) => new Promise((resolve) => resolve(readings.answer(call))));
  const messages = ["START one", '{"level":"error","ms":5}', '{"level":"info","ms":7}', "END one"];
  messages.forEach((message, index) => {
    const logStreamName = index === 3 ? "second" : "first";
    logs.put({ logGroupName: group, logStreamName, timestampMs: startMs + index * SECOND, message });
  });
}

beforeEach(() => serve());

interface Answer {
  readonly events?: readonly { readonly message: string; readonly eventId?: string }[];
  readonly nextToken?: string;
  readonly nextForwardToken?: string;
  readonly nextBackwardToken?: string;
  readonly queryId?: string;
  readonly results?: readonly object[];
}

let calls = 0;

async function ask(operation: string, input: Input): Promise<Answer> {
  const call = { requestId: `request-${++calls}` } as AwsCall;
  return (await service.operations[operation]?.(input, call)) as Answer;
}

async function messages(operation: string, input: Input): Promise<readonly string[]> {
  const { events = [] } = await ask(operation, { logGroupName: group, ...input });
  return events.map(({ message }) => message);
}

test("groups are described whether or not they have lines", async () => {
  expect(await ask("DescribeLogGroups", { logGroupNamePrefix: "/aws/", limit: 1 })).toEqual({
    logGroups: [
      {
        logGroupName: group,
        retentionInDays: 30,
        creationTime: startMs,
        metricFilterCount: 0,
        arn: `arn:aws:logs:eu-west-1:111122223333:log-group:${group}:*`,
        storedBytes: 63,
        logGroupClass: "STANDARD",
        logGroupArn: `arn:aws:logs:eu-west-1:111122223333:log-group:${group}`,
      },
    ],
    nextToken: group,
  });
  expect(await ask("DescribeLogGroups", { nextToken: group })).toMatchObject({
    logGroups: [{ logGroupName: "/aws/lambda/idle" }],
  });
  expect(await ask("DescribeLogGroups", { logGroupNamePattern: "NONE" })).toMatchObject({ logGroups: [] });
});

test("streams are described by name or by their last line", async () => {
  const names = { logStreams: [{ logStreamName: "first" }, { logStreamName: "second" }] };
  expect(await ask("DescribeLogStreams", { logGroupName: group })).toMatchObject(names);
  const newest = { logGroupName: group, orderBy: "LastEventTime", descending: true, limit: 1 };
  expect(await ask("DescribeLogStreams", newest)).toMatchObject({
    logStreams: [{ logStreamName: "second", lastEventTimestamp: startMs + 3 * SECOND }],
  });
});

test.each<[string, Input, readonly number[]]>([
  ["everything", {}, [0, 1, 2, 3]],
  ["one stream", { logStreamNames: ["second"] }, [3]],
  ["a prefix of streams", { logStreamNamePrefix: "f" }, [0, 1, 2]],
  ["a range with both ends", { startTime: startMs + SECOND, endTime: startMs + 2 * SECOND }, [1, 2]],
  ["all terms", { filterPattern: "level error" }, [1]],
  ["one of several terms", { filterPattern: "?START ?END" }, [0, 3]],
  ["a term that must not be there", { filterPattern: "one -END" }, [0]],
  ["a text in quotes", { filterPattern: String.raw`"\"ms\":7"` }, [2]],
  ["a field of JSON", { filterPattern: "{ $.ms > 5 }" }, [2]],
  ["words", { filterPattern: "[w1 = START || w1 = END, w2]" }, [0, 3]],
  ["a regular expression", { filterPattern: "%^(START|END)%" }, [0, 3]],
  [
    "a group by its ARN",
    {
      logGroupName: undefined,
      logGroupIdentifier: `arn:aws:logs:eu-west-1:111122223333:log-group:${group}:*`,
    },
    [0, 1, 2, 3],
  ],
])("FilterLogEvents finds %s", async (_name, input, expected) => {
  const all = await messages("FilterLogEvents", {});
  expect(await messages("FilterLogEvents", input)).toEqual(expected.map((index) => all[index]));
});

test("FilterLogEvents goes on after the last line of a page, though lines were added meanwhile", async () => {
  const first = await ask("FilterLogEvents", { logGroupName: group, limit: 3 });
  expect(first.events).toHaveLength(3);
  expect(new Set(first.events?.map(({ eventId }) => eventId)).size).toBe(3);
  logs.put({ logGroupName: group, logStreamName: "first", timestampMs: startMs, message: "late" });
  expect(await messages("FilterLogEvents", { nextToken: first.nextToken })).toEqual(["END one"]);
});

test("GetLogEvents pages both ways through a stream", async () => {
  const stream = { logGroupName: group, logStreamName: "first", limit: 1 };
  const newest = await ask("GetLogEvents", stream);
  expect(newest.events?.[0]?.message).toContain("info");
  const before = await ask("GetLogEvents", { ...stream, nextToken: newest.nextBackwardToken });
  expect(before.events?.[0]?.message).toContain("error");
  const end = await ask("GetLogEvents", { ...stream, nextToken: newest.nextForwardToken });
  expect(end).toMatchObject({ events: [], nextForwardToken: newest.nextForwardToken });
  expect(await messages("GetLogEvents", { ...stream, startFromHead: true })).toEqual(["START one"]);
  const bounded = { ...stream, limit: 10, endTime: startMs + SECOND };
  expect(await messages("GetLogEvents", bounded)).toEqual(["START one"]);
});

test("a query is run at once and its results are kept", async () => {
  const range = { startTime: startMs / SECOND, endTime: startMs / SECOND + 60 };
  const queryString = "stats max(ms) as most by level | sort by most desc | filter ispresent(level)";
  const { queryId } = await ask("StartQuery", { ...range, logGroupNames: [group], queryString });
  expect(await ask("GetQueryResults", { queryId })).toEqual({
    queryLanguage: "CWLI",
    status: "Complete",
    results: [
      [
        { field: "level", value: "info" },
        { field: "most", value: "7" },
      ],
      [
        { field: "level", value: "error" },
        { field: "most", value: "5" },
      ],
    ],
    statistics: { recordsMatched: 2, recordsScanned: 4, bytesScanned: 63 },
  });
  const source = `SOURCE "${group}" | fields @log | limit 1`;
  const other = await ask("StartQuery", { ...range, queryString: source });
  expect(await ask("GetQueryResults", { queryId: other.queryId })).toMatchObject({
    results: [[{ field: "@log", value: `111122223333:${group}` }]],
  });
});

test("a query that takes too long has timed out, as AWS says it", async () => {
  serve(100);
  logs.put({ logGroupName: group, logStreamName: "first", timestampMs: startMs, message: "a".repeat(60) });
  const { queryId } = await ask("StartQuery", {
    startTime: startMs / SECOND,
    endTime: startMs / SECOND + 60,
    logGroupNames: [group],
    queryString: "filter @message like /^(a|a)*b$/",
  });
  expect(await ask("GetQueryResults", { queryId })).toMatchObject({ status: "Timeout", results: [] });
});

test.each<[string, Input, readonly [code: string, message: string]]>([
  [
    "FilterLogEvents",
    { logGroupName: "/none" },
    ["ResourceNotFoundException", "The specified log group does not exist."],
  ],
  ["StartLiveTail", {}, ["InvalidOperationException", "use aws logs tail --follow"]],
  ["FilterLogEvents", {}, ["InvalidParameterException", "must be specified"]],
  [
    "FilterLogEvents",
    { logGroupName: group, logGroupIdentifier: group },
    ["ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters."],
  ],
  [
    "FilterLogEvents",
    { logGroupName: group, logStreamNames: ["a"], logStreamNamePrefix: "a" },
    ["InvalidParameterException", "Only one of"],
  ],
  [
    "FilterLogEvents",
    { logGroupName: group, logStreamNames: [1] },
    ["InvalidParameterException", "list of texts"],
  ],
  ["FilterLogEvents", { logGroupName: 1 }, ["InvalidParameterException", "not a text"]],
  ["FilterLogEvents", { logGroupName: group, limit: "1" }, ["InvalidParameterException", "not a number"]],
  [
    "FilterLogEvents",
    { logGroupName: group, limit: 10_001 },
    ["InvalidParameterException", "less than or equal to 10000"],
  ],
  [
    "FilterLogEvents",
    { logGroupName: group, limit: 0 },
    ["InvalidParameterException", "greater than or equal to 1"],
  ],
  [
    "FilterLogEvents",
    { logGroupName: group, nextToken: "x" },
    ["InvalidParameterException", "nextToken is invalid"],
  ],
  [
    "FilterLogEvents",
    { logGroupName: group, filterPattern: "{ $.level }" },
    ["InvalidParameterException", "Invalid filter pattern"],
  ],
  [
    "FilterLogEvents",
    { logGroupName: group, filterPattern: "a:b" },
    ["InvalidParameterException", "Invalid character(s) in term 'a:b'"],
  ],
  [
    "FilterLogEvents",
    { logGroupName: group, filterPattern: "%(%" },
    ["InvalidParameterException", "Invalid regular expression"],
  ],
  ["DescribeLogGroups", { nextToken: "x" }, ["InvalidParameterException", "nextToken is invalid"]],
  [
    "DescribeLogStreams",
    { logGroupName: group, orderBy: "LastEventTime", logStreamNamePrefix: "f" },
    ["InvalidParameterException", "Cannot order by"],
  ],
  [
    "GetLogEvents",
    { logGroupName: group, logStreamName: "none" },
    ["ResourceNotFoundException", "log stream does not exist"],
  ],
  [
    "GetLogEvents",
    { logGroupName: group, logStreamName: "first", nextToken: "x" },
    ["InvalidParameterException", "nextToken is invalid"],
  ],
  [
    "StartQuery",
    { queryString: "fields x", startTime: 1, endTime: 2 },
    ["InvalidParameterException", "Either logGroupName"],
  ],
  [
    "StartQuery",
    { queryString: "fields x", logGroupName: "/none", startTime: 1, endTime: 2 },
    ["ResourceNotFoundException", "Log group '/none' does not exist for account ID '111122223333'"],
  ],
  [
    "StartQuery",
    { queryString: "fields x", logGroupName: group, startTime: 3, endTime: 1 },
    ["InvalidParameterException", "End time"],
  ],
  [
    "StartQuery",
    { queryString: "nonsense", logGroupName: group, startTime: 1, endTime: 2 },
    ["MalformedQueryException", "nonsense"],
  ],
  ["GetQueryResults", { queryId: "none" }, ["ResourceNotFoundException", "query does not exist"]],
])("%s refuses %j", async (operation, input, [code, message]) => {
  const refused = ask(operation, input);
  await expect(refused).rejects.toThrow(expect.objectContaining({ code }) as AwsError);
  await expect(refused).rejects.toThrow(message);
});
