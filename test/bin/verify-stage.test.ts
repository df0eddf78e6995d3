import { describe, expect, test } from "vitest";
import type { BacktestResult } from "cw-alarm-test/backtest/replay-metrics";
import { CHECKS, difference } from "../aws/verify/checks.ts";
import { type Check, runChecks, until, type Verification } from "../aws/verify/verification.ts";

/** A verification of a system here or in AWS, on a clock that waiting moves. */
function verification(isLocal: boolean): Verification {
  let nowMs = 0;
  const nothing = () => Promise.reject(new Error("not asked in this test"));
  return {
    stage: "verify-ann",
    region: "us-west-2",
    isLocal,
    context: [],
    place: [],
    cli: nothing,
    cdk: nothing,
    connect: nothing,
    folder: "/nowhere",
    wait: (milliseconds) => {
      nowMs += milliseconds;
      return Promise.resolve();
    },
    now: () => nowMs,
    patienceMs: 60_000,
    kept: { startedMs: 0, asked: 0 },
  };
}

const passes = (id: string, more: Partial<Check> = {}): Check => ({
  id,
  what: `do ${id}`,
  run: () => Promise.resolve(`did ${id}`),
  ...more,
});
const FAILS: Check = { id: "fails", what: "fail", run: () => Promise.reject(new Error("no such alarm")) };

describe("checks of a stage", () => {
  test("are done in order, and said", async () => {
    const said: string[] = [];
    const results = await runChecks([passes("one"), passes("two")], verification(true), (line) =>
      said.push(line),
    );
    expect(results).toEqual([
      { id: "one", state: "passed", found: "did one", seconds: 0 },
      { id: "two", state: "passed", found: "did two", seconds: 0 },
    ]);
    expect(said).toEqual([
      "1 of 2: do one",
      "    passed: did one (0 s)",
      "2 of 2: do two",
      "    passed: did two (0 s)",
    ]);
  });

  test("after one that failed are not run, but for those that clean up", async () => {
    const checks = [FAILS, passes("next"), passes("destroy", { always: true })];
    const results = await runChecks(checks, verification(false), () => undefined);
    expect(results.map(({ id, state, found }) => `${id} ${state}: ${found}`)).toEqual([
      "fails failed: no such alarm",
      "next not run: an earlier check failed",
      "destroy passed: did destroy",
    ]);
  });

  test("that deploy and destroy are left out for a system that runs here", async () => {
    const ids = (isLocal: boolean) =>
      runChecks(
        CHECKS.map((check) => ({ ...check, run: () => Promise.resolve("") })),
        verification(isLocal),
        () => undefined,
      ).then((results) => results.map(({ id }) => id).join(" "));
    expect(await ids(true)).toBe("modes metrics alarm rotate rollback compare");
    expect(await ids(false)).toBe("deploy modes metrics alarm rotate rollback compare destroy");
  });

  test("wait for what comes late, and no longer than they may", async () => {
    const work = verification(true);
    let looks = 0;
    const found = await until(work, "nothing came", () =>
      Promise.resolve((looks += 1) === 4 ? "there" : undefined),
    );
    expect([found, work.now()]).toEqual(["there", 30_000]);
    await expect(until(work, "nothing came", () => Promise.resolve(undefined))).rejects.toThrow(
      "nothing came within 1 minutes",
    );
  });
});

describe("CloudWatch and the local engine", () => {
  const alarm = (
    raised: readonly number[],
    happened?: readonly number[],
  ): BacktestResult["alarms"][number] => {
    const spans = (times: readonly number[]) => times.map((fromMs) => ({ fromMs, toMs: fromMs + 60_000 }));
    return {
      alarmName: "failing-now",
      logicalId: "A",
      stackName: "S",
      region: "us-west-2",
      condition: "",
      metrics: [],
      spans: spans(raised),
      alarmMs: 0,
      mails: [],
      ...(happened && { happened: spans(happened) }),
    };
  };

  test.each<[string, BacktestResult["alarms"][number], readonly string[]]>([
    ["both quiet", alarm([]), []],
    ["raised in both", alarm([600_000], [660_000]), []],
    ["forced alone", alarm([], [1_000_000]), []],
    [
      "raised there alone",
      alarm([], [300_000]),
      ["failing-now was raised 1 times by CloudWatch and 0 times by the local engine"],
    ],
    [
      "raised here alone",
      alarm([300_000], []),
      ["failing-now was raised 0 times by CloudWatch and 1 times by the local engine"],
    ],
  ])("%s", (_what, judged, expected) => {
    const forced = { name: "failing-now", fromMs: 1_000_000, toMs: 1_010_000 };
    expect(difference(judged, forced)).toEqual(expected);
  });
});
