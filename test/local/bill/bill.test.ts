import { describe, expect, it } from "vitest";
import { billOf, type Bill, type BillLine } from "../../../local/bill/bill.ts";
import type { BilledStack } from "../../../local/bill/billed-stack.ts";
import { DAYS_PER_MONTH, HOURS_PER_MONTH, runsPerMonth } from "../../../local/bill/billed-function.ts";

type Resources = Readonly<Record<string, { Type: string; Properties?: Readonly<Record<string, unknown>> }>>;

function stack(Resources: Resources, stackName = "Watch"): BilledStack {
  return { stackName, template: { Resources } };
}

const alarm = (properties: Readonly<Record<string, unknown>>) => ({
  Type: "AWS::CloudWatch::Alarm",
  Properties: { Period: 60, ...properties },
});

const query = (id: string) => ({
  Id: id,
  MetricStat: { Metric: { MetricName: id }, Period: 60, Stat: "Sum" },
});

/** An agent with a URL on an alias, 1 GB, behind a global profile. */
function agent(more: Resources = {}, properties: object = {}, alias: object = {}): BilledStack {
  const resources: Resources = {
    Fn: {
      Type: "AWS::Lambda::Function",
      Properties: {
        FunctionName: "agent",
        MemorySize: 1024,
        Architectures: ["arm64"],
        LoggingConfig: { LogGroup: { Ref: "Logs" } },
        Environment: { Variables: { BEDROCK_MODEL_ID: "global.anthropic.claude-haiku-4-5-20251001-v1:0" } },
        ...properties,
      },
    },
    Logs: { Type: "AWS::Logs::LogGroup", Properties: { RetentionInDays: 30 } },
    Live: { Type: "AWS::Lambda::Alias", Properties: { FunctionName: { Ref: "Fn" }, ...alias } },
    Url: {
      Type: "AWS::Lambda::Url",
      Properties: { TargetFunctionArn: { "Fn::Join": ["", [{ Ref: "Live" }]] } },
    },
  };
  return stack({ ...resources, ...more }, "Agent");
}

function bill(requestsPerDay: number, ...stacks: readonly BilledStack[]): Bill {
  return billOf({ stacks, requestsPerDay });
}

function line({ lines }: Bill, item: string, area: BillLine["area"] = "monitoring"): BillLine | undefined {
  return lines.find((each) => each.item === item && each.area === area);
}

const monthly = (perDay: number): number => perDay * DAYS_PER_MONTH;

describe("alarms", () => {
  const fast = "alarm metrics, period under 60 s";

  it.each<[string, object, object]>([
    ["one metric", { MetricName: "Errors" }, { "alarm metrics": 1 }],
    [
      "math over two metrics",
      { Metrics: [query("a"), query("b"), { Id: "e", Expression: "a/b" }] },
      { "alarm metrics": 2 },
    ],
    [
      "an anomaly band",
      { Metrics: [query("a"), { Id: "band", Expression: "ANOMALY_DETECTION_BAND(a, 2)" }] },
      { "alarm metrics": 3 },
    ],
    ["a period of 10 s", { MetricName: "Errors", Period: 10 }, { [fast]: 1 }],
  ])("%s is paid by the metric", (_name, properties, quantities) => {
    const { lines } = bill(30, stack({ A: alarm({ ...properties }) }));
    expect(Object.fromEntries(lines.map(({ item, quantity }) => [item, quantity]))).toEqual(quantities);
  });

  it("the first ten metrics are free, and composites never are", () => {
    const alarms = Object.fromEntries(
      Array.from({ length: 12 }, (_, at) => [`A${at}`, alarm({ MetricName: "E" })]),
    );
    const both = bill(30, stack({ ...alarms, Down: { Type: "AWS::CloudWatch::CompositeAlarm" } }));
    expect(line(both, "alarm metrics")).toMatchObject({ quantity: 12, freeUsd: 1 });
    expect(line(both, "alarm metrics")?.netUsd).toBeCloseTo(0.2);
    expect(line(both, "composite alarms")?.netUsd).toBe(0.5);
  });

  it("a Metrics Insights alarm is named and not counted", () => {
    const insights = stack({ Q: alarm({ Metrics: [{ Id: "q", Expression: "SELECT MAX(Errors) FROM X" }] }) });
    expect(bill(30, insights).notCounted[0]).toMatch(/^Watch\/Q: a Metrics Insights query/);
    expect(line(bill(30, insights), "alarm metrics")).toBeUndefined();
  });

  it("target tracking makes two alarms of its own", () => {
    const policy = {
      Type: "AWS::ApplicationAutoScaling::ScalingPolicy",
      Properties: { PolicyType: "TargetTrackingScaling" },
    };
    expect(line(bill(30, agent({ Policy: policy })), "alarm metrics", "agent")?.quantity).toBe(2);
  });
});

describe("dashboards", () => {
  const dashboard = (metrics: number) => {
    const widget = { type: "metric", properties: { metrics: Array(metrics).fill(["N", "M"]) } };
    return {
      Type: "AWS::CloudWatch::Dashboard",
      Properties: { DashboardBody: JSON.stringify({ widgets: [widget] }) },
    };
  };

  it("of more than 50 metrics are paid from the first on", () => {
    const both = bill(30, stack({ Small: dashboard(50), Wide: dashboard(51) }));
    expect(line(both, "dashboards")?.netUsd).toBe(0);
    expect(line(both, "dashboards of more than 50 metrics")?.netUsd).toBe(3);
  });
});

describe("the agent", () => {
  it("pays for tokens, requests and time as its traffic asks", () => {
    const priced = bill(1000, agent());
    const written = line(
      priced,
      "tokens written of global.anthropic.claude-haiku-4-5-20251001-v1:0",
      "agent",
    );
    expect(written?.quantity).toBeCloseTo(
      monthly(1000) * (0.45 * 300 + 0.3 * 110 + 0.13 * 160 + 0.09 * 750 + 0.03 * 1100),
    );
    expect(written?.netUsd).toBeCloseTo(((written?.quantity ?? 0) * 5) / 1e6);
    expect(line(priced, "Lambda requests", "agent")?.quantity).toBeCloseTo(monthly(1000));
    const seconds = (line(priced, "Lambda time, arm64", "agent")?.quantity ?? 0) / monthly(1000);
    expect(seconds).toBeGreaterThan(3);
    expect(seconds).toBeLessThan(3.7);
  });

  it("pays ten percent more behind the profile of a geography", () => {
    const variables = { BEDROCK_MODEL_ID: "us.anthropic.claude-haiku-4-5-20251001-v1:0" };
    const priced = bill(30, agent({}, { Environment: { Variables: variables } }));
    expect(
      line(priced, "tokens read of us.anthropic.claude-haiku-4-5-20251001-v1:0", "agent")?.price.usd,
    ).toBeCloseTo(1.1);
  });

  it("is priced by the model behind its own inference profile", () => {
    const copied = {
      CopyFrom: { "Fn::Join": ["", ["arn:aws:bedrock:r:1:inference-profile/us.anthropic.claude-haiku-5-5"]] },
    };
    const own = { Type: "AWS::Bedrock::ApplicationInferenceProfile", Properties: { ModelSource: copied } };
    const variables = { BEDROCK_MODEL_ID: { "Fn::GetAtt": ["Own", "InferenceProfileArn"] } };
    const priced = bill(30, agent({ Own: own }, { Environment: { Variables: variables } }));
    expect(line(priced, "tokens read of us.anthropic.claude-haiku-5-5", "agent")).toBeDefined();
  });

  it("says so when the price of its model is not known", () => {
    const priced = bill(30, agent({}, { Environment: { Variables: { BEDROCK_MODEL_ID: "us.maker.new" } } }));
    expect(priced.notCounted[0]).toBe('tokens of Agent/Fn: no price is known for "us.maker.new"');
  });

  it("pays for provisioned concurrency by the second, and less for the time that it runs", () => {
    const ready = { ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 } };
    const priced = bill(30, agent({}, {}, ready));
    expect(line(priced, "provisioned concurrency, arm64", "agent")?.quantity).toBe(
      2 * HOURS_PER_MONTH * 3600,
    );
    expect(line(priced, "Lambda time under provisioned concurrency", "agent")).toBeDefined();
    expect(line(priced, "Lambda time, arm64", "agent")).toBeUndefined();
  });

  it("pays for the least that target tracking keeps ready", () => {
    const target = {
      Type: "AWS::ApplicationAutoScaling::ScalableTarget",
      Properties: {
        MinCapacity: 3,
        MaxCapacity: 5,
        ResourceId: { "Fn::Join": ["", ["function:", { "Fn::Select": [6, [{ Ref: "Live" }]] }, ":live"]] },
        ScalableDimension: "lambda:function:ProvisionedConcurrency",
      },
    };
    const priced = bill(30, agent({ Target: target }));
    const ready = line(priced, "provisioned concurrency, arm64", "agent");
    expect(ready?.parts).toEqual([{ what: "3 of agent", quantity: 3 * HOURS_PER_MONTH * 3600 }]);
    expect(line(priced, "Lambda time, arm64", "agent")).toBeUndefined();
  });

  it("is traced once a second and one time in twenty beyond", () => {
    const traced = (perDay: number) =>
      line(bill(perDay, agent({}, { TracingConfig: { Mode: "Active" } })), "X-Ray traces")?.quantity ?? 0;
    expect(traced(30)).toBeCloseTo(monthly(30));
    expect(traced(1_000_000)).toBeLessThan(monthly(1_000_000) * 0.2);
    expect(traced(1_000_000)).toBeGreaterThan(monthly(86_400) * 0.5);
  });

  it("leaves lines that are paid coming in and for as long as they are kept", () => {
    const priced = bill(100_000, agent());
    const incoming = line(priced, "log ingestion")?.quantity ?? 0;
    expect(incoming).toBeGreaterThan(3);
    expect(line(priced, "log storage")?.quantity).toBeCloseTo((incoming * 30) / DAYS_PER_MONTH);
  });
});

describe("what is scheduled", () => {
  const probe = stack({
    Fn: {
      Type: "AWS::Lambda::Function",
      Properties: { Environment: { Variables: { AGENT_URL: { "Fn::ImportValue": "Agent-FunctionUrl" } } } },
    },
    Every: {
      Type: "AWS::Scheduler::Schedule",
      Properties: { ScheduleExpression: "rate(5 minutes)", Target: { Arn: { "Fn::GetAtt": ["Fn", "Arn"] } } },
    },
    A: alarm({ MetricName: "E" }),
  });

  it("the probe's runs are monitoring, those that it causes in the agent included", () => {
    const priced = bill(30, agent(), probe);
    const runs = monthly(288);
    expect(line(priced, "Scheduler invocations")?.quantity).toBeCloseTo(runs);
    expect(line(priced, "Lambda requests")?.quantity).toBeCloseTo(2 * runs);
    expect(line(priced, "Lambda requests", "agent")?.quantity).toBeCloseTo(monthly(30));
    expect(line(priced, "custom metrics")?.parts.map(({ what }) => what)).toContain("Watch/Fn: Failure");
    expect(
      line(priced, "tokens read of global.anthropic.claude-haiku-4-5-20251001-v1:0")?.netUsd,
    ).toBeCloseTo(0.101, 3);
  });

  it.each([
    ["rate(1 minute)", 43_800],
    ["rate(12 hours)", 2 * DAYS_PER_MONTH],
    ["rate(30 days)", DAYS_PER_MONTH / 30],
    ["at(2026-12-01T00:00:00)", 1],
    ["cron(0 3 * * ? *)", DAYS_PER_MONTH],
    ["cron(0/15 * ? * MON-FRI *)", (96 * 5 * DAYS_PER_MONTH) / 7],
    ["cron(0 3 1 * ? *)", DAYS_PER_MONTH / 31],
    ["cron(0 3 ? 1-6 * *)", DAYS_PER_MONTH / 2],
    ["cron(0 3,15 ? * 2-6 *)", (2 * 5 * DAYS_PER_MONTH) / 7],
    ["cron(0 3 * * ? 2027)", undefined],
    ["cron(0 3 L * ? *)", undefined],
    ["sometimes", undefined],
  ])("%s is %s runs a month", (expression, runs) => {
    if (runs === undefined) expect(runsPerMonth(expression)).toBeUndefined();
    else expect(runsPerMonth(expression)).toBeCloseTo(runs);
  });

  it("names a schedule that cannot be read, and a function that nothing asks", () => {
    const odd = { Type: "AWS::Scheduler::Schedule", Properties: { ScheduleExpression: "sometimes" } };
    const idle = { Type: "AWS::Lambda::Function" };
    expect(bill(30, stack({ Odd: odd, Idle: idle })).notCounted.slice(0, 2)).toEqual([
      "runs of Watch/Idle: they come with events such as an alarm or a deployment",
      'runs of Watch/Odd: its schedule "sometimes" is not read here',
    ]);
  });
});

describe("everything else", () => {
  it("pays for keys, gateways, addresses, endpoints by zone and advanced parameters", () => {
    const priced = bill(
      30,
      stack({
        Key: { Type: "AWS::KMS::Key" },
        Nat: { Type: "AWS::EC2::NatGateway" },
        Ip: { Type: "AWS::EC2::EIP" },
        Bedrock: {
          Type: "AWS::EC2::VPCEndpoint",
          Properties: { VpcEndpointType: "Interface", SubnetIds: [{ Ref: "A" }, { Ref: "B" }] },
        },
        S3: { Type: "AWS::EC2::VPCEndpoint", Properties: { VpcEndpointType: "Gateway" } },
        Big: { Type: "AWS::SSM::Parameter", Properties: { Tier: "Advanced" } },
        Small: { Type: "AWS::SSM::Parameter", Properties: {} },
      }),
    );
    const net = priced.lines.map(({ item, netUsd }) => [item, Number(netUsd.toFixed(2))]);
    expect(net).toEqual([
      ["KMS keys", 1],
      ["NAT gateways", 32.85],
      ["public IPv4 addresses", 3.65],
      ["interface endpoints, per zone", 14.6],
      ["SSM advanced parameters", 0.05],
    ]);
    expect(priced.notCounted).toContain("data through NAT gateways and endpoints: a few KB for each request");
    expect(priced.unpriced).toEqual([]);
  });

  it("names every type that it has no price for", () => {
    const table = { Type: "AWS::DynamoDB::Table" };
    const custom = { Type: "Custom::Token" };
    expect(
      bill(30, stack({ A: table, B: table, C: custom, D: { Type: "AWS::SQS::Queue" } })).unpriced,
    ).toEqual(["AWS::DynamoDB::Table (2)", "AWS::SQS::Queue"]);
  });

  it("gives the agent the free allowances first, and lets lines, storage and scans share theirs", () => {
    const watch = stack({ A: alarm({ MetricName: "E" }) });
    const priced = bill(100_000, agent(), watch);
    const logs = priced.lines.filter(({ price }) => price.free === "logs");
    const free = logs.reduce((sum, { freeUsd, price }) => sum + freeUsd / price.usd, 0);
    expect(free).toBeCloseTo(5);
    expect(line(priced, "log ingestion", "agent")?.netUsd).toBe(0);
  });

  it("adds up", () => {
    const { sums, lines } = bill(1000, agent(), stack({ A: alarm({ MetricName: "E" }) }));
    expect(sums.total.netUsd).toBeCloseTo(sums.agent.netUsd + sums.monitoring.netUsd);
    expect(sums.total.netUsd).toBeCloseTo(sums.total.grossUsd - sums.total.freeUsd);
    expect(sums.total.grossUsd).toBeCloseTo(lines.reduce((sum, { grossUsd }) => sum + grossUsd, 0));
  });
});
