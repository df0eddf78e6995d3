import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  type GetParameterHistoryCommandInput,
  GetParametersByPathCommand,
  type GetParametersByPathCommandInput,
  GetParametersCommand,
  type ParameterStringFilter,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Parameters, ParameterStore } from "../../../../local/parameter-store.ts";
import { startAwsEndpoint } from "../../../../local/server/aws/aws-endpoint.ts";
import type { AwsError } from "../../../../local/server/aws/service.ts";
import { putParameter, ssmService } from "../../../../local/server/aws/ssm.ts";
import type { RunningServer } from "../../../../local/server/function-url-server.ts";

const EMPTY: Parameters = {
  find: () => undefined,
  list: () => [],
  versions: () => [],
  put: (parameter) => ({ ...parameter, version: 1, modifiedMs: 0 }),
  delete: () => false,
};
const INPUT = { Name: "/tiny/x", Value: "x", Type: "String" };

test("a parameter is put with its name, type and value", () => {
  expect(putParameter(EMPTY, "eu-west-1", INPUT)).toMatchObject({
    region: "eu-west-1",
    name: "/tiny/x",
    type: "String",
    value: "x",
  });
});

test.each<[string, object, RegExp]>([
  ["no type", { Type: undefined }, /type is required/],
  [
    "a reserved beginning",
    { Name: "AWS-x" },
    /can't be prefixed with "aws" or "ssm" \(case-insensitive\)\.$/,
  ],
  ["a path that begins so", { Name: "/ssm/x" }, /can't be prefixed with "ssm"/],
  ["an empty sub-path", { Name: "/tiny//x" }, /sub-paths/],
  ["no name", { Name: undefined }, /'name' failed/],
  ["a path without its first slash", { Name: "tiny/x" }, /^Parameter name must be a fully qualified name\.$/],
  ["a space in its name", { Name: "/tiny/a b" }, /sub-paths/],
  ["no value", { Value: "" }, /'value' failed/],
  ["too long a value", { Value: "x".repeat(4097) }, /maximum parameter value of 4096/],
  ["too long a description", { Description: "x".repeat(1025) }, /'description' failed/],
  ["tags", { Tags: [] }, /keeps no Tags/],
  ["another tier", { Tier: "Advanced" }, /no tier "Advanced"/],
  ["another data type", { DataType: "aws:ec2:image" }, /no data type "aws:ec2:image"/],
])("a parameter with %s is refused", (_name, changes, message) => {
  const refused = (): unknown => putParameter(EMPTY, "eu-west-1", { ...INPUT, ...changes });
  expect(refused).toThrow(message);
  expect(refused).toThrow(expect.objectContaining({ code: "ValidationException" }) as AwsError);
});

test.each([
  [{ Name: "/aws/x" }, "AccessDeniedException", "No access to reserved parameter name: /aws/x."],
  [{ Name: "/a".repeat(16) }, "HierarchyLevelLimitExceededException", "maximum of 15 levels"],
])("a parameter with %j is refused with a code of its own", (changes, code, message) => {
  const refused = (): unknown => putParameter(EMPTY, "eu-west-1", { ...INPUT, ...changes });
  expect(refused).toThrow(message);
  expect(refused).toThrow(expect.objectContaining({ code }) as AwsError);
});

describe("the API", () => {
  let directory: string;
  let server: RunningServer;
  let client: SSMClient;
  let nowMs = Date.UTC(2026, 10, 23, 9);
  const account = { accountId: "123456789012", region: "eu-west-1" };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "ssm-"));
    const store = new ParameterStore(join(directory, "parameters.json"), () => (nowMs += 1000));
    server = await startAwsEndpoint(
      { services: [ssmService(store, account)], bug: (error) => void expect.fail(String(error)) },
      { port: 0, option: "--aws-port" },
    );
    client = new SSMClient({
      endpoint: server.url,
      region: "eu-west-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
      maxAttempts: 1,
    });
  });
  afterEach(async () => {
    client.destroy();
    await server.stop();
    await rm(directory, { recursive: true });
  });

  const put = (Name: string, changes: Partial<PutParameterCommandInput> = {}) =>
    client.send(new PutParameterCommand({ Name, Value: "123", Type: "String", ...changes }));
  const get = async (Name: string) => (await client.send(new GetParameterCommand({ Name }))).Parameter;
  const describeNames = async (ParameterFilters?: ParameterStringFilter[]) => {
    const input = ParameterFilters === undefined ? {} : { ParameterFilters };
    const { Parameters } = await client.send(new DescribeParametersCommand(input));
    return Parameters?.map(({ Name }) => Name);
  };

  test("a name at the root is one with and without its slash, and is shown as it was asked for", async () => {
    await put("param");
    expect(await get("param")).toMatchObject({ Name: "param", Value: "123" });
    expect(await get("/param")).toMatchObject({
      Name: "/param",
      Value: "123",
      ARN: "arn:aws:ssm:eu-west-1:123456789012:parameter/param",
    });
    expect(await get("arn:aws:ssm:eu-west-1:123456789012:parameter/param")).toMatchObject({ Name: "param" });
    await expect(put("/param")).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
    expect(await put("/param", { Overwrite: true, Value: "4" })).toMatchObject({ Version: 2 });
    expect(await get("param:2")).toMatchObject({ Name: "param", Value: "4", Selector: ":2" });
    expect(await get("param:1")).toMatchObject({ Name: "param", Value: "123", Selector: ":1" });
    await expect(get("param:3")).rejects.toMatchObject({ name: "ParameterVersionNotFound" });
    expect(await describeNames()).toEqual(["param"]);
  });

  // Recorded from AWS by LocalStack, tests/aws/services/ssm/test_ssm.py, and quoted in its issue 7712.
  test.each(["/a//b//c", "a/b/c", "{test}-test", "/a/", "ssm-x"])("the name %s is refused", async (name) => {
    const rules =
      /^Parameter name: can't be prefixed with "ssm" \(case-insensitive\)\. If formed as a path, .* 3 symbols \.-_$/;
    const refusal = { name: "ValidationException", message: expect.stringMatching(rules) as string };
    await expect(get(name)).rejects.toMatchObject(refusal);
    await expect(client.send(new GetParametersCommand({ Names: ["x", name] }))).rejects.toMatchObject(
      refusal,
    );
  });

  test("names that come twice in one call are refused", async () => {
    const refusal = { name: "ValidationException", message: "Duplicate parameter name in the request: /x" };
    await expect(client.send(new GetParametersCommand({ Names: ["x", "/x"] }))).rejects.toMatchObject(
      refusal,
    );
  });

  const history = (changes: Partial<GetParameterHistoryCommandInput> = {}) =>
    client.send(new GetParameterHistoryCommand({ Name: "/a/token", ...changes }));

  test("the history of a parameter has every version with its value, oldest first", async () => {
    await put("/a/token", { Type: "SecureString", KeyId: "alias/mine", Value: "one", Description: "old" });
    await put("/a/token", { Overwrite: true, Value: "two", Description: "new" });
    await put("/a/token", { Overwrite: true, Value: "three" });
    const { Parameters = [], NextToken } = await history({ WithDecryption: true });
    expect(NextToken).toBeUndefined();
    expect(Parameters).toMatchObject([
      { Version: 1, Value: "one", Description: "old", Type: "SecureString", KeyId: "alias/mine", Labels: [] },
      { Version: 2, Value: "two", Description: "new", Type: "String", Tier: "Standard", Policies: [] },
      { Version: 3, Value: "three", Description: "new", Name: "/a/token", DataType: "text" },
    ]);
    const times = Parameters.map(({ LastModifiedDate }) => LastModifiedDate?.getTime() ?? 0);
    expect(times).toEqual([times[0], (times[0] ?? 0) + 1000, (times[0] ?? 0) + 2000]);
    expect((await history()).Parameters?.map(({ Value }) => Value)).toEqual([
      expect.not.stringContaining("one") as string,
      "two",
      "three",
    ]);
  });

  test("history comes in pages, is kept over a restart, and goes with its parameter", async () => {
    await put("/a/token");
    for (let version = 2; version <= 103; version += 1)
      await put("/a/token", { Overwrite: true, Value: String(version) });
    const versionsOf = async (changes: Partial<GetParameterHistoryCommandInput>) => {
      const { Parameters = [], NextToken } = await history(changes);
      return [Parameters.length, Parameters[0]?.Version, Parameters.at(-1)?.Version, NextToken];
    };
    expect(await versionsOf({})).toEqual([50, 4, 53, "50"]);
    expect(await versionsOf({ NextToken: "50" })).toEqual([50, 54, 103, undefined]);
    await expect(history({ MaxResults: 51 })).rejects.toThrow(/less than or equal to 50/);
    const again = new ParameterStore(join(directory, "parameters.json"), () => nowMs);
    expect(again.versions("eu-west-1", "/a/token")).toHaveLength(100);
    await client.send(new DeleteParametersCommand({ Names: ["/a/token"] }));
    await expect(history()).rejects.toMatchObject({ name: "ParameterNotFound" });
    await put("/a/token");
    expect(await versionsOf({})).toEqual([1, 1, 1, undefined]);
  });

  test("several are deleted at once, and those that nobody has are named", async () => {
    await put("x");
    await put("/y/z");
    const answer = await client.send(new DeleteParametersCommand({ Names: ["/x", "/y/z", "none"] }));
    expect(answer).toMatchObject({ DeletedParameters: ["/x", "/y/z"], InvalidParameters: ["none"] });
    expect(await describeNames()).toEqual([]);
  });

  test("parameters are described without their values", async () => {
    await put("/a/secret", { Type: "SecureString", Description: "the token" });
    await put("/a/own", { Type: "SecureString", KeyId: "alias/mine" });
    await put("/a/own", { Value: "4", Overwrite: true });
    const { Parameters = [] } = await client.send(new DescribeParametersCommand({}));
    expect(Parameters).toMatchObject([
      { Name: "/a/own", Type: "String", Version: 2 },
      {
        Name: "/a/secret",
        ARN: "arn:aws:ssm:eu-west-1:123456789012:parameter/a/secret",
        Type: "SecureString",
        KeyId: "alias/aws/ssm",
        Description: "the token",
        Version: 1,
        Tier: "Standard",
        Policies: [],
        DataType: "text",
        LastModifiedUser: "arn:aws:iam::123456789012:root",
      },
    ]);
    expect(JSON.stringify(Parameters)).not.toContain('123"');
  });

  test.each<[ParameterStringFilter[], string[]]>([
    [[{ Key: "Path", Values: ["/a"] }], ["/a/list", "/a/secret"]],
    [[{ Key: "Path", Option: "Recursive", Values: ["/a"] }], ["/a/b/c", "/a/list", "/a/secret"]],
    [[{ Key: "Path", Values: ["/"] }], ["root"]],
    [[{ Key: "Name", Values: ["/root"] }], ["root"]],
    [[{ Key: "Name", Option: "BeginsWith", Values: ["/a/"] }], ["/a/b/c", "/a/list", "/a/secret"]],
    [[{ Key: "Name", Option: "Contains", Values: ["b"] }], ["/a/b/c"]],
    [[{ Key: "Type", Values: ["StringList", "SecureString"] }], ["/a/list", "/a/secret"]],
    [[{ Key: "KeyId", Values: ["alias/aws/ssm"] }], ["/a/secret"]],
    [[{ Key: "Tier", Values: ["Advanced"] }], []],
    [
      [
        { Key: "DataType", Values: ["text"] },
        { Key: "Type", Values: ["StringList"] },
      ],
      ["/a/list"],
    ],
  ])("the filters %j find their parameters", async (filters, names) => {
    await put("root");
    await put("/a/b/c");
    await put("/a/list", { Type: "StringList" });
    await put("/a/secret", { Type: "SecureString" });
    expect(await describeNames(filters)).toEqual(names);
  });

  test.each<[ParameterStringFilter, string, RegExp]>([
    [
      { Key: "Label", Values: ["x"] },
      "InvalidFilterKey",
      /filter key is not valid: Label\. Valid filter keys include: \[Path, Name, Type,/,
    ],
    [
      { Key: "Type", Option: "Contains", Values: ["x"] },
      "InvalidFilterOption",
      /not valid: Contains\. Valid options include: \[Equals, BeginsWith\]/,
    ],
    [{ Key: "Name", Values: [] }, "InvalidFilterValue", /values are missing : null for filter key Name/],
    [{ Key: "Path", Values: ["a"] }, "ValidationException", /must begin with a forward slash/],
  ])("the filter %j is refused", async (filter, name, message) => {
    await put("x");
    await expect(describeNames([filter])).rejects.toMatchObject({ name });
    await expect(describeNames([filter])).rejects.toThrow(message);
  });

  test("a hierarchy is read level by level and page by page", async () => {
    for (const name of ["/a/1", "/a/2", "/a/3/4", "/ab/1", "root"]) await put(name);
    await put("/a/5", { Type: "StringList" });
    const names = async (changes: Partial<GetParametersByPathCommandInput>) => {
      const { Parameters, NextToken } = await client.send(
        new GetParametersByPathCommand({ Path: "/a", ...changes }),
      );
      return [Parameters?.map(({ Name }) => Name).join(" "), NextToken];
    };
    expect(await names({})).toEqual(["/a/1 /a/2 /a/5", undefined]);
    expect(await names({ Path: "/a/", Recursive: true, MaxResults: 2 })).toEqual(["/a/1 /a/2", "2"]);
    expect(await names({ Recursive: true, MaxResults: 2, NextToken: "2" })).toEqual([
      "/a/3/4 /a/5",
      undefined,
    ]);
    expect(await names({ Path: "/" })).toEqual(["root", undefined]);
    expect(await names({ ParameterFilters: [{ Key: "Type", Values: ["StringList"] }] })).toEqual([
      "/a/5",
      undefined,
    ]);
    await expect(names({ Path: "a" })).rejects.toThrow(/must begin with a forward slash/);
    await expect(names({ MaxResults: 11 })).rejects.toThrow(/less than or equal to 10/);
    await expect(names({ NextToken: "x" })).rejects.toMatchObject({ name: "InvalidNextToken" });
  });
});
