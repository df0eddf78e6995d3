import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { emulatedOf } from "../../../local/assembly/emulated.ts";
import { loadAssembly } from "cw-alarm-test/cloud-assembly";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { InvocationRecord, LogEvent } from "../../../local/function/function-records.ts";
import { Functions } from "../../../local/lambda/functions.ts";
import { withLocalAddress } from "../../../local/runtime/plan.ts";
import { functionResource, grownAssembly } from "../../support/grown-assembly.ts";

const HANDLER = `export const handler = async (event, context) => {
  console.log("heard");
  return { event, who: process.env.WHO, version: context.functionVersion, arn: context.invokedFunctionArn };
};`;
const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:second";

let directory: string;
let functions: Functions;
let logs: LogEvent[];
let invocations: InvocationRecord[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "functions-"));
  const assembly = await grownAssembly(join(directory, "cdk.out"), {
    resources: {
      Second: functionResource("second", { Environment: { Variables: { WHO: "second" } } }),
      SecondVersion: { Type: "AWS::Lambda::Version", Properties: { FunctionName: "second" } },
      SecondBlue: {
        Type: "AWS::Lambda::Alias",
        Properties: { Name: "blue", FunctionName: "second", FunctionVersion: "1" },
      },
      Inline: {
        Type: "AWS::Lambda::Function",
        Properties: { Runtime: "nodejs24.x", Handler: "index.handler", Code: { ZipFile: "x" } },
      },
    },
    assets: { second: HANDLER },
  });
  const emulated = emulatedOf(await loadAssembly(assembly));
  expect(emulated.notices.join("\n")).toMatch(/Resources\.Inline has no code in this assembly/);
  [logs, invocations] = [[], []];
  functions = new Functions(emulated.functions, {
    clock: new ManualClock(Date.UTC(2026, 10, 23)),
    records: { log: (event) => logs.push(event), invocation: (record) => invocations.push(record) },
  });
  functions.useEnvironment(({ environment }) => environment);
});
afterEach(async () => {
  await functions.stop();
  await rm(directory, { recursive: true });
});

describe("the account's concurrency", () => {
  test("is shared by functions without one of their own, and throttles what is beyond", async () => {
    const account = { count: 0, limit: 2 };
    const { functions: sources } = emulatedOf(await loadAssembly(join(directory, "cdk.out")));
    const bounded = new Functions(sources, {
      clock: new ManualClock(Date.UTC(2026, 10, 23)),
      records: { log: (event) => logs.push(event), invocation: (record) => invocations.push(record) },
      account,
    });
    bounded.useEnvironment(({ environment }) => environment);
    const ask = (qualifier: string) =>
      bounded.find({ name: ARN, qualifier })?.invoke({}, { requestId: qualifier });
    const ends = await Promise.all([ask("1"), ask("blue"), ask("1")]);
    expect(ends.map((end) => end?.kind)).toEqual(["result", "result", "throttled"]);
    expect(account.count).toBe(0);
    expect((await ask("1"))?.kind).toBe("result");
    await bounded.stop();
  });
});

describe("the functions of the templates", () => {
  test("run side by side, each with its own environment and log group", async () => {
    const lambda = functions.find({ name: "second" });
    const run = await lambda?.invoke({ n: 1 }, { requestId: "r" });
    expect(run).toEqual({
      kind: "result",
      payload: JSON.stringify({ event: { n: 1 }, who: "second", version: "$LATEST", arn: ARN }),
    });
    expect(new Set(logs.map(({ logGroupName }) => logGroupName))).toEqual(new Set(["/aws/lambda/second"]));
    expect(invocations).toMatchObject([{ functionName: "second", qualifier: "$LATEST" }]);
  });

  test("run the version behind an alias", async () => {
    const run = await functions.find({ name: `${ARN}:blue` })?.invoke({}, { requestId: "r" });
    expect(run).toMatchObject({
      payload: expect.stringContaining(`"version":"1","arn":"${ARN}:blue"`) as string,
    });
  });

  test("run another version once the alias has moved, in the memory that it was published with", async () => {
    const { book } = functions.findWithVersions({ name: "second" }) ?? expect.fail("not kept");
    const before = functions.find({ name: "second:blue" });
    await before?.invoke({}, { requestId: "r" });
    book.configure({ memoryMb: 512 });
    book.publish();
    expect(functions.find({ name: "second:blue" })).toBe(before);
    book.moveAlias("blue", "2");
    const after = functions.find({ name: "second:blue" });
    expect(after?.definition).toMatchObject({ qualifier: "blue", version: "2", memoryMb: 512 });
    expect(await after?.invoke({}, { requestId: "r" })).toMatchObject({
      payload: expect.stringContaining(`"version":"2","arn":"${ARN}:blue"`) as string,
    });
    book.remove("1");
    expect(functions.find({ name: "second", qualifier: "1" })).toBeUndefined();
  });

  test("run two versions of a divided alias side by side, and one again once it is whole", async () => {
    const { functions: sources } = emulatedOf(await loadAssembly(join(directory, "cdk.out")));
    const draws = [0.05, 0.5, 0.05, 0.5];
    const divided = new Functions(sources, {
      clock: new ManualClock(Date.UTC(2026, 10, 23)),
      records: { log: () => true, invocation: (record) => invocations.push(record) },
      random: () => draws.shift() ?? 0.99,
    });
    divided.useEnvironment(({ environment }) => environment);
    const { book } = divided.findWithVersions({ name: "second" }) ?? expect.fail("not kept");
    book.configure({ memoryMb: 512 });
    book.publish();
    book.moveAlias("blue", "1", { "2": 0.1 });
    const asked = [1, 2, 3, 4].map(() => divided.find({ name: "second:blue" }));
    expect(asked.map((lambda) => lambda?.definition.version)).toEqual(["2", "1", "2", "1"]);
    // Both stay warm while the shift lasts.
    expect(asked[0]).toBe(asked[2]);
    await asked[0]?.invoke({}, { requestId: "r" });
    expect(invocations.at(-1)).toMatchObject({ qualifier: "blue", executedVersion: "2" });
    book.moveAlias("blue", "2");
    expect(divided.find({ name: "second:blue" })).toBe(asked[0]);
    await divided.stop();
  });

  test("finish what they do when their version is exchanged", async () => {
    const { book } = functions.findWithVersions({ name: "second" }) ?? expect.fail("not kept");
    const underWay = functions.find({ name: "second" })?.invoke({ n: 1 }, { requestId: "r" });
    book.configure({ memoryMb: 512 });
    expect(functions.find({ name: "second" })?.definition.memoryMb).toBe(512);
    expect(await underWay).toMatchObject({ kind: "result" });
  });

  test.each([
    [{ name: "second" }, "$LATEST"],
    [{ name: "second:blue" }, "blue"],
    [{ name: "second", qualifier: "1" }, "1"],
    [{ name: "123456789012:function:second:blue" }, "blue"],
    [{ name: ARN }, "$LATEST"],
    [{ name: `${ARN}:$LATEST` }, "$LATEST"],
    [{ name: "third" }, undefined],
    [{ name: "second:green" }, undefined],
    [{ name: ARN.replace("eu-west-1", "us-east-1") }, undefined],
    [{ name: ARN.replace("123456789012", "210987654321") }, undefined],
    [{ name: "not a name" }, undefined],
  ])("%j is found as %s", (target, qualifier) => {
    expect(functions.find(target)?.definition.qualifier).toBe(qualifier);
  });
});

test("an address of the templates leads here, with and without what follows it", () => {
  const address = { template: "https://x.lambda-url.eu-west-1.on.aws/", local: "http://127.0.0.1:7701/" };
  expect(withLocalAddress('{"url":"https://x.lambda-url.eu-west-1.on.aws/ask"}', address)).toBe(
    '{"url":"http://127.0.0.1:7701/ask"}',
  );
});
