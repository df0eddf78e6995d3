import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  GetMetricStatisticsCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { DeleteParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type Answer, askAgent } from "../../../bin/cli/agent-client.ts";
import { currentToken } from "../../../bin/cli/aws-calls.ts";
import { readStageAlarms, type StageAlarm } from "../../../bin/cli/stage-alarms.ts";
import type { StageConnection } from "../../../bin/cli/stage-connection.ts";
import { SELF_CHECK_QUESTIONS } from "../../../bin/commands/self-check.ts";
import type { AlarmSpan, BacktestResult } from "cw-alarm-test/backtest/replay-metrics";
import { MODES } from "../../../lambda/contract/request.ts";
import { ALIAS_NAME, namesOf } from "../../../lib/names.ts";
import type { Stage } from "../../../lib/config/stage.ts";
import { type Check, succeeded, until, type Verification } from "./verification.ts";

/** Connects to the stage, and ends the connection afterwards. */
async function connected<T>(
  { connect }: Verification,
  act: (stage: StageConnection) => Promise<T>,
): Promise<T> {
  const stage = await connect();
  try {
    return await act(stage);
  } finally {
    stage.close();
  }
}

async function addressAndToken(
  verification: Verification,
): Promise<{ readonly url: string; readonly token: string }> {
  return connected(verification, async (stage) => {
    const { FunctionUrl: url } = stage.application().outputs;
    if (url === undefined) throw new Error("the application stack has no output FunctionUrl");
    return { url, token: await currentToken(stage.target, stage.names.tokenParameter) };
  });
}

function requireStatus({ status, raw }: Answer, expected: number, what: string): void {
  if (status !== expected)
    throw new Error(`${what} was answered ${status}, not ${expected}: ${raw.slice(0, 200)}`);
}

async function askOnce(verification: Verification): Promise<void> {
  const { url, token } = await addressAndToken(verification);
  await until(verification, "the URL did not answer 200", async () => {
    const answer = await askAgent(url, token, SELF_CHECK_QUESTIONS.note);
    return answer.status === 200 ? answer : undefined;
  });
}

async function deploy({ cli, stage, region, context }: Verification): Promise<string> {
  const settings = [...context, `region=${region}`].flatMap((pair) => ["-c", pair]);
  const ended = await succeeded(
    "deploy",
    cli(
      "deploy",
      "--stage",
      stage,
      "--only",
      "app,monitoring",
      "--yes",
      "--no-verify",
      "--json",
      ...settings,
    ),
  );
  const { stacks } = JSON.parse(ended.out) as { readonly stacks: readonly { readonly stackName: string }[] };
  return `deployed ${stacks.map(({ stackName }) => stackName).join(" and ")}`;
}

async function askEachMode(verification: Verification): Promise<string> {
  const { url, token } = await addressAndToken(verification);
  for (const mode of MODES) {
    const answer = await askAgent(url, token, { ...SELF_CHECK_QUESTIONS[mode], mode });
    requireStatus(answer, 200, `a question in mode ${mode}`);
    verification.kept.asked += 1;
  }
  requireStatus(await askAgent(url, "a wrong token", SELF_CHECK_QUESTIONS.note), 401, "a wrong token");
  verification.kept.asked += 1;
  return `${MODES.join(", ")} answered 200, a wrong token 401`;
}

/** Lambda's own count of the alias, which every endpoint has. */
async function waitForMetrics(verification: Verification): Promise<string> {
  const { asked, startedMs } = verification.kept;
  return connected(verification, async (stage) => {
    const name = stage.names.function;
    const client = stage.client(CloudWatchClient);
    const count = await until(verification, `CloudWatch does not count ${asked} invocations`, async () => {
      const { Datapoints = [] } = await client.send(
        new GetMetricStatisticsCommand({
          Namespace: "AWS/Lambda",
          MetricName: "Invocations",
          Dimensions: [
            { Name: "FunctionName", Value: name },
            { Name: "Resource", Value: `${name}:${ALIAS_NAME}` },
          ],
          StartTime: new Date(startedMs - 60_000),
          EndTime: new Date(verification.now() + 60_000),
          Period: 60,
          Statistics: ["Sum"],
        }),
      );
      const sum = Datapoints.reduce((total, { Sum = 0 }) => total + Sum, 0);
      return sum >= asked ? sum : undefined;
    });
    return `AWS/Lambda counts ${count} invocations of ${asked} questions and the probe's`;
  });
}

/** An alarm that pages and is not raised: one that is would notify nobody when it is forced. */
export function alarmToForce(
  alarms: readonly Pick<StageAlarm, "alarmName" | "severity" | "state">[],
): string {
  const paging = alarms.filter(({ severity }) => severity === "page");
  const name = paging.find(({ state }) => state !== "ALARM")?.alarmName;
  if (name !== undefined) return name;
  const names = paging.map(({ alarmName }) => alarmName).join(" and ");
  throw new Error(
    names === "" ? "no alarm notifies the page topic" : `wait until this is over: ${names} in ALARM`,
  );
}

/** Forces an alarm and reads in its history that the topic took the message. */
async function forceAlarm(verification: Verification): Promise<string> {
  return connected(verification, async (stage) => {
    const client = stage.client(CloudWatchClient);
    const name = alarmToForce(await readStageAlarms(stage));
    const set = (StateValue: "ALARM" | "OK") =>
      client.send(
        new SetAlarmStateCommand({ AlarmName: name, StateValue, StateReason: "npm run verify:aws" }),
      );
    const fromMs = verification.now();
    await set("ALARM");
    try {
      const published = await until(verification, `no action of ${name} was published`, async () => {
        const { AlarmHistoryItems = [] } = await client.send(
          new DescribeAlarmHistoryCommand({
            AlarmName: name,
            StartDate: new Date(fromMs - 60_000),
            EndDate: new Date(verification.now() + 60_000),
          }),
        );
        return AlarmHistoryItems.find(
          ({ HistoryItemType, HistorySummary = "" }) =>
            HistoryItemType === "Action" &&
            HistorySummary.startsWith("Successfully executed action") &&
            HistorySummary.includes(stage.names.topics.page),
        );
      });
      return `${name}: ${published.HistorySummary ?? ""}`;
    } finally {
      await set("OK");
      verification.kept.forced = { name, fromMs, toMs: verification.now() };
    }
  });
}

async function rotate(verification: Verification): Promise<string> {
  const before = await addressAndToken(verification);
  await succeeded("rotate-token", verification.cli("rotate-token", "--yes", ...verification.place));
  const after = await addressAndToken(verification);
  if (before.token === after.token) throw new Error("the token is the same as before");
  await askOnce(verification);
  requireStatus(
    await askAgent(after.url, before.token, SELF_CHECK_QUESTIONS.note),
    200,
    "the token before, in its grace time,",
  );
  return "a new token, and the one before works on";
}

/** A second version to go back from: a deploy in AWS; what a deploy does to the alias, on this machine. */
async function secondVersion(verification: Verification): Promise<void> {
  const { isLocal, context } = verification;
  if (!isLocal) {
    await deploy({ ...verification, context: [...context, "lambdaMemory=1024"] });
    return;
  }
  await connected(verification, async (stage) => {
    const client = stage.client(LambdaClient);
    const FunctionName = stage.names.function;
    await client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, Description: `verify ${verification.now()}` }),
    );
    const { Version = "" } = await client.send(new PublishVersionCommand({ FunctionName }));
    await client.send(new UpdateAliasCommand({ FunctionName, Name: ALIAS_NAME, FunctionVersion: Version }));
  });
}

async function rollBack(verification: Verification): Promise<string> {
  await secondVersion(verification);
  const ended = await succeeded(
    "rollback",
    verification.cli("rollback", "--yes", "--json", ...verification.place),
  );
  const { did, from, to } = JSON.parse(ended.out) as Readonly<Record<string, string>>;
  if (did !== "moved") throw new Error(`rollback ${String(did)}, and should have moved the alias`);
  await askOnce(verification);
  return `from version ${String(from)} to ${String(to)}, which answers`;
}

/** The state that CloudWatch gave each alarm beside what the local engine makes of the very same data. */
async function compareAlarms(verification: Verification): Promise<string> {
  const { cli, place, folder, region, kept } = verification;
  const copy = join(folder, "backup");
  await succeeded("backup", cli("backup", copy, "--without-secrets", ...place));
  const templates = await readdir(join(copy, "templates", region));
  // A day before the verification: what alarms of a long window judge.
  const minutes = Math.ceil((verification.now() - kept.startedMs) / 60_000) + 25 * 60;
  const options = [
    "--region",
    region,
    "--from",
    `${minutes}m`,
    "--save",
    join(folder, "metrics.json"),
    "--json",
    "--yes",
  ];
  const files = templates
    .filter((name) => name.startsWith("WristAgentMonitoring-"))
    .map((name) => join(copy, "templates", region, name));
  const ended = await succeeded(
    "backtest",
    cli("backtest", ...files, ...options, ...(await importsOf(verification))),
  );
  const { alarms } = JSON.parse(ended.out) as BacktestResult;
  const judged = alarms.filter(({ replayedFromMs }) => replayedFromMs !== undefined);
  if (judged.length === 0) throw new Error("no alarm could be judged by the local engine");
  const raised = await raisedAlarms(verification);
  const different = judged.flatMap((alarm) => {
    const happened = alarm.happened ?? (raised.has(alarm.alarmName) ? [{ fromMs: 0, toMs: Infinity }] : []);
    return difference({ ...alarm, happened }, kept);
  });
  if (different.length > 0) throw new Error(different.join("; "));
  return `${judged.length} of ${alarms.length} alarms: CloudWatch and the local engine agree`;
}

async function importsOf({ connect, stage, region }: Verification): Promise<readonly string[]> {
  const names = namesOf(stage as Stage);
  const connection = await connect();
  const { accountId } = connection;
  const { FunctionUrl = "" } = connection.application().outputs;
  connection.close();
  const arn = `arn:aws:lambda:${region}:${accountId}:function:${names.function}:${ALIAS_NAME}`;
  const imports = [`${names.functionArnExport}=${arn}`, `${names.functionUrlExport}=${FunctionUrl}`];
  return ["--account", accountId, ...imports.flatMap((each) => ["--import", each])];
}

/**
 * Alarms that are in ALARM now; one without a change in the time that is compared has been so all the time.
 */
async function raisedAlarms(verification: Verification): Promise<ReadonlySet<string>> {
  return connected(verification, async (stage) => {
    const alarms = await readStageAlarms(stage);
    return new Set(alarms.filter(({ state }) => state === "ALARM").map(({ alarmName }) => alarmName));
  });
}

/** How far apart the two may raise an alarm: CloudWatch judges before the last data are there. */
const APART_MS = 5 * 60_000;

/** What is compared of one alarm. */
interface Judged {
  readonly alarmName: string;
  /** By the local engine, and by CloudWatch. */
  readonly spans: readonly AlarmSpan[];
  readonly happened: readonly AlarmSpan[];
}

/**
 * Times at which one of the two raised the alarm during the verification while it was not in ALARM by the
 * other.
 *
 * What was forced is left out, and what began before: it may rest on data that are no longer asked for.
 */
export function difference(
  { alarmName, spans, happened }: Judged,
  { startedMs, forced }: Pick<Verification["kept"], "startedMs" | "forced">,
): readonly string[] {
  const isForced = ({ fromMs }: AlarmSpan): boolean =>
    forced?.name === alarmName && fromMs >= forced.fromMs - 60_000 && fromMs <= forced.toMs + 60_000;
  const missed = (by: readonly AlarmSpan[], other: readonly AlarmSpan[]): readonly AlarmSpan[] =>
    by.filter(
      (span) =>
        span.fromMs >= startedMs &&
        !isForced(span) &&
        !other.some(({ fromMs, toMs }) => fromMs - APART_MS <= span.fromMs && span.fromMs <= toMs + APART_MS),
    );
  const said = (by: string, other: string) => (span: AlarmSpan) =>
    `${alarmName} was raised by ${by} at ${new Date(span.fromMs).toISOString()}, and not by ${other}`;
  return [
    ...missed(happened, spans).map(said("CloudWatch", "the local engine")),
    ...missed(spans, happened).map(said("the local engine", "CloudWatch")),
  ];
}

/** Stacks first, then what their policies keep: a stage of this kind leaves nothing behind. */
async function destroy(verification: Verification): Promise<string> {
  const { cdk, stage, region } = verification;
  const names = namesOf(stage as Stage);
  const settings = [`stage=${stage}`, `region=${region}`].flatMap((pair) => ["-c", pair]);
  for (const stack of [names.monitoringArtifact, names.applicationArtifact])
    await succeeded("cdk destroy", cdk("destroy", stack, "--force", "--exclusively", ...settings));
  const config = { region };
  const logs = new CloudWatchLogsClient(config);
  const { logGroups = [] } = await logs.send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: names.logGroup }),
  );
  for (const { logGroupName } of logGroups) await logs.send(new DeleteLogGroupCommand({ logGroupName }));
  logs.destroy();
  const ssm = new SSMClient(config);
  await ssm.send(new DeleteParameterCommand({ Name: names.tokenParameter })).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== "ParameterNotFound") throw error;
  });
  ssm.destroy();
  return `both stacks, ${logGroups.length} log groups and the token are gone`;
}

/** Everything that is tried, in its order. */
export const CHECKS: readonly Check[] = [
  { id: "deploy", what: "deploy the application and the monitoring", only: "AWS", run: deploy },
  { id: "modes", what: "ask each mode, and with a wrong token", run: askEachMode },
  { id: "metrics", what: "wait for the metrics of these questions", run: waitForMetrics },
  { id: "alarm", what: "force an alarm, and see its message published", run: forceAlarm },
  { id: "rotate", what: "rotate the token", run: rotate },
  { id: "rollback", what: "bring a second version, and roll back", run: rollBack },
  { id: "compare", what: "compare CloudWatch with the local engine, over the same data", run: compareAlarms },
  {
    id: "destroy",
    what: "destroy the stage, and what its stacks keep",
    only: "AWS",
    always: true,
    run: destroy,
  },
];
