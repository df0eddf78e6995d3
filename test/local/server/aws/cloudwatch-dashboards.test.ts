import {
  type CloudWatchClient,
  DeleteDashboardsCommand,
  GetDashboardCommand,
  ListDashboardsCommand,
  PutDashboardCommand,
} from "@aws-sdk/client-cloudwatch";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startCloudWatch, type CloudWatchSystem } from "../../../support/cloudwatch-system.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const text = (properties: object = {}) => ({
  ...{ type: "text", x: 0, y: 0, width: 6, height: 2 },
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

test("members that nobody knows are named with their place, and the dashboard is stored", async () => {
  const { DashboardValidationMessages } = await put(
    "odd",
    body(text(), text({ colour: "red" }), { type: "map", properties: {} }),
  );
  expect(DashboardValidationMessages).toEqual([
    { DataPath: "/widgets/1", Message: 'unknown member "colour"' },
    { DataPath: "/widgets/2", Message: 'widgets of type "map" are not drawn' },
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

test.each([
  ["no JSON", "{", "must be a valid JSON object"],
  ["a list", "[]", "must be a valid JSON object"],
  ["no widgets", "{}", "required property 'widgets'"],
  ["a widget that is no object", '{"widgets":[1]}', "/widgets/0"],
])("a body that is %s is refused", async (...[, bad, message]) => {
  await expect(put("bad", bad)).rejects.toMatchObject({
    name: expect.stringMatching(/^(DashboardInvalidInputError|InvalidParameterInput)$/) as string,
    message: expect.stringContaining(message) as string,
  });
  expect(system.entries).toEqual([]);
});

test("a name with other characters than AWS allows is refused", async () => {
  await expect(put("my board", body())).rejects.toThrow(/can only contain alphanumerics/);
});

test("deleting a dashboard that is not there deletes none", async () => {
  await put("ops", body());
  await expect(client.send(new DeleteDashboardsCommand({ DashboardNames: ["ops", "none"] }))).rejects.toThrow(
    "Dashboard none does not exist",
  );
  expect((await client.send(new ListDashboardsCommand({}))).DashboardEntries).toHaveLength(1);
});
