import { describe, expect, test } from "vitest";
import { alarmToForce, CHECKS, difference } from "../aws/verify/checks.ts";
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

const MINUTE_MS = 60_000;
const BEGAN_MS = Date.parse("2026-11-29T21:00:00Z");
const ALARM = "wrist-agent-verify-ann-failing-now";

/** A time in ALARM, in minutes from the begin of the verification. */
function span(fromMinute: number, toMinute: number): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: BEGAN_MS + fromMinute * MINUTE_MS, toMs: BEGAN_MS + toMinute * MINUTE_MS };
}

interface Sides {
  readonly here?: readonly ReturnType<typeof span>[];
  readonly there?: readonly ReturnType<typeof span>[];
  readonly forced?: { readonly name: string; readonly fromMs: number; readonly toMs: number };
}

function differences({ here = [], there = [], forced }: Sides): readonly string[] {
  return difference(
    { alarmName: ALARM, spans: here, happened: there },
    { startedMs: BEGAN_MS, ...(forced && { forced }) },
  );
}

describe("the alarm that is forced", () => {
  const alarm = (alarmName: string, severity: "page" | "ticket", state: "OK" | "ALARM") => ({
    alarmName,
    severity,
    state,
  });

  test("pages, and is not raised already", () => {
    const alarms = [
      alarm("probe-failing", "page", "ALARM"),
      alarm("spend-today", "ticket", "OK"),
      alarm("failing-now", "page", "OK"),
    ];
    expect(alarmToForce(alarms)).toBe("failing-now");
  });

  test("is missing, with the reason, where all are raised or none pages", () => {
    expect(() => alarmToForce([alarm("probe-failing", "page", "ALARM")])).toThrow(
      "wait until this is over: probe-failing in ALARM",
    );
    expect(() => alarmToForce([alarm("spend-today", "ticket", "OK")])).toThrow(
      "no alarm notifies the page topic",
    );
  });
});

describe("what verify:aws compares of an alarm", () => {
  test.each<[string, Sides]>([
    ["neither raised it", {}],
    ["both raised it, the engine two minutes earlier", { here: [span(3, 20)], there: [span(5, 22)] }],
    [
      "CloudWatch raised it before the verification, by data that nobody asks for",
      { there: [span(-300, 4)] },
    ],
    [
      "the engine raises during the verification what CloudWatch raised long before",
      { here: [span(5, 30)], there: [span(-300, Infinity)] },
    ],
    ["it was forced", { there: [span(7, 8)], forced: { name: ALARM, ...span(7, 8) } }],
  ])("agrees where %s", (_what, sides) => {
    expect(differences(sides)).toEqual([]);
  });

  test.each<[string, Sides, string]>([
    [
      "CloudWatch alone raised it",
      { there: [span(7, 8)] },
      `${ALARM} was raised by CloudWatch at 2026-11-29T21:07:00.000Z, and not by the local engine`,
    ],
    [
      "the local engine alone raised it",
      { here: [span(7, 8)], there: [span(-300, -60)] },
      `${ALARM} was raised by the local engine at 2026-11-29T21:07:00.000Z, and not by CloudWatch`,
    ],
    [
      "another alarm was forced",
      { there: [span(7, 8)], forced: { name: "another", ...span(7, 8) } },
      `${ALARM} was raised by CloudWatch at 2026-11-29T21:07:00.000Z, and not by the local engine`,
    ],
    [
      "they raised it six minutes apart",
      { here: [span(20, 40)], there: [span(2, 14)] },
      `${ALARM} was raised by CloudWatch at 2026-11-29T21:02:00.000Z, and not by the local engine`,
    ],
  ])("differs where %s", (_what, sides, said) => {
    expect(differences(sides)).toContain(said);
  });
});
