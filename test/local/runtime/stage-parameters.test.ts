import { cp, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import type { Runtime } from "../../../local/runtime.ts";
import { grownAssembly } from "../../support/grown-assembly.ts";
import { localAws, startScriptedRuntime } from "../../support/scripted-runtime.ts";

const TOKEN = "/tiny/token";

let directory: string;
let running: { stop(): Promise<void> }[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parameters-"));
  running = [];
});
afterEach(async () => {
  for (const one of running.toReversed()) await one.stop();
  await rm(directory, { recursive: true });
});

/** The tiny system with a parameter of the templates. */
async function start(data: string, breaker = "closed"): Promise<Runtime> {
  const assemblyDirectory = await grownAssembly(join(directory, "cdk.out"), {
    resources: {
      Breaker: {
        Type: "AWS::SSM::Parameter",
        Properties: { Name: "/tiny/config/breaker", Type: "String", Value: breaker },
      },
    },
  });
  const runtime = await startScriptedRuntime({
    assemblyDirectory,
    dataDirectory: join(directory, data),
    clock: new ManualClock(Date.UTC(2026, 10, 23)),
  });
  running.push(runtime);
  return runtime;
}

function clientOf(runtime: Runtime): SSMClient {
  const client = new SSMClient(localAws(runtime, "eu-west-1"));
  running.push({
    stop: () => {
      client.destroy();
      return Promise.resolve();
    },
  });
  return client;
}

async function valueOf(ssm: SSMClient, Name: string): Promise<unknown> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
  return [Parameter?.Value, Parameter?.Version];
}

describe("parameters", () => {
  test("are put, overwritten and deleted as AWS does it", async () => {
    const ssm = clientOf(await start("data"));
    const put = { Name: "/tiny/config/model-id", Value: "a", Type: "String" } as const;
    expect(await ssm.send(new PutParameterCommand(put))).toMatchObject({ Version: 1, Tier: "Standard" });
    await expect(ssm.send(new PutParameterCommand({ ...put, Value: "b" }))).rejects.toMatchObject({
      name: "ParameterAlreadyExists",
    });
    const again = { Name: put.Name, Value: "b", Overwrite: true };
    expect(await ssm.send(new PutParameterCommand(again))).toMatchObject({ Version: 2 });
    expect(await valueOf(ssm, put.Name)).toEqual(["b", 2]);
    await ssm.send(new DeleteParameterCommand({ Name: put.Name }));
    const gone = { name: "ParameterNotFound" };
    await expect(ssm.send(new GetParameterCommand({ Name: put.Name }))).rejects.toMatchObject(gone);
    await expect(ssm.send(new DeleteParameterCommand({ Name: put.Name }))).rejects.toMatchObject(gone);
  });

  test("are listed below their path, a page at a time", async () => {
    const ssm = clientOf(await start("data"));
    for (const name of ["a", "b", "deep/c"])
      await ssm.send(new PutParameterCommand({ Name: `/tiny/list/${name}`, Value: name, Type: "String" }));
    const list = async (input: object) => {
      const page = await ssm.send(new GetParametersByPathCommand({ Path: "/tiny/list", ...input }));
      return [page.Parameters?.map(({ Value }) => Value).join(), page.NextToken];
    };
    expect(await list({})).toEqual(["a,b", undefined]);
    expect(await list({ Recursive: true })).toEqual(["a,b,deep/c", undefined]);
    expect(await list({ Recursive: true, MaxResults: 2 })).toEqual(["a,b", "2"]);
    expect(await list({ Recursive: true, MaxResults: 2, NextToken: "2" })).toEqual(["deep/c", undefined]);
    expect(await list({ Path: "/" })).toEqual(["", undefined]);
  });

  test("of the templates are there, keep what the API changed, and follow a changed template", async () => {
    const name = "/tiny/config/breaker";
    const first = await start("data");
    expect(await valueOf(clientOf(first), name)).toEqual(["closed", 1]);
    await clientOf(first).send(new PutParameterCommand({ Name: name, Value: "open", Overwrite: true }));
    await first.stop();
    const second = await start("data");
    expect(await valueOf(clientOf(second), name)).toEqual(["open", 2]);
    await second.stop();
    expect(await valueOf(clientOf(await start("data", "half")), name)).toEqual(["half", 3]);
  });

  test.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["an object without parameters", "{}"],
  ])("in a file that is %s are made again, and the file is kept beside", async (_name, content) => {
    const before = await start("data");
    const { token } = before;
    await before.stop();
    const file = join(directory, "data", "parameters.json");
    await writeFile(file, content);
    const after = await start("data");
    expect(after.notices).toContain(
      `${file}: the file could not be read and can be found in ${file}.unreadable now`,
    );
    expect(await readFile(`${file}.unreadable`, "utf8")).toBe(content);
    expect(await valueOf(clientOf(after), "/tiny/config/breaker")).toEqual(["closed", 1]);
    expect(after.token).toBe(token);
  });

  test("of which one is none lose no other", async () => {
    const before = await start("data");
    await clientOf(before).send(new PutParameterCommand({ Name: "/own", Value: "1", Type: "String" }));
    await before.stop();
    const file = join(directory, "data", "parameters.json");
    const { parameters } = JSON.parse(await readFile(file, "utf8")) as { parameters: object[] };
    await writeFile(file, JSON.stringify({ parameters: [...parameters, { name: "/half" }] }));
    const after = await start("data");
    expect(after.notices).toContain(
      `${file}: 1 parameter(s) could not be read and can be found in ${file}.unreadable now`,
    );
    expect(await valueOf(clientOf(after), "/own")).toEqual(["1", 1]);
  });
});

describe("the token's parameter", () => {
  const rotated = JSON.stringify({ current: "new-token", previous: "old-token" });

  test("that is rotated is the token of file and system, also after kill -9", async () => {
    const runtime = await start("data");
    const data = join(directory, "data");
    expect(await readFile(join(data, "token"), "utf8")).toBe(`${runtime.token}\n`);
    await clientOf(runtime).send(new PutParameterCommand({ Name: TOKEN, Value: rotated, Overwrite: true }));
    expect(runtime.token).toBe("new-token");
    expect(await readFile(join(data, "token"), "utf8")).toBe("new-token\n");
    const copy = join(directory, "copy");
    for (const kept of ["development", "token", "parameters.json"])
      await cp(join(data, kept), join(copy, kept), { recursive: true });
    const after = await start("copy");
    expect(after.token).toBe("new-token");
    expect(await valueOf(clientOf(after), TOKEN)).toEqual([rotated, 2]);
  });

  test("stands in clear in files of the owner alone, and in no journal", async () => {
    const runtime = await start("data");
    await clientOf(runtime).send(new PutParameterCommand({ Name: TOKEN, Value: rotated, Overwrite: true }));
    for (const file of ["token", "parameters.json"])
      expect((await stat(join(directory, "data", file))).mode & 0o777).toBe(0o600);
    const journal = await readFile(join(directory, "data", "development", "journal.jsonl"), "utf8");
    expect(journal).not.toMatch(/new-token|old-token/);
  });

  test("takes up a token file from before there was a parameter", async () => {
    const runtime = await start("data");
    await runtime.stop();
    await rm(join(directory, "data", "parameters.json"));
    await writeFile(join(directory, "data", "token"), "mine\n");
    expect((await start("data")).token).toBe("mine");
  });

  test("that is deleted lets nobody in, and is made again at the next start", async () => {
    const runtime = await start("data");
    const { token } = runtime;
    await clientOf(runtime).send(new DeleteParameterCommand({ Name: TOKEN }));
    expect(runtime.token).toBe("");
    await runtime.stop();
    expect((await start("data")).token).not.toBe(token);
  });
});
