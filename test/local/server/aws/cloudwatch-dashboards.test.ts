import {
  type CloudWatchClient,
  DeleteDashboardsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
  ListTagsForResourceCommand,
  PutDashboardCommand,
  type Tag,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startCloudWatch, type CloudWatchSystem } from "../../../support/cloudwatch-system.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const text = (properties: object = {}) => ({
  type: "text",
  x: 0,
  y: 0,
  width: 6,
  height: 2,
  properties: { markdown: "hello", ...properties },
});
const body = (...widgets: readonly object[]): string => JSON.stringify({ widgets });

let system: CloudWatchSystem;
let client: CloudWatchClient;

beforeEach(async () => {
  system = await startCloudWatch(NOW);
  client = system.client;
});

afterEach(async () => {
  await system.stop();
  expect(system.bugs).toEqual([]);
});

const put = (DashboardName: string, DashboardBody: string) =>
  client.send(new PutDashboardCommand({ DashboardName, DashboardBody }));

test("a dashboard that is put can be listed, read and deleted, in any Region", async () => {
  expect((await put("ops", body(text()))).DashboardValidationMessages).toEqual([]);
  await put("sales", body());
  const { DashboardEntries } = await system
    .clientIn("us-east-1")
    .send(new ListDashboardsCommand({ DashboardNamePrefix: "o" }));
  const DashboardArn = "arn:aws:cloudwatch::123456789012:dashboard/ops";
  expect(DashboardEntries).toEqual([
    { DashboardName: "ops", DashboardArn, LastModified: new Date(NOW), Size: body(text()).length },
  ]);
  const found = await client.send(new GetDashboardCommand({ DashboardName: "ops" }));
  expect(found).toMatchObject({ DashboardName: "ops", DashboardArn, DashboardBody: body(text()) });
  await client.send(new DeleteDashboardsCommand({ DashboardNames: ["ops"] }));
  await expect(client.send(new GetDashboardCommand({ DashboardName: "ops" }))).rejects.toMatchObject({
    message: "Dashboard ops does not exist",
    $metadata: { httpStatusCode: 404 },
  });
  expect(system.entries.map(({ kind }) => kind)).toEqual(["dashboard", "dashboard", "dashboard"]);
});

test("what CloudWatch warns of is named with its place, and the dashboard is stored", async () => {
  const { DashboardValidationMessages } = await put(
    "odd",
    body(text(), text({ colour: "red" }), { type: "map", properties: {} }),
  );
  expect(DashboardValidationMessages).toEqual([
    {
      DataPath: "/widgets/1/properties",
      Message: 'The "colour" property is not expected to be part of a widget definition, will be ignored',
    },
    {
      DataPath: "/widgets/2/type",
      Message:
        "The specified widget type is unknown. Use one of the allowed values: chart,custom,metric,service,text,log,alarm,explorer,timeline,serviceMap,serviceTable,trace",
    },
  ]);
  expect((await client.send(new ListDashboardsCommand({}))).DashboardEntries).toHaveLength(1);
});

test("what is known and only drawn differently is no fault of the body", async () => {
  const metric = {
    type: "metric",
    properties: { metrics: [["A", "B"]], region: "us-west-2", liveData: true },
  };
  expect((await put("live", body(metric))).DashboardValidationMessages).toEqual([]);
});

test("a refused body stores nothing, and the error names what is wrong", async () => {
  await put("board", body(text()));
  const refused = put("board", body({ type: "text", properties: {} }));
  await expect(refused).rejects.toMatchObject({
    name: "DashboardInvalidInputError",
    message:
      'The dashboard body is invalid, there are 1 validation errors:\n[\n  {\n    "dataPath": "/widgets/0/properties",\n    "message": "Should have required property \'markdown\'"\n  }\n]',
  });
  const { DashboardBody } = await client.send(new GetDashboardCommand({ DashboardName: "board" }));
  expect(DashboardBody).toBe(body(text()));
});

test("a body is kept without the white space between its parts", async () => {
  await put("board", ` { "widgets" : [\n] }\n`);
  const { DashboardBody } = await client.send(new GetDashboardCommand({ DashboardName: "board" }));
  expect(DashboardBody).toBe('{"widgets":[]}');
});

const CHARACTERS =
  "contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_).\n";
const LENGTH = "is too long. It must have length less than or equal to 255.\n";

test.each([
  ["a body that is empty", () => put("board", ""), "The parameter DashboardBody is required.\n"],
  ["a name with a space", () => put("my board", body()), `The value for field DashboardName ${CHARACTERS}`],
  ["a long name", () => put("x".repeat(256), body()), `The value for field DashboardName ${LENGTH}`],
  [
    "a prefix with a slash",
    () => client.send(new ListDashboardsCommand({ DashboardNamePrefix: "a/" })),
    `The value for field DashboardNamePrefix ${CHARACTERS}`,
  ],
  [
    "a name to delete with a slash",
    () => client.send(new DeleteDashboardsCommand({ DashboardNames: ["a", "a/"] })),
    `The value for field DashboardNames[1] ${CHARACTERS}`,
  ],
])("%s is an invalid parameter", async (_, send, message) => {
  await expect(send()).rejects.toMatchObject({ name: "InvalidParameterValueException", message });
  expect(system.entries).toEqual([]);
});

test("a token that no page gave is refused", async () => {
  const NextToken = "not-a-token";
  await expect(client.send(new ListDashboardsCommand({ NextToken }))).rejects.toMatchObject({
    name: "ValidationException",
    message: "Invalid NextToken",
  });
});

test("deleting deletes what is there and succeeds, also when a name comes twice", async () => {
  await put("ops", body());
  await client.send(new DeleteDashboardsCommand({ DashboardNames: ["none", "ops", "ops"] }));
  expect((await client.send(new ListDashboardsCommand({}))).DashboardEntries).toEqual([]);
  await client.send(new DeleteDashboardsCommand({ DashboardNames: ["ops"] }));
});

describe("tags", () => {
  const arn = (name: string) => `arn:aws:cloudwatch::123456789012:dashboard/${name}`;
  const tagsOf = async (ResourceARN: string) =>
    (await client.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags;
  const put = (Tags: Tag[]) =>
    client.send(new PutDashboardCommand({ DashboardName: "tagged", DashboardBody: '{"widgets":[]}', Tags }));

  test("of a dashboard are those of its making, and go with it", async () => {
    await put([{ Key: "team", Value: "wrist" }]);
    await put([{ Key: "team", Value: "ignored, as it is there already" }]);
    expect(await tagsOf(arn("tagged"))).toEqual([{ Key: "team", Value: "wrist" }]);
    await client.send(
      new TagResourceCommand({ ResourceARN: arn("tagged"), Tags: [{ Key: "team", Value: "watch" }] }),
    );
    expect(await tagsOf(arn("tagged"))).toEqual([{ Key: "team", Value: "watch" }]);
    expect(system.entries.at(-1)).toMatchObject({ kind: "tags", tags: { team: "watch" } });
    await client.send(new DeleteDashboardsCommand({ DashboardNames: ["tagged"] }));
    expect(await tagsOf(arn("tagged"))).toEqual([]);
  });

  test.each([
    [arn("none"), "ResourceNotFoundException"],
    ["arn:aws:cloudwatch:us-west-2:123456789012:alarm:none", "ResourceNotFoundException"],
    ["arn:aws:cloudwatch:eu-north-1:123456789012:alarm:none", "ResourceNotFoundException"],
    ["nonsense", "InvalidParameterValueException"],
  ])("are not put on %s", async (ResourceARN, name) => {
    const Tags = [{ Key: "a", Value: "b" }];
    await expect(client.send(new TagResourceCommand({ ResourceARN, Tags }))).rejects.toMatchObject({ name });
    await expect(
      client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ["a"] })),
    ).rejects.toMatchObject({ name });
  });
});
