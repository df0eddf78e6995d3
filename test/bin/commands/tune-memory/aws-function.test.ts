import { afterEach, expect, test } from "vitest";
import { awsFunction, type AwsFunction } from "../../../../bin/commands/tune-memory/aws-function.ts";
import { AwsError } from "../../../../local/server/aws/service.ts";
import { lambdaEndpoint, type LambdaEndpoint } from "../../../support/lambda-endpoint.ts";

let endpoint: LambdaEndpoint;
let tuned: AwsFunction;

afterEach(async () => {
  tuned.close();
  await endpoint.stop();
});

/** A function whose API answers every question about it with one error. */
async function answering(error: AwsError): Promise<void> {
  const refuse = (): never => {
    throw error;
  };
  const account = { accountId: "123456789012", region: "eu-west-1" };
  const functions = { account, find: refuse, send: refuse, describe: refuse, list: refuse };
  endpoint = await lambdaEndpoint(functions, (bug) => {
    throw bug;
  });
  const client = {
    endpoint: endpoint.url,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  };
  const target = { stage: "staging", where: "staging in AWS", isLocal: false, client } as const;
  tuned = awsFunction(target, "wrist-agent-staging", () => Promise.resolve({}));
}

test.each<[string, (fn: AwsFunction) => Promise<unknown>]>([
  ["GetFunctionConfiguration", (fn) => fn.read("$LATEST")],
  ["UpdateFunctionConfiguration", (fn) => fn.configure({ memoryMb: 512, description: "" }, "r")],
  ["PublishVersion", (fn) => fn.publish("x")],
  ["ListVersionsByFunction", (fn) => fn.versions()],
  ["DeleteFunction", (fn) => fn.remove("2")],
  ["InvokeFunction", (fn) => fn.ask("2", new AbortController().signal)],
])("credentials that lack lambda:%s are told so", async (action, act) => {
  await answering(new AwsError("AccessDeniedException", "not authorized", 403));
  await expect(act(tuned)).rejects.toThrow(
    `staging in AWS: these credentials lack lambda:${action} (not authorized)`,
  );
});

test("a version that is gone already is removed, a change that came too late and a throttle are outcomes", async () => {
  await answering(new AwsError("ResourceNotFoundException", "Function not found", 404));
  await expect(tuned.remove("2")).resolves.toBeUndefined();
  await expect(tuned.read("2")).rejects.toThrow(/^staging in AWS has no function wrist-agent-staging/);
  tuned.close();
  await endpoint.stop();
  await answering(new AwsError("PreconditionFailedException", "late", 412));
  expect(await tuned.configure({ memoryMb: 512, description: "" }, "r")).toBe("changed meanwhile");
  tuned.close();
  await endpoint.stop();
  await answering(new AwsError("TooManyRequestsException", "Rate Exceeded.", 429));
  expect(await tuned.ask("2", new AbortController().signal)).toEqual({ kind: "throttled" });
});
