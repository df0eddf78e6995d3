import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testAlarms, type AlarmTestResult } from "cw-alarm-test/test-alarms";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const METRIC = { Statistic: "Sum", Period: 60, EvaluationPeriods: 1, Threshold: 1 };
const LEAST = { ...METRIC, ComparisonOperator: "GreaterThanOrEqualToThreshold" };

function alarm(
  properties: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): object {
  const found = { Namespace: "Shop", MetricName: "Errors", ...LEAST, ...properties };
  return { Type: "AWS::CloudWatch::Alarm", Properties: found, ...more };
}

function mathAlarm(properties: Readonly<Record<string, unknown>>): object {
  const none = { MetricName: undefined, Namespace: undefined, Period: undefined, Statistic: undefined };
  return alarm({ ...none, Metrics: [{ Id: "m", Expression: "TIME_SERIES(1)", Period: 60 }], ...properties });
}

describe("any template", () => {
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "any-template-"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  async function run(template: object, text: string): Promise<AlarmTestResult> {
    await writeFile(join(folder, "t.json"), JSON.stringify(template));
    const file = join(folder, "t.alarm-test.yaml");
    await writeFile(file, `template: t.json\n${text}`);
    return testAlarms(file);
  }

  /** Texts of the expectations that were not met, and of the notes. */
  async function outcome(template: object, text: string): Promise<readonly string[]> {
    const { expectations, notes } = await run(template, text);
    return [...expectations.filter(({ passed }) => !passed), ...notes].map((each) => each.text);
  }

  const RAISED = "transitions: [1m OK, 2m ALARM]";
  const feed = (dimensions: string, more = ""): string =>
    `series: [{ namespace: Shop, metric: Errors, dimensions: ${dimensions}, values: 0 5${more} }]`;

  test.each<[string, object, string]>([
    ["a Ref of an unknown type", { Ref: "Cluster" }, "!Ref Cluster"],
    ["its stand-in, typed", { Ref: "Cluster" }, '"<Cluster>"'],
    ["an unknown attribute", { "Fn::GetAtt": ["Cluster", "Endpoint"] }, '"<Cluster.Endpoint>"'],
    [
      "an unknown ARN",
      { "Fn::GetAtt": ["Cluster", "Arn"] },
      '"arn:aws:ecs:us-east-1:123456789012:cluster/<Cluster>"',
    ],
    ["a parameter without value", { Ref: "Name" }, '"<Name>"'],
    ["an import that no template makes", { "Fn::ImportValue": "shared-name" }, "!ImportValue shared-name"],
    [
      "a part of what only AWS knows",
      { "Fn::Select": [1, { "Fn::Split": ["/", { Ref: "Cluster" }] }] },
      '"<Cluster[1]>"',
    ],
    ["Sub in the test", { Ref: "Cluster" }, '!Sub "${Cluster}"'],
  ])("%s meets the series", async (_name, value, written) => {
    const template = {
      Parameters: { Name: { Type: "String" } },
      Resources: {
        Cluster: { Type: "AWS::ECS::Cluster" },
        Errors: alarm({ Dimensions: [{ Name: "d", Value: value }] }),
      },
    };
    expect(
      await outcome(template, `${feed(`{ d: ${written} }`)}\nexpect: [{ alarm: !Ref Errors, ${RAISED} }]`),
    ).toEqual([]);
  });

  test("physical and resolve give values", async () => {
    const template = {
      Resources: {
        Cluster: { Type: "AWS::ECS::Cluster" },
        Errors: alarm({
          Dimensions: [
            { Name: "d", Value: { Ref: "Cluster" } },
            { Name: "e", Value: "{{resolve:ssm:/e}}" },
          ],
        }),
      },
    };
    const given = "physical: { Cluster: main }\nresolve: { 'ssm:/e': east }\n";
    expect(
      await outcome(
        template,
        `${given}${feed("{ d: main, e: east }")}\nexpect: [{ alarm: Errors, ${RAISED} }]`,
      ),
    ).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    [
      "a threshold that only a parameter knows",
      { Threshold: { Ref: "Limit" } },
      /alarm Bad of t cannot run: .*needs parameter "Limit" of type Number/,
    ],
    [
      "a threshold from SSM",
      { Threshold: "{{resolve:ssm:/limit}}" },
      /needs \{\{resolve:ssm:\/limit\}\}: give its value under resolve/,
    ],
    [
      "a period that is a stand-in",
      { Period: { Ref: "Cluster" } },
      /Period is "<Cluster>": give a number, under physical/,
    ],
    ["PromQL", { EvaluationCriteria: {} }, /is a PromQL alarm, which is not supported/],
  ])("an alarm with %s is refused by name, and the others run", async (_name, properties, message) => {
    const template = {
      Parameters: { Limit: { Type: "Number" } },
      Resources: { Cluster: { Type: "AWS::ECS::Cluster" }, Bad: alarm(properties), Errors: alarm({}) },
    };
    expect(await outcome(template, `${feed("{}")}\nexpect: [{ alarm: Errors, ${RAISED} }]`)).toEqual([]);
    await expect(run(template, `expect: [{ at: 1m, alarm: Bad, state: OK }]`)).rejects.toThrow(message);
  });

  test("a log alarm is named as not supported, and a false condition as the reason", async () => {
    const template = {
      Conditions: { Never: { "Fn::Equals": ["a", "b"] }, Unknown: { "Fn::Equals": [{ Ref: "Stage" }, "b"] } },
      Parameters: { Stage: { Type: "String" } },
      Resources: {
        Log: { Type: "AWS::CloudWatch::LogAlarm", Properties: {} },
        Absent: alarm({}, { Condition: "Never" }),
        Perhaps: alarm({}, { Condition: "Unknown" }),
      },
    };
    const asked = (name: string) => run(template, `expect: [{ at: 1m, alarm: ${name}, state: OK }]`);
    await expect(asked("Log")).rejects.toThrow(
      /alarm Log of t cannot run: AWS::CloudWatch::LogAlarm is not supported/,
    );
    await expect(asked("Absent")).rejects.toThrow(
      /alarm Absent of t is not created: condition Never is false/,
    );
    await expect(asked("Perhaps")).rejects.toThrow(/needs parameter "Stage" of type String: give its value/);
    await expect(asked("Nobody")).rejects.toThrow(/no alarm is named "Nobody"/);
  });

  test("series and alarms that do not meet are named", async () => {
    expect(
      await outcome(
        { Resources: { Errors: alarm({ AlarmName: "errors", Dimensions: [{ Name: "d", Value: "x" }] }) } },
        `${feed("{ d: y }")}\nexpect: [{ alarm: Errors, transitions: [] }]`,
      ),
    ).toEqual([
      "no alarm reads the series Shop Errors {d=y}; errors reads Shop Errors {d=x}",
      "no series feeds Shop Errors {d=x}, which errors reads",
    ]);
  });

  test.each<[Readonly<Record<string, unknown>>, string, readonly string[]]>([
    [{ Namespace: "AWS/Lambda", Unit: "Count" }, "namespace: AWS/Lambda", []],
    [
      { Namespace: "AWS/Lambda", Unit: "Seconds" },
      "namespace: AWS/Lambda",
      [
        "errors has the transitions none; expected 1m OK, 2m ALARM",
        "errors asks for AWS/Lambda Errors in Seconds, and AWS publishes it in Count (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html): it sees no data",
      ],
    ],
    [
      { Unit: "Bytes" },
      "namespace: Shop",
      ["Shop Errors is fed in Bytes, which errors asks for: give unit when the metric has another one"],
    ],
    [{ Unit: "Bytes" }, "namespace: Shop, unit: Bytes", []],
  ])("an alarm with %o sees a series of %s in its unit", async (properties, series, expected) => {
    const template = { Resources: { Errors: alarm({ AlarmName: "errors", ...properties }) } };
    const text = `series: [{ ${series}, metric: Errors, values: 0 5 }]\nexpect: [{ alarm: errors, ${RAISED} }]`;
    expect(await outcome(template, text)).toEqual(expected);
  });

  test("a mute rule of the template mutes", async () => {
    const actions = { AlarmActions: ["arn:aws:sns:us-east-1:123456789012:ops"] };
    const rule = (alarmNames: readonly object[]) => ({
      Type: "AWS::CloudWatch::AlarmMuteRule",
      Properties: {
        Rule: { Schedule: { Expression: "cron(0 0 * * *)", Duration: "PT1H" } },
        MuteTargets: { AlarmNames: alarmNames },
      },
    });
    const Errors = alarm(actions);
    const text = `${feed("{}", "x90")}\nexpect: [{ alarm: Errors, mails: [1h ALARM] }]`;
    expect(await outcome({ Resources: { Errors, Night: rule([{ Ref: "Errors" }]) } }, text)).toEqual([]);
    expect(await outcome({ Resources: { Errors } }, text.replace("1h", "2m"))).toEqual([]);
  });

  test.each(["us-gov-west-1", "cn-north-1"])("mails go out in %s", async (region) => {
    const template = {
      Resources: { Topic: { Type: "AWS::SNS::Topic" }, Errors: alarm({ AlarmActions: [{ Ref: "Topic" }] }) },
    };
    const text = `parameters: { "AWS::Region": ${region} }\n${feed("{}")}\nexpect: [{ alarm: Errors, mails: [2m ALARM] }]`;
    expect(await outcome(template, text)).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, object>>, string]>([
    [
      "two alarms of one name",
      { A: alarm({ AlarmName: "x" }), B: alarm({ AlarmName: "x" }) },
      "B of t would not be created: Resource of type 'AWS::CloudWatch::Alarm' with identifier 'x' already exists.",
    ],
    [
      "a metric and a composite alarm of one name",
      {
        A: alarm({ AlarmName: "x" }),
        C: { Type: "AWS::CloudWatch::CompositeAlarm", Properties: { AlarmName: "x", AlarmRule: "TRUE" } },
      },
      "C of t would not be created: AlarmName [x] is already used by another alarm of a different type",
    ],
    [
      "an unknown property",
      { A: alarm({ TreatMissing: "breaching" }) },
      "A of t would not be created: Properties validation failed for resource A with message: #: extraneous key [TreatMissing] is not permitted",
    ],
    [
      "no operator",
      { A: alarm({ ComparisonOperator: undefined }) },
      "A of t would not be created: t:Resources.A lacks ComparisonOperator: give it",
    ],
    [
      "Statistic beside Metrics",
      { A: mathAlarm({ Statistic: "Sum" }) },
      "A of t would not be created: Statistic should not be set if list of Metrics is set.",
    ],
    [
      "Unit beside Metrics",
      { A: mathAlarm({ Unit: "Count" }) },
      "A of t would not be created: Unit should not be set if list of Metrics is set.",
    ],
    [
      "Period beside Metrics",
      { A: mathAlarm({ Period: 60 }) },
      "A of t would not be created: Period should not be set if list of Metrics is set.",
    ],
    [
      "Threshold beside ThresholdMetricId",
      { A: mathAlarm({ ThresholdMetricId: "m" }) },
      "A of t would not be created: Threshold and ThresholdMetricId cannot both be set",
    ],
    [
      "math without any Period",
      { A: mathAlarm({ Metrics: [{ Id: "m", Expression: "TIME_SERIES(1)" }] }) },
      "A of t would not be created: Period must not be null",
    ],
    [
      "a namespace that begins with a colon",
      { A: alarm({ Namespace: ":shop" }) },
      "A of t would not be created: 1 validation error detected: Value ':shop' at 'namespace' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:].*",
    ],
    [
      "over thirty dimensions",
      {
        A: alarm({
          Dimensions: Array.from({ length: 31 }, (_, index) => ({ Name: `d${index}`, Value: "x" })),
        }),
      },
      "A of t would not be created: 1 validation error detected: Value at 'dimensions' failed to satisfy constraint: Member must have length less than or equal to 30",
    ],
    [
      "an action in another Region",
      { A: alarm({ AlarmActions: ["arn:aws:sns:eu-west-1:123456789012:ops"] }) },
      "A of t would not be created: Invalid region eu-west-1 specified. Only us-east-1 is supported.",
    ],
    [
      "an action in another partition",
      { A: alarm({ AlarmActions: ["arn:aws-cn:sns:us-east-1:123456789012:ops"] }) },
      "A of t would not be created: Invalid partition aws-cn specified. Only aws is supported.",
    ],
  ])("%s fails the test", async (_name, resources, text) => {
    expect(
      await outcome(
        { Resources: { ...resources, Good: alarm({}) } },
        `${feed("{}")}\nexpect: [{ alarm: Good, ${RAISED} }]`,
      ),
    ).toEqual([text]);
  });

  test("loops and the other language extensions are written out", async () => {
    const template = {
      Transform: "AWS::LanguageExtensions",
      Parameters: { Services: { Type: "CommaDelimitedList", Default: "till, stock-room" } },
      Resources: {
        "Fn::ForEach::Alarms": [
          "Service",
          { Ref: "Services" },
          {
            "Errors&{Service}": alarm({
              AlarmName: { "Fn::Sub": "${Service}-errors" },
              Threshold: { "Fn::Length": { Ref: "Services" } },
              Dimensions: [{ Name: "d", Value: { Ref: "Service" } }],
            }),
          },
        ],
      },
    };
    const text = `series: [{ namespace: Shop, metric: Errors, dimensions: { d: stock-room }, values: 1 2 }]\nexpect: [{ alarm: Errorsstockroom, ${RAISED} }, { alarm: stock-room-errors, ${RAISED} }]`;
    expect(await outcome(template, text)).toEqual([]);
  });

  test("SAM: what its transform makes is named by its logical id", async () => {
    const template = {
      Transform: "AWS::Serverless-2016-10-31",
      Globals: { Function: { Runtime: "nodejs22.x" } },
      Resources: {
        Handler: { Type: "AWS::Serverless::Function", Properties: {} },
        Errors: alarm({
          Dimensions: [
            { Name: "f", Value: { Ref: "Handler" } },
            { Name: "a", Value: { Ref: "ServerlessRestApi" } },
          ],
        }),
      },
    };
    expect(
      await outcome(
        template,
        `${feed("{ f: !Ref Handler, a: !Ref ServerlessRestApi }")}\nexpect: [{ alarm: Errors, ${RAISED} }]`,
      ),
    ).toEqual([]);
  });

  test("nested stacks run with the parameters that their parent gives; one that is no file is named", async () => {
    await mkdir(join(folder, "nested"));
    await writeFile(
      join(folder, "nested", "child.json"),
      JSON.stringify({
        Parameters: { Name: { Type: "String" } },
        Resources: { Inner: alarm({ Dimensions: [{ Name: "d", Value: { Ref: "Name" } }] }) },
        Outputs: { Alarm: { Value: { Ref: "Inner" } } },
      }),
    );
    const template = {
      Resources: {
        Child: {
          Type: "AWS::CloudFormation::Stack",
          Properties: { TemplateURL: "nested/child.json", Parameters: { Name: "till" } },
        },
        Far: {
          Type: "AWS::CloudFormation::Stack",
          Properties: { TemplateURL: "https://example.com/t.json" },
        },
        Any: {
          Type: "AWS::CloudWatch::CompositeAlarm",
          Properties: { AlarmRule: { "Fn::Sub": 'ALARM("${Child.Outputs.Alarm}")' } },
        },
      },
    };
    const notes = await outcome(
      template,
      `${feed("{ d: till }")}\nexpect: [{ alarm: Inner, ${RAISED} }, { alarm: Any, transitions: [2m ALARM] }]`,
    );
    expect(notes).toEqual([
      expect.stringMatching(/^nested stack Far of .*t\.json is not read: its template is no file beside it$/),
    ]);
  });

  test("a cloud assembly: stages, Regions and exports; one name in several stacks is asked for", async () => {
    const out = join(folder, "cdk.out");
    await mkdir(join(out, "assembly-prod"), { recursive: true });
    const stack = (name: string, region: string) => ({
      type: "aws:cloudformation:stack",
      environment: `aws://123456789012/${region}`,
      properties: { templateFile: `${name}.json`, stackName: name },
    });
    await writeFile(
      join(out, "manifest.json"),
      JSON.stringify({
        artifacts: { prod: { type: "cdk:cloud-assembly", properties: { directoryName: "assembly-prod" } } },
      }),
    );
    await writeFile(
      join(out, "assembly-prod", "manifest.json"),
      JSON.stringify({
        artifacts: {
          App: stack("App", "us-east-1"),
          East: stack("East", "us-east-1"),
          West: stack("West", "eu-west-1"),
        },
      }),
    );
    const write = (name: string, template: object) =>
      writeFile(join(out, "assembly-prod", `${name}.json`), JSON.stringify(template));
    await write("App", {
      Resources: { Fn: { Type: "AWS::Lambda::Function" } },
      Outputs: { Name: { Value: { Ref: "Fn" }, Export: { Name: "fn" } } },
    });
    await write("East", {
      Resources: { Errors: alarm({ Dimensions: [{ Name: "d", Value: { "Fn::ImportValue": "fn" } }] }) },
    });
    await write("West", { Resources: { Errors: alarm({ Dimensions: [{ Name: "d", Value: "w" }] }) } });
    const file = join(folder, "t.alarm-test.yaml");
    const text = (name: string): string => `template: cdk.out
series:
  - { namespace: Shop, metric: Errors, dimensions: { d: !Ref Fn }, values: 0 5 }
  - { namespace: Shop, metric: Errors, dimensions: { d: w }, region: eu-west-1, values: 0 0 }
expect: [{ alarm: ${name}, ${RAISED} }, { alarm: West/Errors, transitions: [1m OK] }]`;
    await writeFile(file, text("East/Errors"));
    expect((await testAlarms(file)).expectations.map(({ passed }) => passed)).toEqual([true, true]);
    await writeFile(file, text("Errors"));
    await expect(testAlarms(file)).rejects.toThrow(
      'several alarms are named "Errors": write East/Errors or West/Errors',
    );
  });

  test("no message prints a large body", async () => {
    const template = { Resources: { A: alarm({ AlarmActions: { body: "x".repeat(10_000) } }) } };
    const [text = ""] = await outcome(template, "expect: [{ at: 1m, alarm: A, state: OK }]").catch(
      (error: unknown) => [String(error)],
    );
    expect(text.length).toBeLessThan(600);
    expect(text).toContain("AlarmActions");
  });
});
