import {
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetFunctionUrlConfigCommand,
  GetPolicyCommand,
  GetProvisionedConcurrencyConfigCommand,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListFunctionUrlConfigsCommand,
  ListProvisionedConcurrencyConfigsCommand,
  ListVersionsByFunctionCommand,
  paginateListVersionsByFunction,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { FunctionSource } from "../../../../local/assembly/function-resources.ts";
import { FunctionVersions } from "../../../../local/function/function-versions.ts";
import type { DescribedFunction } from "../../../../local/server/aws/lambda-versions.ts";
import { lambdaEndpoint, type LambdaEndpoint } from "../../../support/lambda-endpoint.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:agent";
const ROLE = "arn:aws:iam::123456789012:role/agent";
const FunctionName = "agent";

let endpoint: LambdaEndpoint;
let client: LambdaEndpoint["client"];

beforeEach(async () => {
  const book = new FunctionVersions({
    versions: { $LATEST: "$LATEST", "1": "1", live: "1" },
    configuration: { memoryMb: 256, timeoutSeconds: 30, description: "the agent" },
    now: () => Date.UTC(2026, 10, 23, 9),
  });
  const definition = {
    functionName: FunctionName,
    runtime: "nodejs24.x",
    handler: "index.handler",
    environment: { STAGE: "test" },
    logFormat: "JSON",
    logGroupName: "/aws/lambda/agent",
    codeDirectory: "/assembly/asset.agent",
    reservedConcurrency: 5,
    region: "eu-west-1",
  } as unknown as FunctionSource["definition"];
  const source: FunctionSource = {
    functionArn: ARN,
    definition,
    architecture: "arm64",
    description: "",
    versions: {},
    settings: { roleArn: ROLE, ephemeralStorageMb: 512, tracingMode: "Active", tags: { team: "wrist" } },
  };
  const statement = {
    functionName: FunctionName,
    sid: "Url",
    action: "lambda:InvokeFunctionUrl",
    principal: "*",
  };
  const agent: DescribedFunction = {
    source,
    book,
    codeSha256: () => "hash=",
    codeBytes: () => 1234,
    permissions: [
      {
        ...statement,
        qualifier: "live",
        condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } },
      },
    ],
    urls: [{ qualifier: "live", url: "http://127.0.0.1:7701/", cors: { AllowOrigins: ["*"] } }],
  };
  const functions = {
    account: { accountId: "123456789012", region: "eu-west-1" },
    find: () => undefined,
    send: () => undefined,
    describe: (name: string) => (name === FunctionName ? agent : undefined),
    list: () => [agent],
  };
  endpoint = await lambdaEndpoint(functions, (error) => void expect.fail(String(error)));
  ({ client } = endpoint);
});
afterEach(() => endpoint.stop());

const configuration = (Qualifier?: string) =>
  client.send(new GetFunctionConfigurationCommand({ FunctionName, ...(Qualifier && { Qualifier }) }));
const configure = (changes: object) =>
  client.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...changes }));
const publish = (changes: object = {}) =>
  client.send(new PublishVersionCommand({ FunctionName, ...changes }));
const moveAlias = (changes: object) =>
  client.send(new UpdateAliasCommand({ FunctionName, Name: "live", ...changes }));

describe("the configuration", () => {
  test("of $LATEST, a version and an alias is told as Lambda tells it", async () => {
    expect(await configuration()).toMatchObject({
      FunctionName,
      FunctionArn: ARN,
      Version: "$LATEST",
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      CodeSha256: "hash=",
      Description: "the agent",
      MemorySize: 256,
      Timeout: 30,
      Environment: { Variables: { STAGE: "test" } },
      Architectures: ["arm64"],
      State: "Active",
      LastUpdateStatus: "Successful",
      LastModified: "2026-11-23T09:00:00.000+0000",
      Role: ROLE,
      CodeSize: 1234,
      EphemeralStorage: { Size: 512 },
      TracingConfig: { Mode: "Active" },
      SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
      LoggingConfig: {
        LogFormat: "JSON",
        ApplicationLogLevel: "INFO",
        SystemLogLevel: "INFO",
        LogGroup: "/aws/lambda/agent",
      },
    });
    for (const qualifier of ["live", "1", "$LATEST"])
      expect(await configuration(qualifier)).toMatchObject({ FunctionArn: `${ARN}:${qualifier}` });
    expect(await configuration("live")).toMatchObject({ Version: "1" });
  });

  test("of $LATEST changes, and published versions stay", async () => {
    const changes = { MemorySize: 512, Timeout: 60, Description: "tried" };
    expect(await configure(changes)).toMatchObject(changes);
    expect(await publish({ Description: "for a trial", CodeSha256: "hash=" })).toMatchObject({
      Version: "2",
      MemorySize: 512,
      Timeout: 60,
      Description: "for a trial",
      FunctionArn: `${ARN}:2`,
    });
    await configure({ MemorySize: 256 });
    expect(await configuration("2")).toMatchObject({ MemorySize: 512 });
    expect(await configuration()).toMatchObject({ MemorySize: 256, Timeout: 60, Description: "tried" });
  });

  test.each<[object, RegExp]>([
    [{ MemorySize: 127 }, /MemorySize 127 is not a whole number from 128 to 10240/],
    [{ MemorySize: 10_241 }, /MemorySize 10241/],
    [{ Timeout: 0 }, /Timeout 0 is not a whole number from 1 to 900/],
    [{ Description: "x".repeat(257) }, /more than 256 characters/],
    [{ Handler: "other.handler" }, /does not change Handler of a function: change its template/],
    [{ Environment: { Variables: {} } }, /does not change Environment/],
  ])("is not changed by %j", async (changes, message) => {
    await expect(configure(changes)).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      message: expect.stringMatching(message) as string,
    });
    expect(await configuration()).toMatchObject({ MemorySize: 256, Timeout: 30, Description: "the agent" });
  });

  test("is changed only while nobody else has changed it", async () => {
    const { RevisionId } = await configuration();
    await configure({ MemorySize: 512, RevisionId });
    const late = { name: "PreconditionFailedException", $metadata: { httpStatusCode: 412 } };
    await expect(configure({ MemorySize: 1024, RevisionId })).rejects.toMatchObject(late);
    await expect(publish({ RevisionId })).rejects.toMatchObject(late);
  });
});

describe("published versions", () => {
  test("are listed page by page, $LATEST first", async () => {
    for (const MemorySize of [512, 1024]) {
      await configure({ MemorySize });
      await publish();
    }
    const pages: (string | undefined)[][] = [];
    for await (const { Versions = [] } of paginateListVersionsByFunction(
      { client, pageSize: 3 },
      { FunctionName },
    ))
      pages.push(Versions.map(({ Version }) => Version));
    expect(pages).toEqual([["$LATEST", "1", "2"], ["3"]]);
  });

  test("are deleted by their number, unless an alias points at them", async () => {
    await configure({ MemorySize: 512 });
    await publish();
    await client.send(new DeleteFunctionCommand({ FunctionName, Qualifier: "2" }));
    await expect(configuration("2")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    const remove = (Qualifier?: string) =>
      client.send(new DeleteFunctionCommand({ FunctionName, ...(Qualifier && { Qualifier }) }));
    await expect(remove("1")).rejects.toMatchObject({
      name: "ResourceConflictException",
      message: "Version 1 cannot be deleted: the alias live points at it",
    });
    await expect(remove("2")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(remove("live")).rejects.toMatchObject({ name: "InvalidParameterValueException" });
    await expect(remove()).rejects.toMatchObject({
      message: "the local runtime does not delete a function: take it out of its template",
    });
  });

  test("of other code than was looked at are not published", async () => {
    await expect(publish({ CodeSha256: "other=" })).rejects.toMatchObject({
      message: expect.stringMatching(/^CodeSHA256 \(other=\) is different/) as string,
    });
  });

  test.each([{ Marker: "x" }, { MaxItems: 0 }])("are not listed for %j", async (page) => {
    await expect(
      client.send(new ListVersionsByFunctionCommand({ FunctionName, ...page })),
    ).rejects.toMatchObject({ name: "InvalidParameterValueException" });
  });

  test("of a function that nobody has are not found", async () => {
    await expect(
      client.send(new ListVersionsByFunctionCommand({ FunctionName: "nobody" })),
    ).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nobody",
    });
  });
});

describe("aliases", () => {
  test("are told one by one and by version", async () => {
    const alias = { AliasArn: `${ARN}:live`, Name: "live", FunctionVersion: "1" };
    expect(await client.send(new GetAliasCommand({ FunctionName, Name: "live" }))).toMatchObject(alias);
    const listed = (given: object) => client.send(new ListAliasesCommand({ FunctionName, ...given }));
    expect((await listed({})).Aliases).toMatchObject([alias]);
    expect((await listed({ FunctionVersion: "2" })).Aliases).toEqual([]);
    await expect(client.send(new GetAliasCommand({ FunctionName, Name: "green" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: `Cannot find alias arn: ${ARN}:green`,
    });
  });

  test("move to another version, unless somebody else moved them meanwhile", async () => {
    await configure({ MemorySize: 512 });
    await publish();
    const { RevisionId } = await client.send(new GetAliasCommand({ FunctionName, Name: "live" }));
    const move = { FunctionVersion: "2", RevisionId, RoutingConfig: { AdditionalVersionWeights: {} } };
    expect(await moveAlias(move)).toMatchObject({ FunctionVersion: "2" });
    expect(await configuration("live")).toMatchObject({ MemorySize: 512 });
    await expect(moveAlias(move)).rejects.toMatchObject({ name: "PreconditionFailedException" });
    expect(await moveAlias({})).toMatchObject({ FunctionVersion: "2" });
  });

  test.each<[object, string, RegExp]>([
    [{ FunctionVersion: "9" }, "ResourceNotFoundException", /Function not found: .*:9/],
    [{ FunctionVersion: "live" }, "InvalidParameterValueException", /live is an alias/],
    [
      weights({ "1": 0.1 }),
      "InvalidParameterValueException",
      /^Invalid function version 1\. Function version 1 is already included/,
    ],
    [weights({ "9": 0.1 }), "ResourceNotFoundException", /Function not found: .*:9/],
    [weights({ $LATEST: 0.1 }), "ValidationException", /'\{\$LATEST=0\.1\}' .* pattern: \[0-9\]\+\]$/],
    [weights({ live: 0.1 }), "ValidationException", /^1 validation error detected: Value '\{live=0\.1\}'/],
    [weights({ "2": 2 }), "ValidationException", /'\{2=2\.0\}' .*less than or equal to 1\.0/],
    [
      weights({ "1": 0.1, "2": 0.1 }),
      "InvalidParameterValueException",
      /^Number of items in AdditionalVersionWeights cannot be greater than 1$/,
    ],
    [
      { FunctionVersion: "$LATEST", ...weights({ "1": 0.1 }) },
      "InvalidParameterValueException",
      /^\$LATEST is not supported for an alias pointing to more than 1 version$/,
    ],
    [{ Description: "x" }, "InvalidParameterValueException", /does not change Description/],
  ])("do not move by %j", async (changes, name, message) => {
    await expect(moveAlias(changes)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message) as string,
    });
    expect(await configuration("live")).toMatchObject({ Version: "1" });
  });

  test("divide the invocations between two versions, until they are given no weights", async () => {
    await configure({ MemorySize: 512 });
    await publish();
    const divided = { FunctionVersion: "1", RoutingConfig: { AdditionalVersionWeights: { "2": 0.25 } } };
    expect(await moveAlias(divided)).toMatchObject(divided);
    // A move that says nothing of weights leaves them, as in Lambda.
    expect(await moveAlias({})).toMatchObject(divided);
    await expect(
      client.send(new DeleteFunctionCommand({ FunctionName, Qualifier: "2" })),
    ).rejects.toMatchObject({ name: "ResourceConflictException" });
    const whole = await moveAlias({ FunctionVersion: "2", ...weights({}) });
    expect(whole).toMatchObject({ FunctionVersion: "2" });
    expect(whole.RoutingConfig).toBeUndefined();
  });

  test("have no provisioned concurrency here", async () => {
    await expect(
      client.send(new GetProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier: "live" })),
    ).rejects.toMatchObject({ name: "ProvisionedConcurrencyConfigNotFoundException" });
  });
});

describe("a function", () => {
  test("has its configuration, code, tags and reserved concurrency", async () => {
    expect(await client.send(new GetFunctionCommand({ FunctionName: `${ARN}:live` }))).toMatchObject({
      Configuration: { FunctionArn: `${ARN}:live`, Version: "1" },
      Code: { RepositoryType: "S3", Location: "file:///assembly/asset.agent" },
      Tags: { team: "wrist" },
      Concurrency: { ReservedConcurrentExecutions: 5 },
    });
    expect(await client.send(new GetFunctionConcurrencyCommand({ FunctionName }))).toMatchObject({
      ReservedConcurrentExecutions: 5,
    });
  });

  test("is listed, with every version where they are asked for", async () => {
    const { Functions } = await client.send(new ListFunctionsCommand({}));
    expect(Functions?.map(({ FunctionArn }) => FunctionArn)).toEqual([ARN]);
    const all = await client.send(new ListFunctionsCommand({ FunctionVersion: "ALL" }));
    expect(all.Functions?.map(({ FunctionArn }) => FunctionArn)).toEqual([`${ARN}:$LATEST`, `${ARN}:1`]);
    await expect(
      client.send(new ListFunctionsCommand({ FunctionVersion: "invalid" as "ALL" })),
    ).rejects.toThrow(
      "Value 'invalid' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]",
    );
  });

  test("has the URL of an alias, where it is answered", async () => {
    const url = {
      AuthType: "NONE",
      Cors: { AllowOrigins: ["*"] },
      CreationTime: "2026-11-23T09:00:00.000Z",
      FunctionArn: `${ARN}:live`,
      FunctionUrl: "http://127.0.0.1:7701/",
      InvokeMode: "BUFFERED",
    };
    expect(
      await client.send(new GetFunctionUrlConfigCommand({ FunctionName, Qualifier: "live" })),
    ).toMatchObject(url);
    const { FunctionUrlConfigs } = await client.send(new ListFunctionUrlConfigsCommand({ FunctionName }));
    expect(FunctionUrlConfigs).toMatchObject([url]);
  });

  test("has the policy of an alias", async () => {
    const { Policy, RevisionId } = await client.send(
      new GetPolicyCommand({ FunctionName, Qualifier: "live" }),
    );
    expect(RevisionId).toMatch(/^[0-9a-f-]{36}$/);
    expect(JSON.parse(Policy ?? "")).toEqual({
      Version: "2012-10-17",
      Id: "default",
      Statement: [
        {
          Sid: "Url",
          Effect: "Allow",
          Principal: "*",
          Action: "lambda:InvokeFunctionUrl",
          Resource: `${ARN}:live`,
          Condition: { StringEquals: { "lambda:FunctionUrlAuthType": "NONE" } },
        },
      ],
    });
  });

  test("has no provisioned concurrency, on a version or an alias alone", async () => {
    const list = await client.send(new ListProvisionedConcurrencyConfigsCommand({ FunctionName }));
    expect(list.ProvisionedConcurrencyConfigs).toEqual([]);
    const ask = (Qualifier: string) =>
      client.send(new GetProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier }));
    await expect(ask("1")).rejects.toMatchObject({ name: "ProvisionedConcurrencyConfigNotFoundException" });
    await expect(ask("10")).rejects.toThrow(`Function not found: ${ARN}:10`);
    await expect(ask("noalias")).rejects.toThrow(`Cannot find alias arn: ${ARN}:noalias`);
    await expect(ask("$LATEST")).rejects.toThrow("must be an alias or a published version");
  });
});

const GONE = "The resource you requested does not exist.";
const OTHER = ARN.replace("eu-west-1", "us-east-1");
const asFunction = (FunctionName: string, Qualifier?: string) =>
  client.send(new GetFunctionCommand({ FunctionName, ...(Qualifier && { Qualifier }) }));
const asUrl = (FunctionName: string, Qualifier?: string) =>
  client.send(new GetFunctionUrlConfigCommand({ FunctionName, ...(Qualifier && { Qualifier }) }));
const asPolicy = (FunctionName: string) => client.send(new GetPolicyCommand({ FunctionName }));

// Recorded from AWS by LocalStack, tests/aws/services/lambda_/test_lambda_api.snapshot.json, 25 November
// 2025.
test.each<[string, () => Promise<unknown>, number, string]>([
  [
    "nobody's function",
    () => asFunction("nobody"),
    404,
    "Function not found: arn:aws:lambda:eu-west-1:123456789012:function:nobody",
  ],
  ["nobody's version", () => asFunction(FunctionName, "1221"), 404, `Function not found: ${ARN}:1221`],
  [
    "another case of $LATEST",
    () => asFunction(FunctionName, "$latest"),
    404,
    `Function not found: ${ARN}:$latest`,
  ],
  [
    "two qualifiers",
    () => asFunction(`${ARN}:live`, "1"),
    400,
    "The derived qualifier from the function name does not match the specified qualifier.",
  ],
  [
    "another Region",
    () => asFunction(OTHER),
    404,
    "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')",
  ],
  [
    "a strange name",
    () => asFunction("my-function!"),
    400,
    "1 validation error detected: Value 'my-function!' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ",
  ],
  [
    "an ARN of EC2",
    () => asFunction("arn:aws:ec2:eu-west-1:123456789012:instance:i-1"),
    400,
    "at 'functionName' failed",
  ],
  [
    "a strange qualifier",
    () => asFunction(FunctionName, "invalid!"),
    400,
    String.raw`Value 'invalid!' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`,
  ],
  [
    "a long qualifier",
    () => asFunction(FunctionName, "a".repeat(129)),
    400,
    "at 'qualifier' failed to satisfy constraint: Member must have length less than or equal to 128",
  ],
  ["both", () => asFunction("x!", "y!"), 400, "2 validation errors detected: Value 'y!' at 'qualifier'"],
  ["the URL of nobody", () => asUrl("nobody"), 404, GONE],
  ["the URL of a function without one", () => asUrl(FunctionName), 404, GONE],
  [
    "the URL of a version",
    () => asUrl(FunctionName, "1"),
    400,
    String.raw`Value '1' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)`,
  ],
  ["the policy of nobody", () => asPolicy("nobody"), 404, GONE],
  ["the policy of a function without one", () => asPolicy(FunctionName), 404, GONE],
])("%s is refused", async (...[, ask, httpStatusCode, message]) => {
  const error: unknown = await ask().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ $metadata: { httpStatusCode } });
  expect((error as Error).message).toContain(message);
});

function weights(AdditionalVersionWeights: Readonly<Record<string, number>>): object {
  return { RoutingConfig: { AdditionalVersionWeights } };
}
