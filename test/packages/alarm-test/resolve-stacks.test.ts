import { describe, expect, test } from "vitest";

import { parseTemplate } from "cw-alarm-test/yaml-template";
import type { ResolveOptions } from "cw-alarm-test/resolved-stack";
import { resolveStacks } from "cw-alarm-test/resolve-stacks";

const TEMPLATE = {
  Parameters: {
    Size: { Type: "Number", Default: 3 },
    Zones: { Type: "CommaDelimitedList", Default: "a, b" },
    Needed: { Type: "String" },
    Bootstrap: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/cdk-bootstrap/version" },
  },
  Mappings: { Limits: { small: { Rate: 5 } } },
  Conditions: {
    IsEast: { "Fn::Equals": [{ Ref: "AWS::Region" }, "us-east-1"] },
    Never: { "Fn::Not": [{ Condition: "IsEast" }] },
    Either: { "Fn::Or": [{ Condition: "Never" }, { Condition: "IsEast" }] },
    Both: { "Fn::And": [{ Condition: "Never" }, { Condition: "IsEast" }] },
    Circle: { "Fn::Not": [{ Condition: "Circle" }] },
  },
  Resources: {
    Fn: { Type: "AWS::Lambda::Function", Properties: { FunctionName: "agent" } },
    Version: { Type: "AWS::Lambda::Version", Properties: { FunctionName: { Ref: "Fn" } } },
    Live: { Type: "AWS::Lambda::Alias", Properties: { FunctionName: { Ref: "Fn" }, Name: "live" } },
    Url: {
      Type: "AWS::Lambda::Url",
      Properties: { TargetFunctionArn: { "Fn::GetAtt": ["Fn", "Arn"] }, Qualifier: "live" },
    },
    Topic: { Type: "AWS::SNS::Topic" },
    Logs: { Type: "AWS::Logs::LogGroup", Properties: { LogGroupName: "/aws/lambda/agent" } },
    Role: { Type: "AWS::IAM::Role", Properties: { RoleName: "runner" } },
    Alarm: { Type: "AWS::CloudWatch::Alarm", Properties: { AlarmName: "Broken" } },
    Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "files" } },
    Token: { Type: "AWS::SSM::Parameter", Properties: { Name: "/t", Type: "String", Value: "v" } },
    Stream: { Type: "AWS::Kinesis::Stream" },
  },
};

/** Resolves one value as a property of a resource of the template above. */
function resolved(value: unknown, options: ResolveOptions = {}): unknown {
  const Probe = { Type: "Custom::Probe", Properties: { value } };
  const template = { ...TEMPLATE, Resources: { ...TEMPLATE.Resources, Probe } };
  const source = { stackName: "App", region: "us-east-1", accountId: "123456789012" };
  const [stack] = resolveStacks([{ ...source, template }], options);
  const probe = stack?.resources.find(({ logicalId }) => logicalId === "Probe");
  return probe?.properties().value;
}

const getAtt = (logicalId: string, attribute: string) => ({
  "Fn::GetAtt": [logicalId, attribute],
});
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:agent";

describe("an intrinsic function", () => {
  test.each<[string, unknown, unknown]>([
    ["Ref of a parameter's default", { Ref: "Size" }, 3],
    ["Ref of a list parameter", { Ref: "Zones" }, ["a", "b"]],
    ["Ref of a pseudo parameter", { Ref: "AWS::AccountId" }, "123456789012"],
    ["Ref of a function", { Ref: "Fn" }, "agent"],
    ["Ref of a version", { Ref: "Version" }, `${FUNCTION}:1`],
    ["Ref of an alias", { Ref: "Live" }, `${FUNCTION}:live`],
    ["Ref of a URL", { Ref: "Url" }, `${FUNCTION}:live`],
    ["Ref of a log group", { Ref: "Logs" }, "/aws/lambda/agent"],
    ["Ref of an alarm", { Ref: "Alarm" }, "Broken"],
    ["Ref of a parameter resource", { Ref: "Token" }, "/t"],
    ["GetAtt of a function", getAtt("Fn", "Arn"), FUNCTION],
    ["GetAtt in one string", { "Fn::GetAtt": "Fn.Arn" }, FUNCTION],
    ["GetAtt of a version's number", getAtt("Version", "Version"), "1"],
    ["GetAtt of a role", getAtt("Role", "Arn"), "arn:aws:iam::123456789012:role/runner"],
    ["GetAtt of an alarm", getAtt("Alarm", "Arn"), "arn:aws:cloudwatch:us-east-1:123456789012:alarm:Broken"],
    ["GetAtt of a bucket", getAtt("Bucket", "Arn"), "arn:aws:s3:::files"],
    ["GetAtt of a parameter's value", getAtt("Token", "Value"), "v"],
    ["Sub", { "Fn::Sub": "${AWS::Region}/${Fn}/${Fn.Arn}/${!Kept}" }, `us-east-1/agent/${FUNCTION}/\${Kept}`],
    ["Sub with variables", { "Fn::Sub": ["${a}-${Size}", { a: { Ref: "Fn" } }] }, "agent-3"],
    ["Join", { "Fn::Join": ["-", ["a", { Ref: "Size" }, "c"]] }, "a-3-c"],
    ["Join of a list parameter", { "Fn::Join": ["+", { Ref: "Zones" }] }, "a+b"],
    ["Select", { "Fn::Select": [1, { Ref: "Zones" }] }, "b"],
    ["Split", { "Fn::Split": [":", "a:b:c"] }, ["a", "b", "c"]],
    ["Select of a Split", { "Fn::Select": ["6", { "Fn::Split": [":", getAtt("Fn", "Arn")] }] }, "agent"],
    ["If taken", { "Fn::If": ["IsEast", "yes", { Ref: "Nowhere" }] }, "yes"],
    ["If not taken", { "Fn::If": ["Never", { Ref: "Nowhere" }, "no"] }, "no"],
    ["Or", { "Fn::If": ["Either", 1, 2] }, 1],
    ["And", { "Fn::If": ["Both", 1, 2] }, 2],
    ["FindInMap", { "Fn::FindInMap": ["Limits", "small", "Rate"] }, 5],
    ["FindInMap's default", { "Fn::FindInMap": ["Limits", "big", "Rate", { DefaultValue: 9 }] }, 9],
    ["Base64", { "Fn::Base64": "hi" }, "aGk="],
    ["NoValue in a list", ["a", { Ref: "AWS::NoValue" }], ["a"]],
    ["NoValue in an object", { a: 1, b: { Ref: "AWS::NoValue" } }, { a: 1 }],
  ])("%s", (_name, value, expected) => {
    expect(resolved(value)).toEqual(expected);
  });

  test.each<[string, unknown, RegExp]>([
    [
      "unknown function",
      { "Fn::Transform": { Name: "AWS::Include" } },
      /Fn::Transform at App:Resources\.Probe\.Properties\.value is not supported/,
    ],
    ["unknown name", { Ref: "Nowhere" }, /refers to "Nowhere", which is not there/],
    ["Ref of an unknown type", { Ref: "Stream" }, /Ref of Stream, which is not emulated for AWS::Kinesis/],
    ["unknown attribute", getAtt("Fn", "SnapStart"), /attribute SnapStart of Fn/],
    ["parameter without a value", { Ref: "Needed" }, /needs parameter "Needed"/],
    ["parameter held by SSM", { Ref: "Bootstrap" }, /needs parameter "Bootstrap"/],
    ["unknown import", { "Fn::ImportValue": "x" }, /imports "x", which no loaded stack of us-east-1/],
    ["unknown condition", { "Fn::If": ["Maybe", 1, 2] }, /unknown condition "Maybe"/],
    ["condition that names itself", { "Fn::If": ["Circle", 1, 2] }, /refers to itself/],
    ["missing map entry", { "Fn::FindInMap": ["Limits", "big", "Rate"] }, /finds nothing under/],
    ["wrong shape", { "Fn::Join": "a" }, /arguments of the wrong shape, "a"/],
    ["index out of bounds", { "Fn::Select": [5, ["a"]] }, /wrong shape/],
    ["object in a text", { "Fn::Join": ["", [{ a: 1, b: 2 }]] }, /wrong shape/],
  ])("%s is refused by name", (_name, value, message) => {
    expect(() => resolved(value)).toThrow(message);
  });

  test("what is given wins over what is emulated", () => {
    const options = { physical: { Vpc: "vpc-1", "Fn.SnapStart": "on" }, imports: { x: "y" } };
    const value = [{ Ref: "Vpc" }, getAtt("Fn", "SnapStart"), { "Fn::ImportValue": "x" }];
    expect(resolved(value, options)).toEqual(["vpc-1", "on", "y"]);
  });
});

describe("stacks resolved together", () => {
  const exporting = {
    Resources: TEMPLATE.Resources,
    Outputs: {
      Arn: { Value: getAtt("Fn", "Arn"), Export: { Name: { "Fn::Sub": "${AWS::StackName}-Arn" } } },
    },
  };
  const importing = {
    Resources: {
      Probe: { Type: "Custom::Probe", Properties: { arn: { "Fn::ImportValue": "App-Arn" } } },
      Absent: { Type: "Custom::Probe", Condition: "No" },
    },
    Conditions: { No: { "Fn::Equals": ["a", "b"] } },
  };
  const both = (region: string) =>
    resolveStacks([
      { stackName: "Watch", region, accountId: "123456789012", template: importing },
      { stackName: "App", region: "us-east-1", accountId: "123456789012", template: exporting },
    ]);

  test("one imports what the other exports", () => {
    expect(both("us-east-1")[0]?.resources[0]?.properties()).toEqual({ arn: FUNCTION });
    expect(both("us-east-1")[1]?.output("Arn")).toBe(FUNCTION);
  });

  test("an export of another Region is not seen", () => {
    expect(() => both("eu-west-1")[0]?.resources[0]?.properties()).toThrow(/of eu-west-1 exports/);
  });

  test("a resource whose condition is false is not there", () => {
    expect(both("us-east-1")[0]?.resources.map(({ logicalId }) => logicalId)).toEqual(["Probe"]);
  });

  test("a name that the template leaves out is made up the same way each time", () => {
    const names = [1, 2].map(() =>
      both("us-east-1")[1]
        ?.resources.find((r) => r.logicalId === "Topic")
        ?.ref(),
    );
    expect(names[0]).toMatch(/^arn:aws:sns:us-east-1:123456789012:App-Topic-[0-9A-F]{12}$/);
    expect(names[0]).toBe(names[1]);
  });
});

describe("a YAML template", () => {
  test("writes its functions in short form", () => {
    const template = parseTemplate(
      [
        "Resources:",
        "  Fn: {Type: AWS::Lambda::Function, Properties: {FunctionName: agent}}",
        "  Probe:",
        "    Type: Custom::Probe",
        "    Properties:",
        "      attribute: !GetAtt Fn.Arn",
        "      text: !Sub '${AWS::Region}-${Fn}'",
        "      pair: !Sub ['${a}', {a: !Ref Fn}]",
        "      joined: !Join ['-', [a, !Select [0, !Split [':', 'b:c']]]]",
        "      chosen: !If [East, !Ref Fn, !Ref AWS::NoValue]",
        "Conditions:",
        "  East: !And [!Equals [!Ref AWS::Region, us-east-1], !Not [!Condition West]]",
        "  West: !Equals [!Ref AWS::Region, us-west-2]",
      ].join("\n"),
      "template.yaml",
    );
    const [stack] = resolveStacks([
      { stackName: "App", region: "us-east-1", accountId: "123456789012", template },
    ]);
    expect(stack?.resources[1]?.properties()).toEqual({
      attribute: FUNCTION,
      text: "us-east-1-agent",
      pair: "agent",
      joined: "a-b",
      chosen: "agent",
    });
  });

  test.each<[string, string, RegExp]>([
    ["an unknown tag", "Resources: {A: {Type: T, Properties: {a: !Env X}}}", /uses the tag !Env/],
    ["no resources", "Outputs: {}", /has no "Resources"/],
    ["a resource without type", "Resources: {A: {}}", /no "Type" at Resources\.A/],
    ["broken YAML", "Resources: [", /is not YAML/],
    ["broken JSON", "{", /is not JSON/],
  ])("with %s is refused by name", (_name, text, message) => {
    expect(() => parseTemplate(text, "template.yaml")).toThrow(message);
  });
});

describe("a function of a template", () => {
  function value(argument: unknown): unknown {
    const template = parseTemplate(
      JSON.stringify({ Resources: { A: { Type: "T", Properties: { argument } } } }),
      "t.json",
    );
    const [stack] = resolveStacks([
      { stackName: "App", region: "eu-west-1", accountId: "123456789012", template },
    ]);
    return stack?.resources[0]?.properties().argument;
  }

  test.each<[string, unknown, unknown]>([
    [
      "Fn::ToJsonString writes what it holds, resolved",
      { "Fn::ToJsonString": { region: { Ref: "AWS::Region" }, list: [1, true, 'a"b'] } },
      '{"region":"eu-west-1","list":[1,true,"a\\"b"]}',
    ],
    ["Fn::GetAZs of a Region", { "Fn::GetAZs": "us-east-1" }, ["us-east-1a", "us-east-1b", "us-east-1c"]],
    ["Fn::GetAZs of its own Region", { "Fn::GetAZs": "" }, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]],
    ["one of Fn::GetAZs", { "Fn::Select": [1, { "Fn::GetAZs": { Ref: "AWS::Region" } }] }, "eu-west-1b"],
    ["Fn::Cidr", { "Fn::Cidr": ["10.0.0.0/16", 3, 8] }, ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]],
    [
      "Fn::Cidr in blocks of 16",
      { "Fn::Cidr": ["192.168.255.0/24", "2", "4"] },
      ["192.168.255.0/28", "192.168.255.16/28"],
    ],
    ["Fn::Cidr across an octet", { "Fn::Cidr": ["10.0.0.0/8", 2, 17] }, ["10.0.0.0/15", "10.2.0.0/15"]],
  ])("%s", (_name, argument, expected) => {
    expect(value(argument)).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ["an address that is none", ["10.0.0.256/16", 1, 8]],
    ["blocks larger than the network", ["10.0.0.0/16", 1, 17]],
    ["no block", ["10.0.0.0/16", 0, 8]],
    ["a network alone", ["10.0.0.0/16"]],
  ])("Fn::Cidr of %s is refused", (_name, argument) => {
    expect(() => value({ "Fn::Cidr": argument })).toThrow(/arguments of the wrong shape/);
  });

  test("Fn::GetAZs of a list is refused", () => {
    expect(() => value({ "Fn::GetAZs": ["us-east-1"] })).toThrow(/arguments of the wrong shape/);
  });
});
