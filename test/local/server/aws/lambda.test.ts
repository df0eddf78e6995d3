import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { InvokeCommand, type InvokeCommandInput } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Invocation, InvocationNames } from "../../../../local/function/lambda-function.ts";
import type { FunctionsPort, Invocable } from "../../../../local/server/aws/lambda.ts";
import { isInstalled } from "../../../support/installed.ts";
import { lambdaEndpoint, type LambdaEndpoint } from "../../../support/lambda-endpoint.ts";

const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:rotation";
const FAILED: Invocation = {
  kind: "error",
  error: { errorType: "Error", errorMessage: "as asked", trace: [] },
};

let endpoint: LambdaEndpoint;
let heard: unknown[];
let end: Invocation | undefined;

beforeEach(async () => {
  [heard, end] = [[], undefined];
  const lambda = {
    definition: { version: "7" },
    invoke: (event: unknown, { onLogLine: hear }: InvocationNames) => {
      heard.push(event);
      hear?.(`START ${"x".repeat(4096)}`);
      hear?.("REPORT all of it");
      return Promise.resolve(end ?? { kind: "result", payload: JSON.stringify({ event }) });
    },
  } as unknown as Invocable;
  const port: FunctionsPort = {
    find: ({ name, qualifier }) =>
      ["rotation", ARN].includes(name) && [undefined, "live"].includes(qualifier) ? lambda : undefined,
    send: (found, event, requestId) => void found.invoke({ sent: event }, { requestId }),
    account: { accountId: "123456789012", region: "eu-west-1" },
    describe: () => undefined,
    list: () => [],
  };
  endpoint = await lambdaEndpoint(port, (error) => heard.push(error));
});
afterEach(() => endpoint.stop());

const invoke = (changes: Partial<InvokeCommandInput> = {}) =>
  endpoint.client.send(new InvokeCommand({ FunctionName: "rotation", Payload: '{"n":1}', ...changes }));

describe("Invoke", () => {
  test("answers the function's result, and which version ran", async () => {
    const answer = await invoke({ FunctionName: ARN, Qualifier: "live" });
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: "7" });
    expect(answer.FunctionError).toBeUndefined();
    expect(answer.Payload?.transformToString()).toBe('{"event":{"n":1}}');
  });

  test("without a payload gives the function an empty object", async () => {
    await endpoint.client.send(new InvokeCommand({ FunctionName: "rotation" }));
    expect(heard).toEqual([{}]);
  });

  test("says that the function failed, and how", async () => {
    end = FAILED;
    const answer = await invoke();
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
    expect(JSON.parse(answer.Payload?.transformToString() ?? "")).toMatchObject({ errorMessage: "as asked" });
  });

  test("answers the last 4 KB of the invocation's log to whoever asks for them", async () => {
    const { LogResult } = await invoke({ LogType: "Tail" });
    const tail = Buffer.from(LogResult ?? "", "base64").toString();
    expect(tail).toHaveLength(4096);
    expect(tail).toMatch(/^x+\nREPORT all of it\n$/);
    expect((await invoke()).LogResult).toBeUndefined();
  });

  test("takes an event that nobody waits for, and asks whether it could", async () => {
    expect(await invoke({ InvocationType: "DryRun" })).toMatchObject({ StatusCode: 204 });
    expect(await invoke({ InvocationType: "Event" })).toMatchObject({ StatusCode: 202 });
    expect(heard).toEqual([{ sent: { n: 1 } }]);
  });

  test.each<[string, Partial<InvokeCommandInput>, string]>([
    ["a function that nobody has", { FunctionName: "nobody" }, "ResourceNotFoundException"],
    ["an alias that nobody has", { Qualifier: "green" }, "ResourceNotFoundException"],
    ["a payload that is no JSON", { Payload: "{" }, "InvalidRequestContentException"],
    [
      "too large an event",
      { InvocationType: "Event", Payload: JSON.stringify("x".repeat(1_048_576)) },
      "RequestTooLargeException",
    ],
  ])("of %s is refused", async (_name, changes, name) => {
    await expect(invoke(changes)).rejects.toMatchObject({ name });
  });

  test("of a throttled function says so", async () => {
    end = { kind: "throttled" };
    await expect(invoke()).rejects.toMatchObject({ name: "TooManyRequestsException" });
  });

  test.skipIf(!isInstalled("aws"))(
    "works through the AWS CLI (skipped where it is not installed)",
    async () => {
      const directory = await mkdtemp(join(tmpdir(), "lambda-"));
      const file = join(directory, "out.json");
      const command = ["lambda", "invoke", "--function-name", "rotation", file];
      await promisify(execFile)("aws", ["--endpoint-url", endpoint.url, ...command], {
        env: {
          ...process.env,
          AWS_ACCESS_KEY_ID: "local",
          AWS_SECRET_ACCESS_KEY: "local",
          AWS_DEFAULT_REGION: "eu-west-1",
        },
      });
      expect(await readFile(file, "utf8")).toBe('{"event":{}}');
      await rm(directory, { recursive: true });
    },
  );
});

test.each([
  ["PutLifecycleEventHookExecutionStatus", "InvalidDeploymentStatusException"],
  ["ListDeployments", "ApplicationDoesNotExistException"],
])("%s of CodeDeploy is refused by name", async (operation, code) => {
  const response = await fetch(endpoint.url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `CodeDeploy_20141006.${operation}`,
    },
    body: "{}",
  });
  expect(response.status).toBe(400);
  const { __type, message } = (await response.json()) as Record<string, string>;
  expect(__type).toBe(code);
  expect(message).toMatch(/does not emulate CodeDeploy/);
});
