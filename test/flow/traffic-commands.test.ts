import { spawn } from "node:child_process";
import { once as onceEvent } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WatchPorts } from "../../bin/cli/watch.ts";
import { alarmsCommand } from "../../bin/commands/alarms.ts";
import { logsCommand } from "../../bin/commands/logs.ts";
import { metricsCommand } from "../../bin/commands/metrics.ts";
import { tailCommand } from "../../bin/commands/tail.ts";
import { textWidth } from "../../bin/cli/table.ts";
import { functionBundle } from "../../lib/bundles.ts";
import { denied, EXPIRED, type FaultOf, THROTTLED } from "../support/faulty-aws.ts";
import { type Operated, OperatedStage } from "../support/operated-stage.ts";
import { signInBefore } from "../support/stage-behind-aws.ts";
import { PROJECT } from "../support/synthesise.ts";

const START_MS = Date.parse("2026-11-23T17:00:20Z");
const DEPLOYED = ["--aws", "--stage", "production"];

let stage: OperatedStage;

beforeAll(async () => {
  stage = await OperatedStage.build(START_MS);
  await stage.ask("water the fern", "reminder");
  await stage.pass(3);
  stage.system.setFault({ kind: "throttle", rate: 1 });
  await stage.ask("dentist friday at two", "event");
  stage.system.setFault({ kind: "off", rate: 1 });
  await stage.ask("a thought", "note");
  await stage.ask("no", "note", "wrong token");
  await stage.pass(1);
});

afterAll(() => stage.remove());

/** As a deployed stage, through a proxy that does what the test wants. */
const behind = (faultOf?: FaultOf) => signInBefore(stage, faultOf);

/** Time and a person who does something in each pause, and presses Ctrl-C when nothing is left to do. */
function pausesOf(...acts: readonly (() => unknown)[]): WatchPorts & { readonly pausesMs: number[] } {
  let stop = (): void => undefined;
  const pausesMs: number[] = [];
  return {
    pausesMs,
    now: () => stage.clock.now(),
    onInterrupt: (interrupt) => {
      stop = interrupt;
      return () => undefined;
    },
    wait: async (milliseconds, signal) => {
      pausesMs.push(milliseconds);
      const act = acts[pausesMs.length - 1];
      if (act === undefined) stop();
      else await act();
      signal.throwIfAborted();
    },
  };
}

const tail = (ports: WatchPorts, ...args: string[]): Promise<Operated> =>
  stage.operate((terminal) => tailCommand(terminal, ports), ...args);

const once = (...args: string[]): Promise<Operated> =>
  tail(pausesOf(), "--no-follow", "--since", "1d", ...args);

const outcomes = ({ out }: Operated): readonly string[] => out.map((line) => line.split(/ +/)[1] ?? "");

describe("tail", () => {
  test.each([[[]], [DEPLOYED]])(
    "prints what people asked, and not what the probe asked: %j",
    async (place) => {
      await behind();
      const printed = await once(...place);
      expect(printed.code).toBe(0);
      // Another test asks more, later.
      expect(outcomes(printed).slice(0, 4)).toEqual(["ok", "throttled", "ok", "unauthorized"]);
      expect(printed.out[1]).toMatch(/ throttled +429 +event +\d.* ThrottlingException /);
      expect(printed.out.join("\n")).not.toContain("\u001b");
    },
  );

  test.each([
    [
      ["--outcome", "throttled,unauthorized"],
      ["throttled", "unauthorized"],
    ],
    [["--mode", "reminder"], ["ok"]],
    [["--client", "nobody has it"], []],
    [["--outcome", "ok", "--mode", "event"], []],
  ])("%j", async (args, wanted) => {
    expect(outcomes(await once(...args))).toEqual(wanted);
  });

  test("--json prints the properties of each request, and --since leaves out what is older", async () => {
    const { out } = await once("--json", "--since", "2m");
    const requests = out.map((line) => JSON.parse(line) as { timeMs: number; line: Record<string, unknown> });
    expect(requests.map(({ line }) => line.outcome).slice(0, 3)).toEqual(["throttled", "ok", "unauthorized"]);
    expect(requests[1]?.line).toMatchObject({ httpStatus: 200, mode: "note", Failure: 0 });
    expect(requests[1]?.timeMs).toBeGreaterThan(stage.clock.now() - 120_000);
    expect(requests[1]?.line).not.toHaveProperty("_aws");
  });

  test("--probe prints the others too", async () => {
    const { out } = await once("--probe", "--json");
    expect(out.filter((line) => line.includes('"probe"')).length).toBeGreaterThan(2);
  });

  test("follows: each new request once, through throttling and a broken connection, until Ctrl-C", async () => {
    const { asked } = await behind((operation, nth) => {
      if (operation !== "FilterLogEvents") return undefined;
      // The SDK asks four times; the fifth call is the next poll.
      if (nth >= 2 && nth <= 5) return THROTTLED;
      return nth >= 6 && nth <= 9 ? { kind: "cut" } : undefined;
    });
    const ask = () => stage.ask("buy milk", "deepthink");
    const ports = pausesOf(ask, ask, ask, () => undefined);
    const { code, out, err } = await tail(ports, ...DEPLOYED, "--since", "1s", "--mode", "deepthink");
    expect(code).toBe(0);
    expect(out).toHaveLength(3);
    expect(new Set(out.map((line) => line.split(" ").at(-1))).size).toBe(3);
    expect(err[0]).toMatch(
      /Rate exceeded: AWS takes no more questions .*; asking again in 6 s, no line is lost$/,
    );
    expect(err[1]).toMatch(/the connection broke .*; asking again in 12 s/);
    expect(ports.pausesMs).toEqual([3_000, 6_000, 12_000, 3_000, 3_000]);
    expect(asked.filter((operation) => operation === "FilterLogEvents").length).toBeGreaterThan(9);
  });

  test("as a process it prints into a pipe without escape sequences, and Ctrl-C ends it with 0", async () => {
    const args = ["--conditions=source", "--import", "tsx", "bin/cli.ts", "tail", "--since", "5000w"];
    const child = spawn(process.execPath, [...args, "--data", stage.data], {
      cwd: PROJECT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const ended = onceEvent(child, "close");
    const written = { out: "", err: "" };
    child.stderr.on("data", (chunk: Buffer) => (written.err += chunk.toString()));
    child.stdout.on("data", (chunk: Buffer) => {
      written.out += chunk.toString();
      if (written.out.includes("unauthorized")) child.kill("SIGINT");
    });
    expect(await ended).toEqual([0, null]);
    expect(written.err).toBe("");
    expect(written.out).not.toContain("\u001b");
    expect(written.out.split("\n").filter((line) => line.includes("throttled"))).toHaveLength(1);
  });

  test("ends where credentials expire while it follows", async () => {
    await behind((operation, nth) => (operation === "FilterLogEvents" && nth > 1 ? EXPIRED : undefined));
    const { code, err } = await tail(
      pausesOf(() => undefined),
      ...DEPLOYED,
    );
    expect(code).toBe(1);
    expect(err[0]).toMatch(/^error: production in AWS: .*expired: sign in again with aws sso login$/);
  });

  test("names the permission that is missing, and on which group", async () => {
    await behind((operation) =>
      operation === "FilterLogEvents" ? denied("logs:FilterLogEvents", "arn:aws:logs:x") : undefined,
    );
    const { code, err } = await once(...DEPLOYED);
    expect(code).toBe(1);
    expect(err[0]).toContain(
      "these credentials lack logs:FilterLogEvents on log group /aws/lambda/wrist-agent-production (",
    );
  });

  test.each([
    [["--outcome", "fine"], /"fine" is no outcome: use ok, degraded/],
    [["--mode", "poem"], /"poem" is no mode: use note/],
    [["--since", "yesterday"], /give a time such as 90s, 30m, 2h/],
    [["--local", "--aws"], /cannot be used with/],
  ])("%j is wrong usage", async (args, message) => {
    const { code, err } = await once(...args);
    expect(code).toBe(2);
    expect(err.join("\n")).toMatch(message);
  });
});

const now = (): number => stage.clock.now();

/** The request of people that ended so first. */
function firstOf(outcome: string): { readonly id: string; readonly line: Readonly<Record<string, unknown>> } {
  const found = stage.system
    .requests(200)
    .filter(({ line }) => line.outcome === outcome && line.probe === undefined)
    .at(-1);
  return { id: found?.requestId ?? "", line: found?.line ?? {} };
}

describe("logs", () => {
  const logs = (...args: string[]): Promise<Operated> =>
    stage.operate((terminal) => logsCommand(terminal, now), ...args);

  test("prints everything about a request: its attempts, its metrics with their dimensions, its properties", async () => {
    const { id, line } = firstOf("throttled");
    const { code, out } = await logs(id);
    const text = out.join("\n");
    expect(code).toBe(0);
    expect(out[0]).toMatch(
      new RegExp(`^Request ${id}, \\S+ \\S+: throttled, ThrottlingException, event, 429, \\d`),
    );
    expect(text).toMatch(/WARN +model call failed outcome=throttled reason=ThrottlingException/);
    expect(line.attempts).toBe(3);
    expect(text).toMatch(/ {2}Failure +1 {2}Count +WristAgent service=wrist-agent-production\n/);
    expect(text).toMatch(/ {2}attempts +3\n/);
    expect(text).not.toMatch(/ {2}requestId /);
  });

  test("--json has the same, by the same calls against AWS", async () => {
    await behind();
    const { id, line } = firstOf("ok");
    const { out } = await logs(id, "--json", ...DEPLOYED);
    const story = JSON.parse(out[0] ?? "") as {
      readonly requestId: string;
      readonly timeMs: number;
      readonly metrics: readonly { readonly name: string; readonly value: number; readonly unit: string }[];
      readonly properties: Readonly<Record<string, unknown>>;
    };
    expect(story.requestId).toBe(id);
    expect(story.metrics.find(({ name }) => name === "CostUsd")).toMatchObject({
      value: line.CostUsd,
      unit: "None",
    });
    expect(story.metrics.find(({ name }) => name === "Latency")?.value).toBe(line.Latency);
    expect(story.properties).toMatchObject({ outcome: "ok", mode: "reminder", attempts: 1 });
    expect(story.properties).not.toHaveProperty("Failure");
  });

  test("takes the beginning of an id, as a terminal shows it", async () => {
    const { id } = firstOf("throttled");
    expect((await logs(id.slice(0, 8))).out[0]).toMatch(new RegExp(`^Request ${id}, .*: throttled`));
  });

  test("finds a request of the probe", async () => {
    const { id } = { id: stage.system.requests(200).find(({ line }) => line.probe === 1)?.requestId ?? "" };
    expect((await logs(id)).out.join("\n")).toMatch(/ {2}probe +1\n/);
  });

  test("names file and line of the source in a stack, and a build that nobody has a map of", async () => {
    const id = "8f5e1c0a-0000-4000-8000-000000000000";
    const bundle = functionBundle("agent").name;
    const at = [`at answer (/var/task/${bundle}:1:1)`, "at run (agent-00112233aabb.cjs:52:8892)"];
    const line = { level: "ERROR", message: "the agent failed", error: "TypeError", at, requestId: id };
    await behind((operation, nth) =>
      operation === "FilterLogEvents"
        ? { kind: "answer", body: { events: nth > 1 ? [] : [event(JSON.stringify(line))] } }
        : undefined,
    );
    const { out, err } = await logs(id, "--assembly", join(stage.directory, "cdk.out"), ...DEPLOYED);
    expect(out[0]).toBe(`Request ${id}: it wrote no line of its own, as one that crashed or ran out of time`);
    expect(out[3]).toMatch(/ERROR +the agent failed error=TypeError$/);
    expect(out[4]).toMatch(/^ +at answer \((\/var\/task\/agent-|node_modules\/|lambda\/)/);
    expect(err[0]).toMatch(/^agent-00112233aabb\.cjs: no source map here is of this build/);
  });

  const event = (message: string): object => ({
    eventId: "1",
    timestamp: START_MS,
    logStreamName: "s",
    message,
  });

  test("says how far it has looked where no line names the request", async () => {
    const { code, err } = await logs("00000000-0000-4000-8000-000000000000", "--since", "2h");
    expect(code).toBe(1);
    expect(err[0]).toMatch(/no line of the last 2 h names 00000000-.*: look further back with --since 30d/);
  });

  test("refuses what is no id", async () => {
    expect((await logs("no/id")).code).toBe(2);
  });

  test.each([60, 100])("fits %d columns", async (columns) => {
    const { out } = await stage.operate(
      (terminal) => logsCommand({ ...terminal, columns }, now),
      firstOf("throttled").id,
    );
    for (const line of out.slice(1)) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
  });
});

describe("metrics", () => {
  const metrics = (...args: string[]): Promise<Operated> =>
    stage.operate((terminal) => metricsCommand(terminal, now), ...args);

  interface MetricJson {
    readonly name: string;
    readonly alarm?: string;
    readonly threshold?: number;
    readonly periodSeconds: number;
    readonly points: readonly { readonly timeMs: number; readonly value: number }[];
  }

  async function json(...args: string[]): Promise<MetricJson> {
    const { out } = await metrics("--json", ...args);
    return JSON.parse(out[0] ?? "") as MetricJson;
  }

  test("draws a metric over time, and --json gives its points", async () => {
    const { points, periodSeconds } = await json("Failure", "--since", "1h", "--stat", "SampleCount");
    expect(periodSeconds).toBe(60);
    const people = stage.system.requests(200).filter(({ line }) => line.probe === undefined);
    expect(points.reduce((sum, { value }) => sum + value, 0)).toBe(people.length);
    const { code, out } = await metrics("Failure", "--since", "1h", "--stat", "SampleCount");
    expect(code).toBe(0);
    expect(out[0]).toBe("SampleCount of Failure, us-west-2, the last 60 min");
    expect(out.slice(2, 12).join("")).toMatch(/█/);
    expect(out.at(-1)).toMatch(/^a column is 60 s; the latest value is \d+ Count$/);
  });

  test("draws what an alarm sees, with its threshold, by key and by name", async () => {
    const byKey = await json("failing-now", "--since", "1h");
    expect(byKey).toMatchObject({
      alarm: "wrist-agent-production-failing-now",
      name: "wrist-agent-production-failing-now",
    });
    expect(byKey.threshold).toBeGreaterThan(0);
    expect(await json("wrist-agent-production-failing-now", "--since", "1h")).toEqual(byKey);
    const { out } = await metrics("failing-now", "--since", "1h");
    expect(out.slice(2, 12).join("")).toContain("╌");
    expect(out.at(-1)).toMatch(
      /^wrist-agent-production-failing-now is (OK|ALARM|INSUFFICIENT_DATA): .* periods of \d+ s$/,
    );
  });

  test("--probe draws the probe's", async () => {
    const { points } = await json("Failure", "--probe", "--since", "1h");
    expect(points.length).toBeGreaterThan(0);
    // People's failures of the same minutes are 1; a slow machine may cost the probe a try or two of its
    // seven.
    for (const { value } of points) expect(value).toBeLessThan(1);
  });

  test("a metric of Lambda that an alarm watches has the alarm's dimensions", async () => {
    const { name, points } = await json("Errors", "--since", "1h");
    expect(name).toMatch(/of Errors$/);
    expect(points.length).toBeGreaterThan(0);
  });

  test("the same against AWS, a day in as many columns as there are", async () => {
    await behind();
    const make = (columns: number) =>
      stage.operate(
        (terminal) => metricsCommand({ ...terminal, columns }, now),
        "Latency",
        "--since",
        "7d",
        ...DEPLOYED,
      );
    for (const columns of [50, 80]) {
      const { out } = await make(columns);
      for (const line of out) expect(textWidth(line), line).toBeLessThanOrEqual(columns);
    }
    expect((await make(80)).out.at(-1)).toMatch(/^a column is 3 h; the latest value is \S+ Milliseconds/);
  });

  test("says that nothing was measured", async () => {
    const { code, out } = await metrics("TokenAgeDays");
    expect([code, out.at(-1)]).toEqual([0, "nothing was measured in this time"]);
  });

  test("an unknown name lists those there are, with exit code 2", async () => {
    const { code, err } = await metrics("Lateness");
    expect(code).toBe(2);
    expect(err[0]).toMatch(
      /there is no metric or alarm "Lateness": metrics are Failure, .*; alarms are .*failing-now/,
    );
  });
});

describe("alarms", () => {
  const alarms = (ports: WatchPorts, ...args: string[]): Promise<Operated> =>
    stage.operate((terminal) => alarmsCommand(terminal, ports), ...args);

  test("the same alarms are listed here and in AWS, but those of the bill in their own Region", async () => {
    await behind();
    const namesIn = ({ out }: Operated) => out.map((line) => line.split(/ {2,}/)[1] ?? "").toSorted();
    const here = await alarms(pausesOf());
    const deployed = await alarms(pausesOf(), ...DEPLOYED);
    expect(deployed.code).toBe(0);
    expect(namesIn(deployed)).toEqual(namesIn(here));
    expect(namesIn(here)).toContain("wrist-agent-production-probe-failing");
    expect(deployed.out.find((line) => line.includes("probe-failing"))).toMatch(
      / {2}page +since \S+ \S+ {2}\S/,
    );
  });

  test("--json of a deployed stage has condition, topics and history", async () => {
    await behind();
    const { out } = await alarms(pausesOf(), "--json", ...DEPLOYED);
    const rows = JSON.parse(out.join("\n")) as readonly {
      readonly alarmName: string;
      readonly topics: readonly string[];
      readonly condition: string;
      readonly history: readonly { readonly timeMs: number; readonly summary: string }[];
    }[];
    const failing = rows.find(({ alarmName }) => alarmName === "wrist-agent-production-failing-now");
    expect(failing?.topics).toEqual(["wrist-agent-production-page"]);
    expect(failing?.condition).toMatch(/ >= \d+ for \d+ of \d+ periods of \d+ s$/);
    const changes = rows.flatMap(({ history }) => history);
    expect(changes.length).toBeGreaterThan(0);
    for (const { summary, timeMs } of changes) {
      expect(summary).toMatch(/^Alarm updated from \w+ to \w+$/);
      expect(timeMs).toBeGreaterThanOrEqual(START_MS);
    }
  });

  test("--watch draws again until Ctrl-C, here and in AWS", async () => {
    await behind();
    for (const place of [[], DEPLOYED]) {
      const ports = pausesOf(() => undefined);
      const { code, out } = await alarms(ports, "--watch", "--every", "5s", ...place);
      expect(code).toBe(0);
      expect(ports.pausesMs).toEqual([5_000, 5_000]);
      expect(out.filter((line) => line.includes("probe-failing"))).toHaveLength(2);
    }
  });

  test("names the permission that is missing", async () => {
    await behind((operation) =>
      operation === "DescribeAlarms" ? denied("cloudwatch:DescribeAlarms", "*") : undefined,
    );
    const { code, err } = await alarms(pausesOf(), ...DEPLOYED);
    expect(code).toBe(1);
    expect(err[0]).toMatch(
      /these credentials lack cloudwatch:DescribeAlarms on the alarms of WristAgent\S+ in /,
    );
  });
});
