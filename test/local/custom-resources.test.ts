import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { Runtime } from "../../local/runtime.ts";
import { functionResource, grownAssembly } from "../support/grown-assembly.ts";
import { startScriptedRuntime } from "../support/scripted-runtime.ts";

/** Makes the token parameter unless there is one, and answers CloudFormation as it is told to. */
const MAKER = `let asked = 0;
export async function handler(event) {
  asked += 1;
  const { RequestType, ResponseURL, PhysicalResourceId = "made", ResourceProperties, ...ids } = event;
  const { Mode, Value } = ResourceProperties;
  console.log("ASKED " + JSON.stringify({ RequestType, PhysicalResourceId, Old: event.OldResourceProperties?.Value }));
  if (Mode === "silent") return;
  if (Mode === "throw") throw new Error("as asked");
  await fetch(process.env.AWS_ENDPOINT_URL_SSM, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM.PutParameter" },
    body: JSON.stringify({ Name: "/tiny/token", Type: "SecureString", Value }),
  });
  const Status = Mode === "fail" ? "FAILED" : "SUCCESS";
  const body = JSON.stringify({ Status, Reason: "told to", PhysicalResourceId, ...ids });
  const answer = await fetch(ResponseURL, { method: "PUT", headers: { "content-type": "" }, body });
  if (!answer.ok) throw new Error("the answer was not taken: " + answer.status);
}`;

let directory: string;
let running: Runtime[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "custom-resources-"));
  running = [];
});
afterEach(async () => {
  for (const runtime of running) await runtime.stop();
  await rm(directory, { recursive: true });
});

async function start(properties: object, serviceToken: unknown = { "Fn::GetAtt": ["Maker", "Arn"] }) {
  const assemblyDirectory = await grownAssembly(join(directory, "cdk.out"), {
    resources: {
      Maker: functionResource("maker"),
      Token: {
        Type: "Custom::TinyToken",
        Properties: { ServiceToken: serviceToken, Count: 3, ...properties },
      },
    },
    assets: { maker: MAKER },
  });
  const runtime = await startScriptedRuntime({
    assemblyDirectory,
    dataDirectory: join(directory, "data"),
    clock: new ManualClock(Date.UTC(2026, 10, 23)),
  });
  running.push(runtime);
  return runtime;
}

/** What the function was asked, by its own log. */
async function asked(): Promise<readonly unknown[]> {
  const journal = await readFile(join(directory, "data", "development", "journal.jsonl"), "utf8");
  return [...journal.matchAll(/ASKED (\{.*?\})"/g)].map(
    ([, text = ""]) => JSON.parse(text.replaceAll(String.raw`\"`, '"')) as unknown,
  );
}

describe("a custom resource", () => {
  test("is made at the first start, updated when it changed, and else left alone", async () => {
    const first = await start({ Value: "made-here" });
    expect(first.token).toBe("made-here");
    expect(first.notices.join("\n")).not.toMatch(/custom resource|Custom::/);
    await first.stop();
    await (await start({ Value: "made-here" })).stop();
    const third = await start({ Value: "other" });
    expect(third.token).toBe("made-here");
    expect(await asked()).toEqual([
      { RequestType: "Create", PhysicalResourceId: "made" },
      { RequestType: "Update", PhysicalResourceId: "made", Old: "made-here" },
    ]);
  });

  test.each([
    ["fail", /custom resource Tiny:Token was not made: told to/],
    ["silent", /Tiny:Token was not made: its function ended without an answer$/m],
    ["throw", /Tiny:Token was not made: its function ended without an answer: as asked/],
  ])("whose function is told to %s is named, and asked for again", async (Mode, notice) => {
    const runtime = await start({ Mode, Value: "t" });
    expect(runtime.notices.join("\n")).toMatch(notice);
    expect(runtime.overview().notices.join("\n")).toMatch(notice);
    expect(runtime.token).not.toBe("");
    await runtime.stop();
    const { token, notices } = await start({ Value: "t" });
    expect(token).toBe(runtime.token);
    expect(notices.join("\n")).not.toMatch(/was not made/);
    expect(await asked()).toMatchObject([{ RequestType: "Create" }, { RequestType: "Create" }]);
  });

  test("whose function does not run here is named, and the runtime makes the token itself", async () => {
    const runtime = await start({}, "arn:aws:lambda:eu-west-1:123456789012:function:nobody");
    expect(runtime.notices.join("\n")).toMatch(
      /Tiny:Token was not made: its function .*nobody does not run here/,
    );
    expect(Buffer.from(runtime.token, "base64")).toHaveLength(32);
  });

  test("takes no answer that nobody waits for, and none that says nothing", async () => {
    const { addresses } = await start({ Value: "t" });
    const put = (body: string) =>
      fetch(`${addresses.awsEndpoint}/custom-resource-answers/1`, { method: "PUT", body });
    expect((await put('{"Status":"SUCCESS"}')).status).toBe(403);
    expect((await put("{}")).status).toBe(400);
  });
});
