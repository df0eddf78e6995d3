import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { drillCommand, type DrillSurroundings } from "../../../bin/commands/drill.ts";
import { mailOf } from "../../../bin/commands/drill/real-drill.ts";
import type { DrillRecord } from "../../../bin/commands/drill/drill-record.ts";
import { type AwsFault, denied, type FaultOf, THROTTLED } from "../../support/faulty-aws.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";
import { operated, type Operated, OperatedStage } from "../../support/operated-stage.ts";
import { signInTo, StageBehindAws } from "../../support/stage-behind-aws.ts";

const PAGE = "wrist-agent-production-probe-failing";
const NOON = Date.parse("2026-11-23T20:00:00Z");

let stage: OperatedStage;
let behind: StageBehindAws;
let interrupt: (() => void) | undefined;

beforeAll(async () => {
  stage = await OperatedStage.build(NOON);
  behind = await StageBehindAws.before(stage);
});

beforeEach(calm);

/** People's questions succeed until no alarm is raised and the probe's alarm is OK. */
async function calm(): Promise<void> {
  const raised = (): boolean =>
    stateOf(PAGE) !== "OK" || stage.system.alarms().some(({ state }) => state === "ALARM");
  for (let minute = 0; minute < 120 && raised(); minute += 1) {
    await stage.ask();
    await stage.pass(1);
  }
  await stage.clock.advance(1_000);
}

afterEach(() => {
  behind.fault();
  interrupt = undefined;
});

afterAll(async () => {
  await behind.stop();
  await stage.remove();
});

/** That fault on that operation, and no other. */
const only =
  (operation: string, fault: AwsFault): FaultOf =>
  (asked) =>
    asked === operation ? fault : undefined;

const CUT: AwsFault = { kind: "cut" };

const surroundings: DrillSurroundings = {
  now: () => stage.clock.now(),
  wait: (milliseconds, signal) => (signal.aborted ? Promise.resolve() : stage.clock.advance(milliseconds)),
  onInterrupt: (listener) => {
    interrupt = listener;
    return () => undefined;
  },
};

function drill(...words: readonly string[]): Promise<Operated> {
  return operated((terminal) => drillCommand(terminal, surroundings), [...words, "--data", behind.data]);
}

function stateOf(alarmName: string): string | undefined {
  return stage.system.alarms().find((alarm) => alarm.alarmName === alarmName)?.state;
}

async function records(): Promise<readonly DrillRecord[]> {
  return JSON.parse(await readFile(recordFile(), "utf8")) as readonly DrillRecord[];
}

function recordFile(): string {
  return join(behind.data, "production", "drills.json");
}

describe("drill ALARM", () => {
  test("forces it, times its action and the mail, puts it back and keeps the record", async () => {
    const before = stage.system.mails().length;
    const { code, out } = await drill("probe-failing");
    expect(out).toEqual([
      `${PAGE} is forced into ALARM`,
      PAGE,
      "  wrist-agent-production-page was notified after 0.0 s",
      "  the mail arrived after 0.0 s",
      "  put back: the drill",
    ]);
    expect(code).toBe(0);
    expect(stateOf(PAGE)).toBe("OK");
    const [ok, alarm] = stage.system.mails();
    expect(stage.system.mails().length - before).toBe(2);
    expect(alarm?.body).toMatch(/Drill [0-9a-f]{8}: set by hand to see who is notified\. Nothing is wrong\./);
    expect(ok?.subject).toContain("OK");
    const [record] = (await records()).slice(-1);
    expect(record).toMatchObject({ alarm: PAGE, kind: "forced", stateBefore: "OK", putBack: "the drill" });
    expect(record?.stopped).toBeUndefined();
  });

  test("--json prints the record and says the rest on stderr", async () => {
    const { out, err } = await drill("probe-failing", "--json");
    expect(JSON.parse(out.join("\n"))).toMatchObject([
      { alarm: PAGE, mail: { state: "arrived", afterMs: 0 } },
    ]);
    expect(err).toEqual([`${PAGE} is forced into ALARM`]);
  });

  test("leaves alone what CloudWatch has evaluated again meanwhile", async () => {
    let looked = 0;
    behind.fault(async (operation) => {
      if (operation !== "DescribeAlarmHistory") return undefined;
      looked += 1;
      if (looked === 1) await stage.pass(2);
      return undefined;
    });
    const { code, out } = await drill("probe-failing");
    expect(out.at(-1)).toBe("  put back: CloudWatch evaluated it again");
    expect(code).toBe(0);
    expect(stateOf(PAGE)).toBe("OK");
  });

  test("says on Ctrl-C how far it came, and the alarm is put back", async () => {
    behind.fault((operation) => {
      if (operation === "SetAlarmState") interrupt?.();
      return undefined;
    });
    const { code, out, err } = await drill("probe-failing");
    expect(code).toBe(1);
    expect(out.at(-1)).toContain("interrupted before the mail was looked for");
    expect(err.at(-1)).toContain("interrupted after 1 of 1: every alarm that was forced is put back");
    expect(stateOf(PAGE)).toBe("OK");
  });

  test.each([
    [
      denied("cloudwatch:DescribeAlarmHistory", "*"),
      `these credentials lack cloudwatch:DescribeAlarmHistory on alarm ${PAGE}`,
    ],
    [THROTTLED, "AWS takes no more questions for a moment: try again in a minute"],
    [CUT, "the connection broke before the answer was complete: try again"],
  ])("a history that answers %j ends it, with the alarm put back", async (fault, words) => {
    behind.fault(only("DescribeAlarmHistory", fault));
    const { code, err } = await drill("probe-failing");
    expect(code).toBe(1);
    expect(err.join("\n")).toContain(words);
    expect(stateOf(PAGE)).toBe("OK");
    expect((await records()).at(-1)).toMatchObject({
      putBack: "the drill",
      stopped: expect.stringContaining("failed: ") as string,
    });
  });

  test("a forced alarm whose answer was lost is put back too", async () => {
    let isSet = false;
    behind.fault((operation) => {
      if (operation === "SetAlarmState") isSet = true;
      if (operation === "SetAlarmState") return { kind: "lost" };
      return operation === "DescribeAlarms" && isSet ? CUT : undefined;
    });
    const { code } = await drill("probe-failing");
    expect(code).toBe(1);
    expect(stateOf(PAGE)).toBe("ALARM");
    behind.fault();
    const next = await drill("probe-failing");
    expect(next.err[0]).toMatch(
      /^the drill of .* was interrupted: .*probe-failing was still forced and is put back now$/,
    );
    expect(next.code).toBe(0);
    expect(stateOf(PAGE)).toBe("OK");
  });

  test("one that was killed is found by the next", async () => {
    await drill("probe-failing");
    const kept = await records();
    const killed = { ...kept.at(-1), id: "dead", endedAt: undefined, putBack: undefined };
    await writeFile(recordFile(), JSON.stringify([...kept, killed]));
    const { err } = await drill("probe-failing");
    expect(err[0]).toMatch(/was interrupted; .*probe-failing: CloudWatch evaluated it again$/);
    expect((await records()).filter(({ endedAt }) => endedAt === undefined)).toEqual([]);
  });

  test("a record that is no record is left as it is", async () => {
    await drill("probe-failing");
    const kept = await readFile(recordFile(), "utf8");
    await writeFile(recordFile(), "{");
    const { code, err } = await drill("--history");
    expect([code, err[0]]).toEqual([1, expect.stringContaining("is no record of drills: move it away")]);
    expect(await readFile(recordFile(), "utf8")).toBe("{");
    await writeFile(recordFile(), kept);
  });

  test("refuses an alarm that nobody has, and names those that there are", async () => {
    const { code, err } = await drill("nonsense");
    expect(code).toBe(2);
    expect(err[0]).toContain("production on this machine has no alarm nonsense: it has ");
    expect(err[0]).toContain("probe-failing");
  });

  test.each([
    [[], "name an alarm, or give --all, --real or --history"],
    [["--all", "--real"], "--all and --real are different drills"],
    [["probe-failing", "--history"], "leave probe-failing out"],
    [["--pause", "soon", "--all"], "give whole seconds"],
    [["--real", "--fault", "flood"], "no such fault"],
  ])("%j is wrong usage", async (words, said) => {
    const { code, err } = await drill(...words);
    expect(code).toBe(2);
    expect(err.join("\n")).toContain(said);
  });
});

describe("drill of a deployed stage", () => {
  const IN_AWS = ["--aws", "--stage", "production", "--region", "us-west-2"] as const;

  async function drillInAws(answers: readonly string[], ...words: readonly string[]) {
    const questions: string[] = [];
    const left = [...answers];
    const ask: DrillSurroundings["ask"] = (question) => {
      questions.push(question);
      return Promise.resolve(left.shift() ?? "");
    };
    signInTo(behind.aws.url);
    const before = behind.aws.asked.length;
    const ended = await operated(
      (terminal) => drillCommand(terminal, { ...surroundings, ask }),
      ["probe-failing", ...IN_AWS, ...words, "--data", behind.data],
    );
    return { ...ended, questions, calls: behind.aws.asked.slice(before) };
  }

  test("is made after a question, puts the alarm back, and then asks for the mail", async () => {
    const { code, out, questions } = await drillInAws(["y", "y"]);
    expect(questions).toEqual([
      `production in AWS: force ${PAGE} into ALARM, so that its mail goes out, and put it back? (y/n) `,
      `Has the mail ALARM: "${PAGE}" arrived? (n, y, or the time that it shows, such as 14:03:20) `,
    ]);
    expect(out).toContain("  the mail arrived");
    expect(out).toContain("  put back: the drill");
    expect([code, stateOf(PAGE)]).toEqual([0, "OK"]);
    const file = join(behind.data, "production", "drills-aws.json");
    const kept = JSON.parse(await readFile(file, "utf8")) as readonly DrillRecord[];
    expect(kept.at(-1)).toMatchObject({ alarm: PAGE, mail: { state: "arrived" } });
  });

  test("of an alarm that calls a function names the function in the question", async () => {
    signInTo(behind.aws.url);
    const questions: string[] = [];
    const ask: DrillSurroundings["ask"] = (question) => {
      questions.push(question);
      return Promise.resolve("n");
    };
    await operated(
      (terminal) => drillCommand(terminal, { ...surroundings, ask }),
      ["spend-today", ...IN_AWS, "--data", behind.data],
    );
    expect(questions[0]).toContain(
      "so that its mail goes out and wrist-agent-production-breaker runs, and put it back?",
    );
  });

  test("that nobody agrees to changes nothing", async () => {
    const { code, err, calls } = await drillInAws(["n"]);
    expect([code, err[0]]).toEqual([1, "error: nothing was changed"]);
    expect(calls).not.toContain("SetAlarmState");
  });

  test("whose mail did not arrive is exit code 1, and says who to look at", async () => {
    const { code, out, err } = await drillInAws(["y", "n"]);
    expect(out).toContain("  the mail did not arrive: npm run cli -- subscribers says who gets it");
    expect([code, err.at(-1)]).toEqual([1, `error: not everybody was notified by ${PAGE}`]);
  });

  test("with --yes asks nobody, and says that the mail was not asked for", async () => {
    const { code, out, questions } = await drillInAws([], "--yes");
    expect(questions).toEqual([]);
    expect(out).toContain("  whether the mail arrived was not asked");
    expect(code).toBe(0);
  });

  test("without the permission to force an alarm names it", async () => {
    behind.fault(only("SetAlarmState", denied("cloudwatch:SetAlarmState", PAGE)));
    const { code, err } = await drillInAws([], "--yes");
    expect(code).toBe(1);
    expect(err.join("\n")).toContain(`these credentials lack cloudwatch:SetAlarmState on alarm ${PAGE}`);
    const kept = JSON.parse(
      await readFile(join(behind.data, "production", "drills-aws.json"), "utf8"),
    ) as readonly DrillRecord[];
    expect(kept.at(-1)).toMatchObject({ putBack: "it is not in ALARM" });
  });
});

describe("drill --all and --history", () => {
  test("walks every alarm that notifies somebody, with a pause", async () => {
    const startMs = stage.clock.now();
    const { code, out, err } = await drill("--all", "--pause", "20");
    const told = stage.system.alarms().filter(({ topics }) => topics.length > 0);
    expect(out.filter((line) => line.endsWith("is forced into ALARM"))).toHaveLength(told.length);
    expect(told.length).toBeGreaterThan(5);
    expect(stage.clock.now() - startMs).toBeGreaterThanOrEqual((told.length - 1) * 20_000);
    expect(err.filter((line) => !line.includes("is left out"))).toEqual([]);
    expect(code).toBe(0);
    expect(stage.system.alarms().filter(({ state }) => state === "ALARM")).toEqual([]);
  });

  test("--history lists what was kept, newest first, and what went wrong", async () => {
    behind.fault(only("DescribeAlarmHistory", CUT));
    await drill("probe-failing");
    behind.fault();
    await stage.clock.advance(1_000);
    await drill("probe-failing");
    const { out } = await drill("--history");
    const kept = await records();
    expect(out[0]).toMatch(/^WHEN +KIND +ALARM +TOLD AFTER +MAIL +BROKEN OFF$/);
    expect(out).toHaveLength(kept.length + 1);
    expect(out.join("\n")).toContain("failed: ");
    expect(out[1]).toMatch(/forced +wrist-agent-\S+ +0\.0 s +after 0\.0 s$/);
    const terminal = { ...memoryTerminal(), columns: 90 };
    const { out: fitted } = await operated(drillCommand, ["--history", "--data", behind.data], terminal);
    expect(Math.max(...fitted.map((text) => text.length))).toBeLessThanOrEqual(90);
  });
});

describe("drill --real", () => {
  let real: OperatedStage;

  // Without the probe, which tries for 48 s of a real clock before it says that it failed.
  beforeAll(async () => {
    real = await OperatedStage.build(NOON, { probeMinutes: "0" });
  });

  beforeEach(async () => {
    await real.clock.advance(1_000);
    for (let minute = 0; minute < 120 && isRaised(real); minute += 1) {
      await real.ask();
      await real.pass(1);
    }
  });

  afterAll(() => real.remove());

  /** Whether a page is raised: tickets count hours. */
  function isRaised({ system }: OperatedStage): boolean {
    return system
      .alarms()
      .some(({ state, topics }) => state === "ALARM" && topics.includes("wrist-agent-production-page"));
  }

  function drillReal(wait: DrillSurroundings["wait"] = advance): Promise<Operated> {
    const around = { ...surroundings, now: () => real.clock.now(), ...(wait && { wait }) };
    return operated((terminal) => drillCommand(terminal, around), ["--real", "--data", real.data]);
  }

  const advance: DrillSurroundings["wait"] = async (milliseconds, signal) => {
    if (!signal.aborted) await real.clock.advance(milliseconds);
    await real.system.settled();
  };

  test("measures fault to mail and mail to OK, and leaves no fault", async () => {
    const { code, out } = await drillReal();
    expect(out.join("\n")).toMatch(
      /the fault error is on[\s\S]*fault to the first failed answer +0\.0 s\n +fault to the mail +\d+ min \d+ s\n +end of the fault to the mail that says OK +\d+ min \d+ s/,
    );
    expect(code).toBe(0);
    expect(real.system.overview().fault.kind).toBe("off");
  });

  test("switches the fault off on Ctrl-C and says so", async () => {
    let waits = 0;
    const wait: DrillSurroundings["wait"] = async (milliseconds, signal) => {
      waits += 1;
      if (waits === 2) interrupt?.();
      await advance(milliseconds, signal);
    };
    const { code, err } = await drillReal(wait);
    expect([code, err.at(-1)]).toEqual([1, "error: interrupted while the fault was on: the fault is off"]);
    expect(real.system.overview().fault.kind).toBe("off");
  });

  test("refuses while another fault is on", async () => {
    real.system.setFault({ kind: "slow", rate: 1 });
    const { code, err } = await drillReal();
    real.system.setFault({ kind: "off", rate: 1 });
    expect([code, err[0]]).toEqual([1, expect.stringContaining("the fault slow is on already")]);
  });

  test("is refused by name for a deployed stage", async () => {
    const { code, err } = await drill("--real", "--aws", "--stage", "staging");
    expect([code, err[0]]).toEqual([2, expect.stringContaining("no fault can be switched on in AWS")]);
  });
});

describe("what a person says of the mail", () => {
  const sinceMs = new Date(2026, 10, 23, 14, 3, 0).getTime();
  test.each([
    ["y", { state: "arrived" }],
    ["14:03:20", { state: "arrived", afterMs: 20_000 }],
    ["14:02", { state: "arrived" }],
    ["14:03", { state: "arrived", afterMs: 0 }],
    ["n", { state: "did not arrive" }],
    ["", { state: "nobody was asked" }],
  ])("%s", (answer, expected) => {
    expect(mailOf(answer, sinceMs, sinceMs + 60_000)).toEqual(expected);
  });

  test("a time after midnight is the next day's", () => {
    const late = new Date(2026, 10, 23, 23, 59, 50).getTime();
    expect(mailOf("00:00:05", late, late + 30_000)).toEqual({ state: "arrived", afterMs: 15_000 });
  });
});
