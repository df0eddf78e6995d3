import { appendFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { RequestRow } from "../../local/server/wire.ts";
import { runCli, startProcess, type Ready } from "../support/started-process.ts";

let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "wrist-agent-"));
});

afterEach(async () => {
  await rm(data, { recursive: true });
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

describe("npm start as a process", () => {
  test("what happened before a kill -9 is there after a restart, and a torn line does no harm", async () => {
    const first = await startProcess(data);
    expect(first.ready).toMatchObject({
      stage: "development",
      stacks: ["WristAgent-development", "WristAgentMonitoring-development", "WristAgentBilling"],
    });
    expect(await ask(first.ready, "the rear hub is fine")).toBe(200);
    await first.end("SIGKILL");
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

  test("two systems with different data directories run side by side, one cannot start twice", async () => {
    const other = await mkdtemp(join(tmpdir(), "wrist-agent-"));
    const [one, two] = [await startProcess(data), await startProcess(other)];
    expect(one.ready.token).not.toBe(two.ready.token);
    const again = await runCli("start", "--data", data, "--port", "0", "--url-port", "0", "--aws-port", "0");
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/--data/);
    expect((await runCli("ask", "dentist friday at two", "--mode", "event", "--data", other)).out).toContain(
      "Dentist",
    );
    await Promise.all([one.end("SIGTERM"), two.end("SIGTERM")]);
    await rm(other, { recursive: true });
  });

  test("a port in use is named with its option", async () => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as AddressInfo;
    const args = ["--port", "0", "--url-port", String(port), "--aws-port", "0", "--data", data];
    const { code, err } = await runCli("start", ...args);
    holder.close();
    expect(code).toBe(1);
    expect(err).toContain(String(port));
    expect(err).toContain("--url-port");
    expect(err).toContain(`process ${process.pid}`);
    expect(err).not.toContain("    at ");
  });

  test("an unknown stage is answered with the list of stages", async () => {
    const { code, err } = await runCli("start", "--stage", "prod", "--data", data);
    expect(code).toBe(1);
    expect(err).toMatch(/development.*staging.*production/);
    expect(err).not.toContain("    at ");
  });
});
