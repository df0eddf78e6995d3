import { appendFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, test as base } from "vitest";
import type { RequestRow } from "../../local/server/wire.ts";
import { buildAssembly } from "../support/built-assembly.ts";
import {
  endLeftovers,
  runCli,
  startProcess,
  type Ready,
  type StartedProcess,
} from "../support/started-process.ts";

let built: string;

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), "wrist-agent-built-"));
  buildAssembly(built, {
    stage: "development",
    context: { alarmEmail: "on-call@wrist-agent.example", regions: "" },
  });
});

afterAll(async () => {
  endLeftovers();
  await rm(built, { recursive: true });
});

/** Each test has a data directory of its own: they run at once, as most of each is waiting for a process. */
const test = base.extend<{ readonly data: string }>({
  // oxlint-disable-next-line no-empty-pattern
  data: async ({}, use) => {
    const data = await mkdtemp(join(tmpdir(), "wrist-agent-"));
    await use(data);
    await rm(data, { recursive: true });
  },
});

async function ask(ready: Ready, text: string): Promise<number> {
  const response = await fetch(ready.functionUrl, {
    method: "POST",
    headers: { "content-type": "application/json", "x-client-token": ready.token },
    body: JSON.stringify({ text }),
  });
  await response.arrayBuffer();
  return response.status;
}

/** Without those of the probe, which asks at times of its own. */
async function requestsOf(ready: Ready): Promise<readonly RequestRow[]> {
  const response = await fetch(new URL("/api/requests", ready.page));
  return ((await response.json()) as RequestRow[]).filter(({ line }) => line.probe !== 1);
}

async function files(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/**
 * What is in each file of an assembly; the notes say which line made what, and each loader counts columns its
 * own way.
 */
async function contents(assembly: string): Promise<ReadonlyMap<string, string>> {
  const all = (await files(assembly)).map((file) => relative(assembly, file)).sort();
  const names = all.filter((name) => !name.endsWith(".metadata.json"));
  const texts = names.map(async (name) => [name, await readFile(join(assembly, name), "utf8")] as const);
  return new Map(await Promise.all(texts));
}

describe.concurrent("npm start as a process", () => {
  test("what happened before a kill -9 is there after a restart, and a torn line does no harm", async ({
    data,
    expect,
  }) => {
    const first = await startProcess(data);
    expect(first.ready).toMatchObject({
      stage: "development",
      stacks: ["WristAgent-development", "WristAgentMonitoring-development", "WristAgentBilling"],
    });
    expect(await ask(first.ready, "the rear hub is fine")).toBe(200);
    await first.end("SIGKILL");
    expect(await contents(join(data, "cdk.out"))).toEqual(await contents(built));
    const journal = (await files(data)).filter((file) => file.endsWith(".jsonl"));
    expect(journal).not.toEqual([]);
    for (const file of journal) await appendFile(file, '{"kind":"log","half');

    const second = await startProcess(data);
    expect(second.ready.token).toBe(first.ready.token);
    expect((await requestsOf(second.ready)).map(({ status }) => status)).toEqual([200]);
    expect(await ask(second.ready, "the chain is worn")).toBe(200);
    expect((await requestsOf(second.ready)).length).toBe(2);
    const { code, out } = await second.end("SIGINT");
    expect(code).toBe(0);
    expect(out.split("\n")).toHaveLength(1);
    await expect(fetch(second.ready.page)).rejects.toThrow();
  });

  test("two systems with different data directories run side by side, one cannot start twice", async ({
    data,
    expect,
  }) => {
    const other = await mkdtemp(join(tmpdir(), "wrist-agent-"));
    const started = [data, other].map((each) => startProcess(each, "--assembly", built));
    const [one, two] = (await Promise.all(started)) as [StartedProcess, StartedProcess];
    expect(one.ready.token).not.toBe(two.ready.token);
    const [again, asked] = await Promise.all([
      runCli("start", "--data", data, "--port", "0", "--url-port", "0", "--aws-port", "0"),
      runCli("ask", "dentist friday at two", "--mode", "event", "--data", other),
    ]);
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/--data/);
    expect(asked.out).toContain("Dentist");
    expect(two.ready).toMatchObject({ stage: "development", stacks: one.ready.stacks });
    // What runs is the assembly that was given: none is made.
    expect(await readdir(other)).not.toContain("cdk.out");
    await Promise.all([one.end("SIGTERM"), two.end("SIGTERM")]);
    await rm(other, { recursive: true });
  });

  test("a port in use is named with its option", async ({ data, expect }) => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as AddressInfo;
    const ports = ["--port", "0", "--url-port", String(port), "--aws-port", "0"];
    const { code, err } = await runCli("start", ...ports, "--data", data, "--assembly", built);
    holder.close();
    expect(code).toBe(1);
    expect(err).toContain(String(port));
    expect(err).toContain("--url-port");
    expect(err).toContain(`process ${process.pid}`);
    expect(err).not.toContain("    at ");
  });

  test("an unknown stage is answered with the list of stages", async ({ data, expect }) => {
    const { code, err } = await runCli("start", "--stage", "prod", "--data", data);
    expect(code).toBe(2);
    expect(err).toMatch(/development.*staging.*production/);
    expect(err).not.toContain("    at ");
  });
});
