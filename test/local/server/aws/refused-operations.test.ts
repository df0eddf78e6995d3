import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as lambda from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CLOUDWATCH_SHAPES } from "../../../../local/server/aws/cloudwatch-shapes.ts";
import { REFUSED_CLOUDWATCH_OPERATIONS } from "../../../../local/server/aws/refused-operations.ts";
import { CLOUDWATCH_PROTOCOLS, type CloudWatchProtocol } from "../../../support/cloudwatch-protocols.ts";
import { startCloudWatch, type CloudWatchSystem } from "../../../support/cloudwatch-system.ts";
import { lambdaEndpoint, type LambdaEndpoint } from "../../../support/lambda-endpoint.ts";

let system: CloudWatchSystem;
let endpoint: LambdaEndpoint;

beforeEach(async () => {
  system = await startCloudWatch(Date.UTC(2026, 10, 23, 12));
  endpoint = await lambdaEndpoint(
    {
      find: () => undefined,
      send: () => undefined,
      account: { accountId: "123456789012", region: "eu-west-1" },
      describe: () => undefined,
      list: () => [],
    },
    (error) => {
      throw error;
    },
  );
});

afterEach(async () => {
  await Promise.all([system.stop(), endpoint.stop()]);
  expect(system.bugs).toEqual([]);
});

/** The operations that the service's own client knows. */
function operationsOf(sdk: object): readonly string[] {
  return Object.keys(sdk).flatMap((name) =>
    name.endsWith("Command") && !name.startsWith("$") ? [name.replace(/Command$/, "")] : [],
  );
}

test("every operation of CloudWatch's client is served or refused by name", () => {
  const operations = operationsOf(cloudwatch);
  expect(operations.length).toBeGreaterThan(50);
  expect(operations.filter((name) => !CLOUDWATCH_SHAPES.has(name))).toEqual([]);
});

test.each(Object.keys(CLOUDWATCH_PROTOCOLS) as CloudWatchProtocol[])(
  "an operation of CloudWatch that is refused says why, in %s",
  async (protocol) => {
    const commands = cloudwatch as unknown as Record<
      string,
      new (input: object) => cloudwatch.ListMetricsCommand
    >;
    const client = system.clientIn("us-west-2", protocol);
    for (const [name, why] of Object.entries(REFUSED_CLOUDWATCH_OPERATIONS)) {
      const Command = commands[`${name}Command`];
      if (Command === undefined) throw new Error(`the client knows no ${name}`);
      await expect(client.send(new Command({}))).rejects.toThrow(
        `${name} is not supported by the local runtime: ${why}`,
      );
    }
  },
);

const FUNCTION = { FunctionName: "rotation" };
const CODE = { ZipFile: Buffer.from("zip") };

test.each([
  ["CreateFunction", new lambda.CreateFunctionCommand({ ...FUNCTION, Role: "role", Code: CODE })],
  ["UpdateFunctionCode", new lambda.UpdateFunctionCodeCommand({ ...FUNCTION, ...CODE })],
  ["CreateAlias", new lambda.CreateAliasCommand({ ...FUNCTION, Name: "blue", FunctionVersion: "1" })],
  ["DeleteAlias", new lambda.DeleteAliasCommand({ ...FUNCTION, Name: "live" })],
  [
    "AddPermission",
    new lambda.AddPermissionCommand({ ...FUNCTION, StatementId: "s", Action: "a", Principal: "p" }),
  ],
  ["CreateEventSourceMapping", new lambda.CreateEventSourceMappingCommand(FUNCTION)],
  ["ListEventSourceMappings", new lambda.ListEventSourceMappingsCommand({})],
] as const)("Lambda's %s is refused by name", async (name, command) => {
  await expect(endpoint.client.send(command as lambda.ListFunctionsCommand)).rejects.toMatchObject({
    name: "InvalidParameterValueException",
    message: expect.stringContaining(`${name} is not supported by the local runtime`) as string,
    $metadata: { httpStatusCode: 400 },
  });
});
