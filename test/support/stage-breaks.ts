import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  GetDashboardCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import type { FaultOf } from "./faulty-aws.ts";
import { type FakeAnswer, httpFake, type Received } from "./http-fake.ts";
import type { OperatedStage } from "./operated-stage.ts";
import { localAws } from "./scripted-runtime.ts";
import type { StageBehindAws } from "./stage-behind-aws.ts";

const PAGE = "wrist-agent-production-probe-failing";
const DASHBOARD = "wrist-agent-production-us-west-2-on-call";
const ALIAS = "GET /2015-03-31/functions/wrist-agent-production/aliases/live";

/** When the stage begins: noon in Los Angeles, on a Monday. */
export const BREAKS_FROM_MS = Date.parse("2026-11-23T20:00:00Z");

/** One way to break the stage, and back. */
export interface StageBreak {
  readonly how: string;
  readonly id: string;
  readonly says: string;
  readonly remedy: string;
  /** Breaks it; gives what fixes it again. */
  readonly break: (world: StageBehindAws) => (() => Promise<unknown>) | Promise<() => Promise<unknown>>;
  readonly words?: readonly string[];
}

const nothing = (): Promise<void> => Promise.resolve();

/** Answers of one operation with something in them changed. */
const rewriting =
  (operation: string, by: (text: string) => string): FaultOf =>
  (asked) =>
    asked.startsWith(operation) ? { kind: "rewritten", by } : undefined;

const replacing = (operation: string, from: string | RegExp, to: string): FaultOf =>
  rewriting(operation, (text) => text.replace(from, to));

/** A fault between the stage and its operator, which is over when the test takes it away. */
const between =
  (faultOf: FaultOf): StageBreak["break"] =>
  (world) => {
    world.fault(faultOf);
    return nothing;
  };

const REPLY = {
  markdown: "",
  action: "note",
  title: "",
  dueISO: null,
  startISO: null,
  endISO: null,
  location: null,
  url: null,
  notes: null,
  tags: [],
};

/** CloudWatch of the stage; nothing is kept open by a test's few calls. */
function client({ system }: OperatedStage): CloudWatchClient {
  return new CloudWatchClient(localAws(system));
}

/** Puts another address into the stack's output. */
function leadTo(world: StageBehindAws, url: string): void {
  const { functionUrl } = world.stage.system.addresses;
  world.fault(rewriting("DescribeStacks", (text) => text.replaceAll(functionUrl, url)));
}

/** A Function URL of somebody else, to which the stack's output leads. */
async function anotherUrl(
  world: StageBehindAws,
  answer: (received: Received) => FakeAnswer,
): Promise<() => Promise<void>> {
  const fake = await httpFake(answer);
  leadTo(world, fake.url);
  return fake.stop;
}

async function alarmChanged({ stage }: StageBehindAws, change: object): Promise<() => Promise<unknown>> {
  const cloudwatch = client(stage);
  const { MetricAlarms: [alarm] = [] } = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [PAGE] }),
  );
  const put = (input: object): Promise<unknown> =>
    cloudwatch.send(new PutMetricAlarmCommand(input as PutMetricAlarmCommandInput));
  await put({ ...alarm, ...change });
  return () => put({ ...alarm });
}

async function dashboardChanged(
  { stage }: StageBehindAws,
  body: string | undefined,
): Promise<() => Promise<unknown>> {
  const cloudwatch = client(stage);
  const { DashboardBody } = await cloudwatch.send(new GetDashboardCommand({ DashboardName: DASHBOARD }));
  const put = (DashboardBodyNow: string | undefined): Promise<unknown> =>
    cloudwatch.send(new PutDashboardCommand({ DashboardName: DASHBOARD, DashboardBody: DashboardBodyNow }));
  if (body !== undefined) await put(body);
  return () => put(DashboardBody);
}

/** Every line of the checklist that can be checked on this machine, with ways to make it fail. */
export const STAGE_BREAKS: readonly StageBreak[] = [
  {
    how: "the model's access is denied",
    id: "url-modes",
    says: "note: 500 Failed to process request",
    remedy: "npm run cli -- logs ",
    break: (world) => {
      world.stage.system.setFault({ kind: "access", rate: 1 });
      return () => {
        world.stage.system.setFault({ kind: "off", rate: 1 });
        return nothing();
      };
    },
  },
  {
    how: "a reply lacks a field",
    id: "url-modes",
    says: "event: the reply has no usable tags",
    remedy: "deploy the agent again",
    break: (world) => anotherUrl(world, () => ({ body: { ...REPLY, tags: null } })),
  },
  {
    how: "nobody answers at the address",
    id: "url-modes",
    says: "note: no answer from http://127.0.0.1:9/",
    remedy: "nothing answers there",
    break: (world) => {
      leadTo(world, "http://127.0.0.1:9/");
      return nothing;
    },
  },
  {
    how: "the agent lets everybody in",
    id: "url-token",
    says: "a wrong token was answered",
    remedy: "remove the URL's permission",
    break: (world) => anotherUrl(world, () => ({ body: REPLY })),
  },
  {
    how: "the alias means another version",
    id: "health",
    says: "GET / says version 7, the alias live means 1",
    remedy: "another function answers there",
    break: (world) =>
      anotherUrl(world, () => ({ body: { status: "ok", stage: "production", version: "7", model: "m" } })),
  },
  {
    how: "the agent is not healthy",
    id: "health",
    says: "GET / answers 403 Forbidden",
    remedy: "the URL's permissions are missing",
    break: (world) => anotherUrl(world, () => ({ status: 403, body: { error: "Forbidden" } })),
  },
  {
    how: "a permission of the URL is missing",
    id: "url-permissions",
    says: "the alias live does not allow lambda:InvokeFunction to callers of the URL",
    remedy: "deploy the application stack: Lambda answers 403",
    break: between(
      replacing("GET /2015-03-31/functions/wrist-agent-production/policy", "InvokedViaFunctionUrl", "Other"),
    ),
  },
  {
    how: "no metric is emitted",
    id: "metrics-arrive",
    says: "0 of 5 requests are counted after 60 s",
    remedy: "read the log group /aws/lambda/wrist-agent-production",
    words: ["--wait", "1"],
    break: (world) => anotherUrl(world, () => ({ body: REPLY })),
  },
  {
    how: "an alarm's actions are switched off",
    id: "alarm-actions",
    says: `${PAGE}: its actions are switched off`,
    remedy: "aws cloudwatch enable-alarm-actions --region us-west-2",
    break: async (world) => {
      await client(world.stage).send(new DisableAlarmActionsCommand({ AlarmNames: [PAGE] }));
      return () => client(world.stage).send(new EnableAlarmActionsCommand({ AlarmNames: [PAGE] }));
    },
  },
  {
    how: "an alarm has no action",
    id: "alarm-actions",
    says: `${PAGE} has no action: nobody is notified`,
    remedy: "deploy the monitoring stack",
    break: (world) => alarmChanged(world, { AlarmActions: [] }),
  },
  {
    how: "an alarm reads what nobody emits",
    id: "alarm-data",
    says: `${PAGE}: there are no data of WristAgent Nonsense (service nobody) for two weeks`,
    remedy: "ask the agent once and verify again",
    break: (world) =>
      alarmChanged(world, {
        MetricName: "Nonsense",
        Namespace: "WristAgent",
        Dimensions: [{ Name: "service", Value: "nobody" }],
        Statistic: "Sum",
        Period: 60,
        Metrics: undefined,
      }),
  },
  {
    how: "an alarm's condition was changed by hand",
    id: "drift",
    says: `${PAGE}: EvaluationPeriods is`,
    remedy: "deploy WristAgentMonitoring-production",
    break: (world) => alarmChanged(world, { EvaluationPeriods: 11, DatapointsToAlarm: 11 }),
  },
  {
    how: "an alarm is deleted",
    id: "drift",
    says: `alarm ${PAGE} is gone`,
    remedy: "detect-stack-drift",
    break: async (world) => {
      const back = await alarmChanged(world, {});
      await client(world.stage).send(new DeleteAlarmsCommand({ AlarmNames: [PAGE] }));
      return back;
    },
  },
  {
    how: "a stack's update failed",
    id: "drift",
    says: "WristAgent-production is UPDATE_ROLLBACK_FAILED",
    remedy: "aws cloudformation describe-stack-events",
    break: between(
      replacing("DescribeStacks", "<StackStatus>CREATE_COMPLETE", "<StackStatus>UPDATE_ROLLBACK_FAILED"),
    ),
  },
  {
    how: "the monitoring stack is not there",
    id: "stacks",
    says: "the monitoring stack is missing",
    remedy: "npm run deploy -- --only monitoring",
    break: between(
      rewriting("DescribeStacks", (text) =>
        text.includes("<StackName>WristAgentMonitoring-")
          ? text.replace("<StackStatus>CREATE_COMPLETE", "<StackStatus>REVIEW_IN_PROGRESS")
          : text,
      ),
    ),
  },
  {
    how: "nobody confirmed",
    id: "subscriptions",
    says: "on-call@example.com is not confirmed on wrist-agent-production-page",
    remedy: "npm run cli -- subscribers resend",
    break: between(
      rewriting("ListSubscriptionsByTopic", (text) =>
        text.replaceAll(/<SubscriptionArn>arn:[^<]*/g, "<SubscriptionArn>PendingConfirmation"),
      ),
    ),
  },
  {
    how: "an unsubscribe link was followed",
    id: "subscriptions",
    says: "wrist-agent-production-page: nobody has confirmed, so no mail goes out",
    remedy: "to subscribe it again: npm run cli -- subscribers resend on-call@example.com",
    break: between(
      rewriting("ListSubscriptionsByTopic", (text) => text.replaceAll(/<member>.*?<\/member>/gs, "")),
    ),
  },
  {
    how: "a widget reads what nobody emits",
    id: "dashboards",
    says: `${DASHBOARD} reads WristAgent Nonsense (service nobody), which nobody emits`,
    remedy: "deploy the monitoring stack",
    break: (world) =>
      dashboardChanged(
        world,
        '{"widgets":[{"type":"metric","x":0,"y":0,"width":6,"height":6,"properties":{"region":"us-west-2","metrics":[["WristAgent","Nonsense","service","nobody"]]}}]}',
      ),
  },
  {
    how: "a dashboard is deleted",
    id: "dashboards",
    says: `${DASHBOARD} is gone`,
    remedy: "deploy the monitoring stack",
    break: async (world) => {
      const back = await dashboardChanged(world, undefined);
      await client(world.stage).send(new DeleteDashboardsCommand({ DashboardNames: [DASHBOARD] }));
      return back;
    },
  },
  {
    how: "the alias was moved by hand",
    id: "alias",
    says: "live is on version 2, the stack made 1",
    remedy: "npm run cli -- rollback --list",
    break: between(replacing(ALIAS, '"FunctionVersion":"1"', '"FunctionVersion":"2"')),
  },
  {
    how: "traffic is shifting",
    id: "alias",
    says: "10 % of the requests go to version 2",
    remedy: "wait until it is over",
    break: between(
      replacing(
        ALIAS,
        '"FunctionVersion":"1"',
        '"FunctionVersion":"1","RoutingConfig":{"AdditionalVersionWeights":{"2":0.1}}',
      ),
    ),
  },
  {
    how: "the function has another memory than its template",
    id: "alias",
    says: "version 1 has MemorySize 128, the template 256",
    remedy: "deploy the application stack",
    break: between(
      replacing(
        "GET /2015-03-31/functions/wrist-agent-production/configuration",
        '"MemorySize":256',
        '"MemorySize":128',
      ),
    ),
  },
  {
    how: "a log group keeps its lines for ever",
    id: "log-groups",
    says: "/aws/lambda/wrist-agent-production keeps its lines for ever",
    remedy:
      "aws logs put-retention-policy --region us-west-2 --log-group-name /aws/lambda/wrist-agent-production --retention-in-days 90",
    break: between(rewriting("DescribeLogGroups", (text) => text.replaceAll(/"retentionInDays":\d+,?/g, ""))),
  },
  {
    how: "the token is old",
    id: "token-age",
    says: "the token is 40 days old; it is to change every 30",
    remedy: "npm run cli -- rotate-token, then give the new one to the Shortcut",
    break: between(
      rewriting("GetParameter", (text) =>
        text.replace(
          /"LastModifiedDate":[\d.]+/,
          `"LastModifiedDate":${(BREAKS_FROM_MS - 40 * 86_400_000) / 1000}`,
        ),
      ),
    ),
  },
  {
    how: "the last drill did not end well",
    id: "last-drill",
    says: `${PAGE}: it did not end well`,
    remedy: "npm run cli -- drill --history says why",
    break: async (world) => {
      const file = join(world.data, "production", "drills.json");
      await mkdir(join(world.data, "production"), { recursive: true });
      const record = {
        id: "1",
        alarm: PAGE,
        kind: "forced",
        startedAt: "2026-11-23T19:00:00.000Z",
        stateBefore: "OK",
        actions: [],
        mail: { state: "did not arrive" },
      };
      await writeFile(file, JSON.stringify([record]));
      return () => rm(file);
    },
  },
];
