import { Template } from "aws-cdk-lib/assertions";
import { describe, expect, it } from "vitest";
import { METRIC_NAMESPACE, SERVICE_DIMENSION, type MetricsProfile } from "../../lambda/contract/metrics.ts";
import { OUTCOME_CLASS } from "../../lambda/contract/outcome.ts";
import { ALARMS } from "../../lib/monitoring/alarm-table.ts";
import { BILLING_STACK } from "../../lib/names.ts";
import { metricsRead, notEmitted, type MetricRead } from "../support/emitted-metrics.ts";
import {
  propertiesOf,
  synthesisedStacks,
  templates,
  type Properties,
  type Synthesis,
} from "../support/synthesise.ts";

/** The one alarm that does more than tell: where there is a spend breaker, it opens it. */
const BREAKER = "wrist-agent-production-spend-today";

const ALARM = "AWS::CloudWatch::Alarm";
const COMPOSITE = "AWS::CloudWatch::CompositeAlarm";

/** `clock` for a wall-clock window; a sliding one is named with the expression that it judges. */
function windowOf(alarm: Properties): string {
  if (alarm.EvaluationWindow !== undefined) return "clock";
  const queries = (alarm.Metrics ?? []) as readonly { Expression?: string }[];
  return `sliding ${queries.find(({ Expression }) => Expression !== undefined)?.Expression ?? "a metric"}`;
}

/** The full profile of the agent, without a probe too, and the monitoring of somebody else's function. */
const MAIL_TEMPLATES: readonly (readonly [string, () => Template])[] = [
  ["the full profile", () => templates({ context: { monitoringProfile: "full" } }).monitoring],
  [
    "the full profile without a probe",
    () => templates({ context: { monitoringProfile: "full", probeMinutes: "0" } }).monitoring,
  ],
  [
    "somebody else's function",
    () => {
      const functionArn = "arn:aws:lambda:us-west-2:123456789012:function:somebody-elses";
      const context = { functionArn, lambdaTimeout: "30", monitoringProfile: "full" };
      const stacks = synthesisedStacks({ context });
      return Template.fromString(stacks.find(({ name }) => name !== BILLING_STACK)?.text ?? "{}");
    },
  ],
];

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly width: number;
  readonly y: number;
  readonly properties: {
    readonly title?: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly region?: string;
  };
}

/** Dashboard bodies with every reference replaced by a word. */
function dashboards(template: Template): ReadonlyMap<string, readonly Widget[]> {
  return new Map(
    propertiesOf(template, "AWS::CloudWatch::Dashboard").map((dashboard) => [
      dashboard.DashboardName as string,
      (JSON.parse(flat(dashboard.DashboardBody)) as { widgets: readonly Widget[] }).widgets,
    ]),
  );
}

function flat(value: unknown): string {
  if (typeof value === "string") return value;
  const join = (value as { "Fn::Join"?: [string, readonly unknown[]] })["Fn::Join"];
  return join ? join[1].map(flat).join(join[0]) : "reference";
}

/** The metrics that a widget draws, written `[namespace, name, dimension, value, …, options]`. */
function metricsDrawn(widget: Widget): readonly MetricRead[] {
  const rows = (widget.properties.metrics ?? []).filter((row) => typeof row[0] === "string");
  return rows.map(([namespace, name, ...rest]) => {
    const words = rest.filter((part) => typeof part === "string");
    const dimensions = words.flatMap((word, i) => (i % 2 === 0 ? [[word, words[i + 1]] as const] : []));
    return { namespace: String(namespace), name: String(name), dimensions: Object.fromEntries(dimensions) };
  });
}

/** A custom metric as it is paid for: one for each name and service. */
function seriesName({ name, dimensions }: MetricRead): string {
  return `${name} ${String(dimensions[SERVICE_DIMENSION])}`;
}

describe.each<[string, Synthesis, MetricsProfile]>([
  ["the default profile", {}, "default"],
  ["the full profile", { context: { monitoringProfile: "full" } }, "full"],
  [
    "a hundred thousand requests a day",
    {
      stage: "production",
      context: { requestsPerDay: "100000", dailySpendUsd: "500", monthlyBudgetUsd: "10000" },
    },
    "default",
  ],
])("every alarm of %s", (_name, synthesis, profile) => {
  const stage = synthesis.stage ?? "development";
  const { monitoring, billing } = templates(synthesis);
  const alarms = [...propertiesOf(monitoring, ALARM), ...propertiesOf(billing, ALARM)];

  it.each(alarms.map((alarm) => [alarm.AlarmName as string, alarm]))(
    "%s is complete",
    (_alarmName, alarm) => {
      const [told, ...others] = alarm.AlarmActions as readonly unknown[];
      expect(alarm.OKActions).toEqual([told]);
      expect(others).toHaveLength(stage === "production" && alarm.AlarmName === BREAKER ? 1 : 0);
      expect(alarm.TreatMissingData).toMatch(/^(ignore|notBreaching|breaching)$/);
      expect(alarm.DatapointsToAlarm).toBeLessThanOrEqual(alarm.EvaluationPeriods as number);
      expect(windowOf(alarm)).toMatch(/^(clock|sliding FILL\(.+, [01]\))$/);
      expect(alarm.AlarmDescription).toMatch(
        /^\n[^]+\nFor the user: [^]+\nFirst: [^]+\nRunbook: docs\/runbooks\/.+\.md(\n(Dashboard|Log): https:.+)+$|Bill: https/,
      );
      expect((alarm.AlarmDescription as string).length).toBeLessThanOrEqual(1024);
    },
  );

  it.each(alarms.map((alarm) => [alarm.AlarmName as string, alarm]))(
    "%s reads what somebody emits",
    (_alarmName, alarm) => {
      for (const metric of metricsRead(alarm)) expect(notEmitted(metric, stage, profile)).toBeUndefined();
    },
  );
});

/** What a mail names in quotation marks, and the dashboard that it links and the one that it speaks of. */
function namedPlaces(alarm: Properties): {
  readonly quoted: readonly string[];
  readonly linked: string;
  readonly spokenOf: string | undefined;
} {
  const text = alarm.AlarmDescription as string;
  const words = text.slice(0, text.indexOf("\nRunbook:")).replaceAll("\n", " ");
  const [linked = ""] = /(?<=#dashboards\/dashboard\/)\S+/.exec(text) ?? [];
  return {
    quoted: [...words.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => name),
    linked,
    spokenOf: /the (on-call|traffic|cost) dashboard/.exec(words)?.[1],
  };
}

describe.each(MAIL_TEMPLATES)("the mails of %s", (_name, synthesised) => {
  const template = synthesised();
  const drawn = dashboards(template);
  const alarms = [...propertiesOf(template, ALARM), ...propertiesOf(template, COMPOSITE)];

  it.each(alarms.map((alarm) => [alarm.AlarmName as string, alarm]))(
    "%s links the dashboard that it speaks of, and names widgets as they are titled there",
    (_alarmName, alarm) => {
      const { quoted, linked, spokenOf } = namedPlaces(alarm);
      const titles = drawn.get(linked)?.map(({ properties }) => properties.title);
      if (spokenOf !== undefined) expect(linked).toMatch(new RegExp(`-${spokenOf}$`));
      for (const name of quoted) expect(titles).toContain(name);
      if (spokenOf !== undefined) expect(quoted.length).toBeGreaterThan(0);
    },
  );

  it("speak of more than one dashboard", () => {
    expect(new Set(alarms.map((alarm) => namedPlaces(alarm).spokenOf)).size).toBeGreaterThan(1);
  });
});

describe("what nobody emits", () => {
  const lambda = { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "f" } };
  const ours = {
    namespace: METRIC_NAMESPACE,
    name: "Failure",
    dimensions: { service: "wrist-agent-staging" },
  };

  it.each<[string, MetricRead, string | undefined]>([
    ["nothing is wrong", lambda, undefined],
    [
      "another name",
      { ...lambda, name: "Url5xxError" },
      "AWS/Lambda Url5xxError is not in the list of AWS's metrics",
    ],
    [
      "another dimension",
      { ...lambda, dimensions: { Function: "f" } },
      'Errors has no dimensions "Function"',
    ],
    ["nothing of ours is wrong", ours, undefined],
    ["another stage", { ...ours, dimensions: { service: "x" } }, "nobody emits Failure as x"],
    [
      "of the probe, a metric of people",
      { ...ours, name: "Latency", dimensions: { service: "wrist-agent-staging-probe" } },
      "the probe emits no Latency",
    ],
    ["a property", { ...ours, name: "ColdStart" }, "the agent emits no ColdStart in default"],
  ])("is told by reason: %s", (_what, read, reason) => {
    expect(notEmitted(read, "staging", "default")).toBe(reason);
  });
});

describe("the default profile stays free", () => {
  const { monitoring, billing } = templates({ context: { alarmEmail: "ann@example.com" } });
  const drawn = dashboards(monitoring);

  it("reads at most ten alarm metrics over all stacks", () => {
    const alarms = [...propertiesOf(monitoring, ALARM), ...propertiesOf(billing, ALARM)];
    expect(alarms.flatMap(metricsRead).length).toBeLessThanOrEqual(10);
  });

  it("reads at most ten custom metrics in alarms and on dashboards", () => {
    const read = [
      ...propertiesOf(monitoring, ALARM).flatMap(metricsRead),
      ...[...drawn.values()].flat().flatMap(metricsDrawn),
    ];
    const custom = new Set(read.filter(({ namespace }) => namespace === METRIC_NAMESPACE).map(seriesName));
    expect(custom.size).toBeGreaterThan(5);
    expect(custom.size).toBeLessThanOrEqual(10);
  });

  it("has at most three dashboards of at most 50 metrics", () => {
    expect(drawn.size).toBe(3);
    for (const widgets of drawn.values())
      expect(widgets.flatMap(metricsDrawn).length).toBeLessThanOrEqual(50);
  });

  it("has no composite alarm and no anomaly detector", () => {
    monitoring.resourceCountIs("AWS::CloudWatch::CompositeAlarm", 0);
    monitoring.resourceCountIs("AWS::CloudWatch::AnomalyDetector", 0);
  });
});

describe("the dashboards", () => {
  const drawn = dashboards(templates({ stage: "production" }).monitoring);

  it("are named after the stage, the one for whoever is on call first", () => {
    expect([...drawn.keys()]).toEqual([
      "wrist-agent-production-us-west-2-on-call",
      "wrist-agent-production-us-west-2-traffic",
      "wrist-agent-production-us-west-2-cost",
    ]);
  });

  it.each([...drawn])("%s fills each row of the grid", (_name, widgets) => {
    const widths = new Map<number, number>();
    for (const { y, width } of widgets) widths.set(y, (widths.get(y) ?? 0) + width);
    expect([...widths.values()].every((width) => width === 24)).toBe(true);
  });

  it.each([...drawn])("%s draws what somebody emits", (_name, widgets) => {
    for (const metric of widgets.flatMap(metricsDrawn))
      expect(notEmitted(metric, "production", "default")).toBeUndefined();
  });

  it("begin, on call, with the state of every alarm", () => {
    const [first] = drawn.get("wrist-agent-production-us-west-2-on-call") ?? [];
    expect(first?.type).toBe("alarm");
    expect((first?.properties as { alarms?: unknown[] }).alarms).toHaveLength(8);
    // CloudWatch then puts those in ALARM first.
    expect(first?.properties).toMatchObject({ sortBy: "stateUpdatedTimestamp" });
  });
});

describe("who is told", () => {
  it("is everybody in ALARM_EMAIL, for pages and tickets", () => {
    const { monitoring } = templates({ context: { alarmEmail: "ann@example.com, bo@example.org" } });
    const endpoints = propertiesOf(monitoring, "AWS::SNS::Subscription").map(({ Endpoint }) => Endpoint);
    expect(endpoints).toEqual(["ann@example.com", "bo@example.org", "ann@example.com", "bo@example.org"]);
  });

  it("is nobody when no address is given", () => {
    templates().monitoring.resourceCountIs("AWS::SNS::Subscription", 0);
  });

  it("only alarms of this account and Region may publish to a topic", () => {
    const policies = propertiesOf(templates().monitoring, "AWS::SNS::TopicPolicy");
    expect(policies).toHaveLength(2);
    for (const policy of policies)
      expect(policy.PolicyDocument).toMatchObject({
        Statement: [
          {
            Action: "sns:Publish",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Condition: {
              ArnLike: {
                "aws:SourceArn": {
                  "Fn::Join": ["", ["arn:aws:cloudwatch:us-west-2:", expect.anything(), ":alarm:*"]],
                },
              },
              StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } },
            },
          },
        ],
      });
  });
});

describe("thresholds", () => {
  it.each([
    [{ lambdaTimeout: "20" }, 6000],
    [{ lambdaTimeout: "30" }, 9000],
    [{ latencySloMs: "4000" }, 3600],
  ])("follow the latency objective: with %j a slow average begins at %d ms", (context, milliseconds) => {
    templates({ context }).monitoring.hasResourceProperties(ALARM, {
      AlarmName: "wrist-agent-development-duration",
      Threshold: milliseconds,
    });
  });

  it("refuse traffic that can never fire a rule", () => {
    expect(() => templates({ context: { requestsPerDay: "3" } })).toThrow(
      "alarm refused-requests can never fire: it needs 5 requests within a day and REQUESTS_PER_DAY is 3",
    );
  });

  it.each([
    [
      { requestsPerDay: "1000", dailySpendUsd: "1" },
      "alarm spend-today must always fire: it waits for 1 USD, and 1.97 USD are usual at REQUESTS_PER_DAY 1000; state DAILY_SPEND_USD 4, or fewer requests",
    ],
    [
      { requestsPerDay: "30", monthlyBudgetUsd: "1.5" },
      "alarm estimated-charges must always fire: it waits for 1.5 USD, and 1.66 USD are usual at REQUESTS_PER_DAY 30; state MONTHLY_BUDGET_USD 4, or fewer requests",
    ],
    [
      { latencySloMs: "1600" },
      "alarm duration must always fire: it waits for 1440 ms, and 1,500 ms are usual at the quickest mode; state LATENCY_SLO_MS 3334 or more (it is 1600)",
    ],
  ])("refuse %j, with which a rule must always fire", (context, refusal) => {
    expect(() => templates({ context })).toThrow(refusal);
  });

  it.each([
    { requestsPerDay: "1000", dailySpendUsd: "2" },
    { requestsPerDay: "400" },
    { latencySloMs: "1700" },
    {
      requestsPerDay: "1000",
      functionArn: "arn:aws:lambda:us-west-2:123456789012:function:checkout",
      functionTimeout: "20",
    },
  ])("take %j, with which none must", (context) => {
    expect(() => templates({ context })).not.toThrow();
  });

  it("the runbook of failing requests has a step for every outcome that counts as failed", () => {
    const steps = ALARMS.find(({ key }) => key === "failing-now")?.nextSteps.join("\n");
    for (const [outcome, outcomeClass] of Object.entries(OUTCOME_CLASS))
      if (outcomeClass === "failed") expect(steps).toContain(`\`${outcome}\``);
  });
});
