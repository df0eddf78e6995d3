import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { ListSubscriptionsByTopicCommand, SNSClient, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import type { WatchPorts } from "../../bin/cli/watch.ts";
import { textWidth } from "../../bin/cli/table.ts";
import { configCommand } from "../../bin/commands/config.ts";
import { statusCommand } from "../../bin/commands/status.ts";
import type { StatusReport } from "../../bin/commands/status/status-report.ts";
import { denied, type FaultOf, THROTTLED } from "../support/faulty-aws.ts";
import { httpFake } from "../support/http-fake.ts";
import { memoryTerminal, type MemoryTerminal } from "../support/memory-terminal.ts";
import { operated, OperatedStage, type Operated } from "../support/operated-stage.ts";
import { localAws } from "../support/scripted-runtime.ts";
import { signInBefore } from "../support/stage-behind-aws.ts";

const START_MS = Date.parse("2026-11-23T17:00:20Z");
const MODEL = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const ESCAPE = "\u001b";

let stage: OperatedStage;
let cloudWatch: CloudWatchClient;
let sns: SNSClient;

beforeAll(async () => {
  stage = await OperatedStage.build(START_MS, { monitoringProfile: "full" });
  const client = localAws(stage.system);
  cloudWatch = new CloudWatchClient(client);
  sns = new SNSClient(client);
  // Seventeen minutes of people, five of them; the last two requests fail.
  for (let request = 0; request < 3; request += 1) {
    await stage.ask();
    await stage.pass(5);
  }
  stage.system.setFault({ kind: "throttle", rate: 1 });
  await stage.ask();
  await stage.ask("dentist friday at two", "event");
  stage.system.setFault({ kind: "off", rate: 1 });
  await stage.pass(2);
});

afterAll(async () => {
  cloudWatch.destroy();
  sns.destroy();
  await stage.remove();
});

const ports = (more: Partial<WatchPorts> = {}): WatchPorts => ({
  now: () => stage.clock.now(),
  wait: () => Promise.resolve(),
  onInterrupt: () => () => undefined,
  ...more,
});

const status = (...args: string[]): Promise<Operated> =>
  stage.operate((terminal) => statusCommand(terminal, ports()), ...args);

async function report(...args: string[]): Promise<StatusReport> {
  const { out } = await status("--json", ...args);
  return JSON.parse(out[0] ?? "") as StatusReport;
}

/** As a deployed stage, through a proxy that does what the test wants. */
const behind = (faultOf?: FaultOf) => signInBefore(stage, faultOf);

const people = () => stage.system.requests(200).filter(({ line }) => line.probe === undefined);

const raise = (AlarmName: string, StateValue: "ALARM" | "OK") =>
  cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "a drill" }));

describe("status", () => {
  test("says what was measured: requests, failures, latency, dollars, failures with their reason", async () => {
    const read = await report();
    const { traffic, spending, failures, availability, version, token, model, subscriptions } = read;
    expect([read.missingAlarms, read.unreadable, read.silentTopics]).toEqual([[], [], []]);
    expect(availability).toEqual({ state: "up", sinceMs: Date.parse("2026-11-23T17:00:00Z"), by: "probe" });
    const requests = people();
    expect(traffic).toMatchObject({ requests: requests.length, failures: 2 });
    expect(traffic?.hourly.requests).toEqual([...Array<null>(23).fill(null), requests.length]);
    expect(traffic?.hourly.failures.at(-1)).toBe(2);
    const latencies = requests.flatMap(({ line }) =>
      line.Latency === undefined ? [] : [Number(line.Latency)],
    );
    expect(latencies).toHaveLength(requests.length - 2);
    expect(traffic?.p90Ms).toBeGreaterThanOrEqual(Math.min(...latencies));
    expect(traffic?.p90Ms).toBeLessThanOrEqual(1.01 * Math.max(...latencies));
    const costs = requests.map(({ line }) => Number(line.CostUsd ?? 0));
    expect(spending?.timeZone).toBe("America/Los_Angeles");
    expect(spending?.todayUsd).toBeCloseTo(
      costs.reduce((sum, usd) => sum + usd, 0),
      8,
    );
    expect(spending?.monthUsd).toBeCloseTo(spending?.todayUsd ?? 0, 8);
    // Midnight in Los Angeles was at 08:00 UTC, and the month has 23 days by now.
    expect(spending?.hourlyUsd).toHaveLength(10);
    expect(spending?.dailyUsd).toHaveLength(23);
    expect(
      failures?.map(({ outcome, reason, mode, httpStatus }) => [outcome, reason, mode, httpStatus]),
    ).toEqual(
      expect.arrayContaining([
        ["throttled", "ThrottlingException", "note", "429"],
        ["throttled", "ThrottlingException", "event", "429"],
      ]),
    );
    expect(version).toMatchObject({
      version: "1",
      weights: {},
      deployedMs: START_MS,
      stackStatus: "CREATE_COMPLETE",
    });
    expect(token?.changedMs).toBe(START_MS);
    expect(model).toEqual({ modelId: MODEL, setBy: "deployment" });
    // Another test ends the subscription of the tickets.
    expect(subscriptions?.filter(({ topic }) => topic.endsWith("-page"))).toMatchObject([
      { address: "on-call@example.com", state: "confirmed" },
    ]);
  });

  test("exits 1 while a page alarm is raised, and 0 while only a ticket is", async () => {
    const page = "wrist-agent-production-probe-failing";
    const ticket = "wrist-agent-production-token-age";
    await raise(ticket, "ALARM");
    expect((await status()).code).toBe(0);
    await raise(page, "ALARM");
    const { code, out } = await status();
    expect(code).toBe(1);
    expect(out.find((line) => line.startsWith("Alarms:"))).toMatch(/^Alarms: 2 in ALARM \(1 page\)/);
    expect(out.find((line) => line.includes(page))).toMatch(/^ {2}ALARM +page +\S+ +\d+ s {2}a drill$/);
    await raise(page, "OK");
    await raise(ticket, "OK");
    expect((await status()).code).toBe(0);
  });

  test("marks what somebody has switched off, and not what a composite alarm speaks for", async () => {
    const AlarmNames = ["wrist-agent-production-throttles"];
    await cloudWatch.send(new DisableAlarmActionsCommand({ AlarmNames }));
    const { alarms } = await report();
    expect(
      alarms.filter(({ suppressed }) => suppressed !== undefined).map(({ alarmName }) => alarmName),
    ).toEqual(AlarmNames);
    expect(alarms.find(({ alarmName }) => alarmName.endsWith("failing-share"))).toMatchObject({
      severity: "none",
      notifiedBy: "wrist-agent-production-failing-often",
    });
    expect((await status()).out.join("\n")).toMatch(
      /; 1 suppressed\n.*throttles .*suppressed: its actions are switched off/s,
    );
    await cloudWatch.send(new EnableAlarmActionsCommand({ AlarmNames }));
  });

  test("exits 1 where an alarm was deleted, and where there is no token, which are both named", async () => {
    const AlarmName = "wrist-agent-production-duration";
    const described = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
    await cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] }));
    await behind((operation) =>
      operation === "GetParameter" ? { kind: "error", name: "ParameterNotFound", message: "" } : undefined,
    );
    const { code, out } = await status("--aws", "--stage", "production");
    await cloudWatch.send(
      new PutMetricAlarmCommand(described.MetricAlarms?.[0] as PutMetricAlarmCommandInput),
    );
    expect(code).toBe(1);
    expect(out).toContain(`  ${AlarmName} is not there any more: deploy the stack again to have it back`);
    expect(out).toContain(
      "there is no token, so every request is refused; npm run cli -- rotate-token makes one",
    );
  });

  test("names who does not get the mails any more, in red", async () => {
    const topic = "arn:aws:sns:us-west-2:123456789012:wrist-agent-production-ticket";
    const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }));
    await sns.send(new UnsubscribeCommand({ SubscriptionArn: Subscriptions[0]?.SubscriptionArn }));
    const colours = { ...memoryTerminal().colours, red: (text: unknown) => `<red>${String(text)}</red>` };
    const { out } = await stage.operate((terminal) => statusCommand({ ...terminal, colours }, ports()));
    expect(out).toContain("<red>  wrist-agent-production-ticket: on-call@example.com is gone</red>");
  });

  test.each([60, 80, 120])(
    "fits a terminal of %d columns, without escape sequences in a pipe",
    async (columns) => {
      const { out } = await stage.operate((terminal) => statusCommand({ ...terminal, columns }, ports()));
      for (const line of out) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
      expect(out.join("\n")).not.toContain(ESCAPE);
    },
  );

  test("tells a model that was chosen at run time, and one whose end Bedrock announces", async () => {
    const bedrock = await httpFake(() => ({
      body: {
        modelDetails: {
          modelArn: "arn:aws:bedrock:us-west-2::foundation-model/x",
          modelId: "x",
          modelLifecycle: { status: "LEGACY", endOfLifeTime: "2027-03-01T00:00:00Z" },
        },
      },
    }));
    onTestFinished(bedrock.stop);
    await behind();
    vi.stubEnv("AWS_ENDPOINT_URL_BEDROCK", bedrock.url);
    await stage.operate(configCommand, "set", "model-id", "us.anthropic.claude-haiku-5-5");
    const { out } = await status("--aws", "--stage", "production");
    await stage.operate(configCommand, "unset", "model-id");
    expect(bedrock.received[0]?.path).toBe("/foundation-models/anthropic.claude-haiku-5-5");
    expect(out.find((line) => line.startsWith("model"))).toMatch(
      /^model us\.anthropic\.claude-haiku-5-5 \(LEGACY, ends 2027-0[23]-\d\d, set at run time\)$/,
    );
  });

  test("leaves out a part that may not be read, and says which permission on what", async () => {
    await behind((operation) => {
      if (operation === "StartQuery")
        return denied("logs:StartQuery", "arn:aws:logs:us-west-2:123456789012:log-group:x");
      return operation === "ListSubscriptionsByTopic"
        ? denied("SNS:ListSubscriptionsByTopic", "x")
        : undefined;
    });
    const { code, out } = await status("--aws", "--stage", "production");
    const text = out.join("\n");
    expect(code).toBe(0);
    expect(text).toContain(
      "these credentials lack logs:StartQuery on log group /aws/lambda/wrist-agent-production (User: ",
    );
    expect(text).toContain(
      "these credentials lack sns:ListSubscriptionsByTopic on arn:aws:sns:us-west-2:123456789012:wrist-agent-production-page",
    );
    expect(text).toMatch(/requests +[56] /);
    expect(text).not.toContain("Last failures");
  });

  test("fails where the alarms cannot be read, for then nobody knows whether a page is open", async () => {
    await behind((operation) => (operation === "DescribeAlarms" ? THROTTLED : undefined));
    const { code, out, err } = await status("--aws", "--stage", "production");
    expect([code, out]).toEqual([1, []]);
    expect(err[0]).toMatch(/^error: production in AWS: .*Rate exceeded: AWS takes no more questions/);
  });

  test("--watch draws again, keeps the last frame where AWS does not answer, and gives the terminal back", async () => {
    let calls = 0;
    await behind((operation) => {
      if (operation !== "DescribeAlarms") return undefined;
      calls += 1;
      // Two stacks have alarms: a frame is two calls.
      return calls > 4 ? denied("cloudwatch:DescribeAlarms", "*") : undefined;
    });
    const frames: string[][] = [];
    let isClosed = false;
    let stop = (): void => undefined;
    const watching = ports({
      onInterrupt: (interrupt) => {
        stop = interrupt;
        return () => undefined;
      },
      wait: async (milliseconds) => {
        if (milliseconds !== 10_000) return;
        if (frames.length === 1) await stage.ask("buy milk");
        if (frames.length === 1) await stage.pass(1);
        if (frames.length === 3) stop();
      },
    });
    const openScreen = () => ({
      draw: (lines: readonly string[]) => void frames.push([...lines]),
      close: () => void (isClosed = true),
    });
    const make = (terminal: MemoryTerminal) => statusCommand({ ...terminal, openScreen }, watching);
    const { code, out } = await operated(make, [
      ..."--aws --stage production --watch --every 10s --data".split(" "),
      stage.data,
    ]);
    const requests = frames.map(
      (lines) =>
        lines
          .find((line) => line.includes("requests"))
          ?.trim()
          .split(/ +/)[1],
    );
    expect(code).toBe(0);
    const before = people().length - 1;
    expect(requests).toEqual([String(before), String(before + 1), String(before + 1)]);
    expect(frames[2]?.slice(-1)[0]).toMatch(
      /^as of \S+ \S+; not read since: .* lack cloudwatch:DescribeAlarms on the alarms of WristAgent/,
    );
    expect(isClosed).toBe(true);
    expect(out[0]).toMatch(/^Wrist Agent production in AWS, us-west-2, at /);
  });

  test.each([
    [["--watch", "--json"], /'--watch' cannot be used with option '--json'/],
    [["--every", "soon"], /give a time such as 90s/],
  ])("%j is wrong usage", async (args, message) => {
    const { code, err } = await status(...args);
    expect(code).toBe(2);
    expect(err.join("\n")).toMatch(message);
  });
});
