import { join } from "node:path";
import { SNSClient, ListTopicsCommand } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { connectStage, deployedMs, isUnreadable, physicalIds } from "../../bin/cli/stage-connection.ts";
import type { TargetOptions } from "../../bin/cli/target.ts";
import { type AwsFault, denied, EXPIRED, type FaultOf, THROTTLED } from "../support/faulty-aws.ts";
import { memoryTerminal } from "../support/memory-terminal.ts";
import { OperatedStage } from "../support/operated-stage.ts";
import { signInBefore } from "../support/stage-behind-aws.ts";

const START_MS = Date.parse("2026-11-23T17:00:20Z");

let stage: OperatedStage;

beforeAll(async () => {
  stage = await OperatedStage.build(START_MS);
});

afterAll(() => stage.remove());

const local = (): TargetOptions => ({ data: stage.data });
const deployed = (options: object = {}): TargetOptions => ({
  data: stage.data,
  aws: true,
  stage: "production",
  ...options,
});

const signIn = (faultOf?: FaultOf) => signInBefore(stage, faultOf);

const on =
  (operation: string, fault: AwsFault, times = Infinity): FaultOf =>
  (asked, nth) =>
    asked === operation && nth <= times ? fault : undefined;

const connect = (options: TargetOptions) => connectStage(memoryTerminal(), options);

describe("a connection to a stage", () => {
  test.each([
    ["on this machine", local, "production on this machine"],
    ["in AWS, by the same calls", deployed, "production in AWS"],
  ] as const)("%s", async (_place, options, where) => {
    await signIn();
    const connection = await connect(options());
    expect(connection.target.where).toBe(where);
    expect([connection.region, connection.accountId]).toEqual(["us-west-2", "123456789012"]);
    const application = connection.application();
    expect(application).toMatchObject({
      stackName: "WristAgent-production",
      status: "CREATE_COMPLETE",
      outputs: {
        FunctionUrl: stage.system.addresses.functionUrl,
        TokenParameterName: "/wrist-agent/client-token",
      },
    });
    expect(deployedMs(application)).toBe(START_MS);
    expect(
      physicalIds(connection.monitoring(), "AWS::SNS::Topic").map((arn) => arn.split(":").at(-1)),
    ).toEqual(expect.arrayContaining(["wrist-agent-production-page", "wrist-agent-production-ticket"]));
    expect(physicalIds(application, "AWS::Lambda::Function")).toContain("wrist-agent-production");
    const template = await connection.template(connection.monitoring());
    expect(Object.values(template.Resources ?? {}).map(({ Type }) => Type)).toContain(
      "AWS::CloudWatch::Dashboard",
    );
    expect(await connection.readStack("WristAgentNobody")).toBeUndefined();
    expect((await connection.readStack("WristAgentBilling", "us-east-1"))?.region).toBe("us-east-1");
    connection.close();
  });

  test("asks again where AWS throttles and where a connection breaks", async () => {
    const { asked } = await signIn(
      (operation, nth) =>
        on("DescribeStacks", THROTTLED, 2)(operation, nth) ??
        on("ListStackResources", { kind: "cut" }, 1)(operation, nth),
    );
    (await connect(deployed())).close();
    expect(asked.filter((operation) => operation === "DescribeStacks")).toHaveLength(4);
  });

  test("names the IAM action that is missing, and on what; a part may be left out for it", async () => {
    await signIn((operation) =>
      on("ListTopics", denied("sns:ListTopics", "arn:aws:sns:us-west-2:123456789012:*"))(operation, 1),
    );
    const connection = await connect(deployed());
    const sns = connection.client(SNSClient);
    expect(connection.client(SNSClient)).toBe(sns);
    const call = { action: "sns:ListTopics", on: "the topics of us-west-2" };
    const part = await connection.askIfAllowed(call, () => sns.send(new ListTopicsCommand({})));
    expect(isUnreadable(part) && part.unreadable).toMatch(
      /^production in AWS: these credentials lack sns:ListTopics on the topics of us-west-2 \(User: /,
    );
    await expect(connection.ask(call, () => sns.send(new ListTopicsCommand({})))).rejects.toThrow(
      "these credentials lack sns:ListTopics",
    );
    connection.close();
  });
});

describe("what a person is told where a stage cannot be read", () => {
  test.each([
    [
      "no permission",
      on(
        "DescribeStacks",
        denied("cloudformation:DescribeStacks", "arn:aws:cloudformation:us-west-2:1:stack/x/*"),
      ),
      /^production in AWS: these credentials lack cloudformation:DescribeStacks on stack WristAgent\S*-production in us-west-2 \(/,
    ],
    ["expired credentials", on("DescribeStacks", EXPIRED), /: sign in again with aws sso login$/],
    [
      "throttling without end",
      on("DescribeStacks", THROTTLED),
      /Rate exceeded: AWS takes no more questions .* try again/,
    ],
    ["connections that break", on("DescribeStacks", { kind: "cut" }), /the connection broke .* try again$/],
  ] as const)("%s", async (_case, fault, sentence) => {
    await signIn(fault);
    await expect(connect(deployed())).rejects.toThrow(sentence);
  });

  test("no stack of that stage in that Region", async () => {
    await signIn();
    await expect(connect(deployed({ stage: "staging" }))).rejects.toThrow(
      "staging in AWS has no stack WristAgent-staging in us-west-2: deploy the stage first (npm run deploy -- --stage staging), or name the stage and Region where it is with --stage and --region; a function that -c functionArn= watches is no stage (docs/any-function.md)",
    );
    await expect(connect(deployed({ region: "eu-west-1" }))).rejects.toThrow("in eu-west-1: deploy");
  });

  test("no Region, no credentials, nothing that answers", async () => {
    await signIn();
    for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"]) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_CONFIG_FILE", join(stage.directory, "none"));
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(stage.directory, "none"));
    await expect(connect(deployed())).rejects.toThrow(/Region is missing: .* name the Region with --region$/);
    vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    await expect(connect(deployed({ region: "us-west-2" }))).rejects.toThrow(
      /nothing answers at that address/,
    );
    vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    await expect(connect(deployed({ region: "us-west-2" }))).rejects.toThrow(/set AWS_PROFILE, or sign in/);
  });

  test("--local where nothing runs, and a stage that is another one than the one that runs", async () => {
    await expect(connect({ data: join(stage.directory, "empty"), local: true })).rejects.toThrow(
      /nothing runs on the data directory/,
    );
    await expect(connect({ ...local(), stage: "staging" })).rejects.toThrow(
      "production runs on this machine, not staging",
    );
  });
});
