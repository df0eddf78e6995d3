import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { readRunning } from "../../local/journal/data-directory.ts";
import type { Runtime } from "../../local/runtime.ts";
import type { RuntimeOptions } from "../../local/runtime/runtime-options.ts";
import { startScriptedRuntime } from "../support/scripted-runtime.ts";
import { TINY_ASSEMBLY } from "../support/grown-assembly.ts";

const MINUTE = 60_000;

let directory: string;
let clock: ManualClock;
let running: Runtime[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "runtime-"));
  clock = new ManualClock(Date.UTC(2026, 10, 23, 9, 0, 30));
  running = [];
});
afterEach(async () => {
  for (const runtime of running) await runtime.stop();
  await rm(directory, { recursive: true });
});

async function start(changes: Partial<RuntimeOptions> = {}): Promise<Runtime> {
  const runtime = await startScriptedRuntime({
    assemblyDirectory: TINY_ASSEMBLY,
    dataDirectory: join(directory, "data"),
    clock,
    requestColumns: [{ field: "mode", label: "mode" }],
    ...changes,
  });
  running.push(runtime);
  return runtime;
}

async function ask(runtime: Runtime, path: string): Promise<number> {
  const response = await fetch(new URL(path, runtime.addresses.functionUrl), { method: "POST" });
  await response.arrayBuffer();
  return response.status;
}

/** The clock, and how many of its tasks nobody has cancelled. */
function watchedClock() {
  const running = new Set<object>();
  const every: RuntimeOptions["clock"]["every"] = (periodMs, task) => {
    const entry = {};
    running.add(entry);
    const cancel = clock.every(periodMs, task);
    return () => {
      running.delete(entry);
      cancel();
    };
  };
  return { clock: { now: () => clock.now(), every }, running: () => running.size };
}

const stateOf = (runtime: Runtime) => runtime.alarms().map(({ state }) => state);
const subjects = (runtime: Runtime) => runtime.mails().map(({ subject }) => subject);

describe("the running system", () => {
  test("goes from a failed request to the alarm mail, and back to OK", async () => {
    const runtime = await start();
    expect(stateOf(runtime)).toEqual(["INSUFFICIENT_DATA"]);
    expect(await ask(runtime, "/fine")).toBe(200);
    await clock.advance(2 * MINUTE);
    expect(stateOf(runtime)).toEqual(["OK"]);
    expect(await ask(runtime, "/fail")).toBe(503);
    await clock.advance(2 * MINUTE);
    expect(stateOf(runtime)).toEqual(["ALARM"]);
    const [mail] = runtime.mails();
    expect(mail).toMatchObject({
      from: "AWS Notifications <no-reply@sns.amazonaws.com>",
      to: "on-call@example.com",
      subject: 'ALARM: "tiny-failing" in EU (Ireland)',
      topicArn: "arn:aws:sns:eu-west-1:123456789012:tiny-alarms",
      alarmName: "tiny-failing",
    });
    expect(mail?.body).toContain("- State Change:               OK -> ALARM");
    expect(mail?.body).toContain("unsubscribe");
    await clock.advance(10 * MINUTE);
    expect(stateOf(runtime)).toEqual(["OK"]);
    expect(subjects(runtime)).toEqual([
      'OK: "tiny-failing" in EU (Ireland)',
      'ALARM: "tiny-failing" in EU (Ireland)',
      'OK: "tiny-failing" in EU (Ireland)',
      "AWS Notification - Subscription Confirmation",
    ]);
    expect(runtime.alarms()[0]).toMatchObject({ topics: ["tiny-alarms"] });
    expect(runtime.alarms()[0]?.history.map(({ summary }) => summary)).toContain(
      "Alarm updated from OK to ALARM",
    );
  });

  test("shows requests with their EMF line, and the metrics of function and URL", async () => {
    const runtime = await start();
    await ask(runtime, "/fine?x=1");
    await ask(runtime, "/crash");
    const [crash, fine] = runtime.requests();
    expect(crash).toMatchObject({ path: "/crash", status: 502, coldStart: false, line: {} });
    expect(fine).toMatchObject({
      method: "POST",
      path: "/fine",
      status: 200,
      coldStart: true,
      line: { mode: "note", Failure: 0, service: "tiny" },
    });
    expect(runtime.metricsSeen()).toEqual({
      Tiny: ["Failure"],
      "AWS/Lambda": [
        "Invocations",
        "Errors",
        "Duration",
        "Throttles",
        "ConcurrentExecutions",
        "UrlRequestCount",
        "Url4xxCount",
        "Url5xxCount",
        "UrlRequestLatency",
      ],
    });
  });

  test("draws the dashboard, and describes itself", async () => {
    const runtime = await start();
    await ask(runtime, "/fail");
    await clock.advance(2 * MINUTE);
    const [widget, logs] = (await runtime.dashboard({ name: "tiny", rangeSeconds: 600 }))?.widgets ?? [];
    const lines = logs?.type === "log" ? logs.rows.map((row) => row["@message"] ?? "") : [];
    expect(lines.filter((line) => line.includes('"_aws"'))).toHaveLength(1);
    expect(lines.join("\n")).toContain("platform.start");
    const values = widget?.type === "metric" ? (widget.series[0]?.values ?? []) : [];
    expect(values.filter((value) => value !== null)).toEqual([1]);
    expect(await runtime.dashboard({ name: "other", rangeSeconds: 600 })).toBeUndefined();
    expect(runtime.overview()).toMatchObject({
      stage: "development",
      region: "eu-west-1",
      model: "scripted",
      fault: { kind: "off" },
      functionUrl: runtime.addresses.functionUrl,
      tokenCommand: `cat '${join(directory, "data", "token")}'`,
      dashboards: ["tiny"],
    });
    expect(runtime.notices.join("\n")).toMatch(/nested assembly Elsewhere is not read/);
    expect(runtime.notices.join("\n")).toMatch(/subscriptions with protocol sms are not emulated/);
    expect(runtime.notices.join("\n")).toMatch(/alarm tiny-misspelt does nothing here: .*SUMM/);
    const page = await fetch(new URL("/api/overview", runtime.addresses.page));
    expect(await page.json()).toMatchObject({ stage: "development", dashboards: ["tiny"] });
  });

  test("gives its token through SSM under the name that the function's environment holds", async () => {
    const runtime = await start();
    const response = await fetch(runtime.addresses.awsEndpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AmazonSSM.GetParameter",
      },
      body: JSON.stringify({ Name: "/tiny/token", WithDecryption: true }),
    });
    expect(await response.json()).toMatchObject({ Parameter: { Value: runtime.token } });
  });
});

describe("after kill -9", () => {
  test("requests, metrics, alarm states, mails and the fault are still there", async () => {
    const before = await start();
    await ask(before, "/fail");
    before.setFault({ kind: "throttle", rate: 0.5 });
    await clock.advance(2 * MINUTE);
    expect(stateOf(before)).toEqual(["ALARM"]);
    const copy = join(directory, "copy");
    await mkdir(join(copy, "development"), { recursive: true });
    const journal = join("development", "journal.jsonl");
    const bytes = await readFile(join(directory, "data", journal));
    await writeFile(join(copy, journal), Buffer.concat([bytes, Buffer.from('{"kind":"mai')]));
    await cp(join(directory, "data", "token"), join(copy, "token"));
    const after = await start({ dataDirectory: copy });
    expect(after.requests()).toEqual(before.requests());
    expect(after.mails()).toEqual(before.mails());
    expect(after.alarms()).toEqual(before.alarms());
    expect(after.metricsSeen()).toEqual(before.metricsSeen());
    expect(after.token).toBe(before.token);
    expect(after.overview().fault).toEqual({ kind: "throttle", rate: 0.5 });
    const mails = subjects(after).length;
    await clock.advance(MINUTE);
    expect(subjects(after).filter((subject) => subject.startsWith("ALARM")).length).toBe(1);
    expect(subjects(after).length).toBeGreaterThanOrEqual(mails);
  });

  test("two stages of one data directory do not mix", async () => {
    const first = await start();
    await ask(first, "/fine");
    await first.stop();
    const second = await start({ stage: "staging" });
    expect(second.requests()).toEqual([]);
    expect(second.token).toBe(first.token);
    await second.stop();
    expect((await start()).requests()).toHaveLength(1);
  });
});

describe("starting and stopping", () => {
  test("announces itself when ready, and leaves nothing behind", async () => {
    const runtime = await start();
    const data = join(directory, "data");
    expect(await readRunning(data)).toEqual({
      pid: process.pid,
      ...runtime.addresses,
      stage: "development",
    });
    await Promise.all([runtime.stop(), runtime.stop()]);
    expect((await readdir(data)).sort()).toEqual(["development", "parameters.json", "token"]);
    await expect(fetch(runtime.addresses.page)).rejects.toThrow();
    await expect(fetch(runtime.addresses.functionUrl)).rejects.toThrow();
    await expect(fetch(runtime.addresses.awsEndpoint)).rejects.toThrow();
  });

  test.each(["page", "url", "aws"] as const)(
    "a %s port in use stops what had started, and names the option",
    async (which) => {
      const holder = createServer().listen(0, "127.0.0.1");
      await new Promise((listening) => holder.once("listening", listening));
      const { port } = holder.address() as AddressInfo;
      const ports = { page: 0, url: 0, aws: 0, [which]: port };
      const option = which === "page" ? "--port" : `--${which}-port`;
      const watched = watchedClock();
      await expect(start({ ports, clock: watched.clock })).rejects.toThrow(option);
      // A timer that is left would keep the process alive.
      expect(watched.running()).toBe(0);
      holder.close();
      await (await start({ ports: { page: 0, url: 0, aws: 0 } })).stop();
    },
  );

  test("an abort during the start stops what had started", async () => {
    const abort = new AbortController();
    const starting = start({ signal: abort.signal });
    abort.abort(new Error("stopped by the user"));
    await expect(starting).rejects.toThrow("stopped by the user");
    await (await start()).stop();
  });

  test("a held data directory, a missing assembly and a strange stage are refused by name", async () => {
    await start();
    await expect(start()).rejects.toThrow(/held by process \d+, page http.* --data/);
    const elsewhere = { dataDirectory: join(directory, "other") };
    await expect(start({ ...elsewhere, assemblyDirectory: directory })).rejects.toThrow(/synthesise/);
    await expect(start({ ...elsewhere, stage: "../x" })).rejects.toThrow(/cannot name a directory/);
  });
});
