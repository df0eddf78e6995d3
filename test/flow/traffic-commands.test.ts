import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { WatchPorts } from "../../bin/cli/watch.ts";
import { tailCommand } from "../../bin/commands/tail.ts";
import { buildAssembly } from "../support/built-assembly.ts";
import {
  denied,
  EXPIRED,
  type FaultOf,
  faultyAws,
  type FaultyAws,
  THROTTLED,
} from "../support/faulty-aws.ts";
import { type Operated, OperatedStage, signInTo } from "../support/operated-stage.ts";

const START_MS = Date.parse("2026-11-23T17:00:20Z");
const DEPLOYED = ["--aws", "--stage", "production"];

let directory: string;
let stage: OperatedStage;
let aws: FaultyAws | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "traffic-"));
  buildAssembly(join(directory, "cdk.out"), {
    stage: "production",
    context: { alarmEmail: "on-call@example.com" },
  });
  stage = await OperatedStage.start(directory, { stage: "production", startMs: START_MS, name: "data" });
  await stage.ask("water the fern", "reminder");
  await stage.pass(3);
  stage.system.setFault({ kind: "throttle", rate: 1 });
  await stage.ask("dentist friday at two", "event");
  stage.system.setFault({ kind: "off", rate: 1 });
  await stage.ask("a thought", "note");
  await stage.ask("no", "note", "wrong token");
  await stage.pass(1);
}, 120_000);

afterEach(async () => {
  vi.unstubAllEnvs();
  await aws?.stop();
  aws = undefined;
});

afterAll(async () => {
  await stage.stop();
  await rm(directory, { recursive: true });
});

/** As a deployed stage, through a proxy that does what the test wants. */
async function behind(faultOf: FaultOf): Promise<FaultyAws> {
  aws = await faultyAws(stage.system.addresses.awsEndpoint, faultOf);
  signInTo(aws.url);
  return aws;
}

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
      await behind(() => undefined);
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
