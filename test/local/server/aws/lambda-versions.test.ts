import {
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  GetProvisionedConcurrencyConfigCommand,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
  paginateListVersionsByFunction,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FunctionVersions } from "../../../../local/function/function-versions.ts";
import type { DescribedFunction } from "../../../../local/server/aws/lambda-versions.ts";
import { lambdaEndpoint, type LambdaEndpoint } from "../../../support/lambda-endpoint.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:agent";
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
  } as unknown as DescribedFunction["definition"];
  const agent: DescribedFunction = {
    functionArn: ARN,
    definition,
    architecture: "arm64",
    book,
    codeSha256: () => "hash=",
  };
  const functions = {
    find: () => undefined,
    send: () => undefined,
    describe: (name: string) => ([FunctionName, ARN].includes(name) ? agent : undefined),
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
    });
    expect(await configuration("live")).toMatchObject({ Version: "1", FunctionArn: `${ARN}:1` });
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
    ).rejects.toMatchObject({ name: "ResourceNotFoundException", message: "Function not found: nobody" });
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
      { RoutingConfig: { AdditionalVersionWeights: { "1": 0.1 } } },
      "InvalidParameterValueException",
      /shifts no traffic by weights/,
    ],
    [{ Description: "x" }, "InvalidParameterValueException", /does not change Description/],
  ])("do not move by %j", async (changes, name, message) => {
    await expect(moveAlias(changes)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message) as string,
    });
    expect(await configuration("live")).toMatchObject({ Version: "1" });
  });

  test("have no provisioned concurrency here", async () => {
    await expect(
      client.send(new GetProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier: "live" })),
    ).rejects.toMatchObject({ name: "ProvisionedConcurrencyConfigNotFoundException" });
  });
});
