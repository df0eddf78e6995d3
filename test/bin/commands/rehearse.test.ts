import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../../bin/cli/failure.ts";
import { rehearsalReport, rehearseCommand } from "../../../bin/commands/rehearse.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";

/** Runs the command as bin/cli.ts does, and gives the exit code and what was written. */
async function run(...args: readonly string[]) {
  const terminal = memoryTerminal();
  try {
    const command = rehearseCommand(terminal).exitOverride().configureOutput({ writeErr: terminal.err });
    await command.parseAsync(args, { from: "user" });
  } catch (error) {
    return { code: exitCodeOf(error, terminal), ...terminal.written };
  }
  return { code: 0, ...terminal.written };
}

describe("rehearse", () => {
  test("replays a stage's own alarms and prints one JSON line per scenario", async () => {
    const { code, out, err } = await run(
      "--scenario",
      "healthy",
      "crash",
      "--runs",
      "1",
      "--days",
      "6",
      "--json",
    );
    expect({ code, err }).toEqual({ code: 0, err: [] });
    const [healthy, crash] = out.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(healthy).toMatchObject({ scenario: "healthy", runs: 1, days: 6, perDay: 30 });
    expect(crash).toMatchObject({ scenario: "crash", firstMail: { found: 1 } });
    expect(JSON.stringify(crash)).toContain('"alarmName":"wrist-agent-production-lambda-errors","found":1');
  });

  test.each([["0"], ["10"]])(
    "asks as often as --probe-minutes %s says, and so do the alarms",
    async (minutes) => {
      const short = ["--scenario", "healthy", "--runs", "1", "--days", "6", "--json"];
      const { code, out } = await run(...short, "--probe-minutes", minutes);
      expect(code).toBe(0);
      const { alarms } = JSON.parse(out[0] ?? "{}") as {
        alarms: { alarmName: string; falseAlarmsIn30Days: number }[];
      };
      const probe = alarms.find(({ alarmName }) => alarmName.endsWith("-probe-failing"));
      expect(probe?.falseAlarmsIn30Days).toBe(minutes === "0" ? undefined : 0);
    },
  );

  test("an interval that the stage refuses is refused in its words", async () => {
    const { code, err } = await run("--probe-minutes", "7", "--scenario", "healthy");
    expect(code).toBe(1);
    expect(err.join("\n")).toMatch(/PROBE_MINUTES is "7": expected one of 0, 1, 2, 3, 4/);
  });

  test.each([
    [["--scenario", "flood"], /flood.*Allowed choices are healthy, outage/],
    [["--days", "5", "--scenario", "outage"], /--days 5 is too short for outage: give 6 or more/],
    [["--runs", "0"], /give a whole number of at least 1/],
    [["--requests-per-day", "-3"], /give a number above 0/],
  ])("%j is refused with what to do instead", async (args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err.join("\n")).toMatch(message);
  });

  test("the report has a row for each alarm that rose, and names the others", () => {
    const quiet = { found: 0, neverCleared: 0, falseAllClears: 0, falseAlarmsIn30Days: 0 };
    const after = (medianMs: number, worstMs: number) => ({ medianMs, worstMs });
    const lines = rehearsalReport(
      {
        scenario: "outage",
        says: "everything fails",
        runs: 4,
        days: 30,
        perDay: 10,
        firstMail: { found: 4, foundAfter: after(240_000, 360_000) },
        alarms: [
          {
            alarmName: "wrist-agent-production-failing-now",
            found: 3,
            falseAlarmsIn30Days: 0.08,
            foundAfter: after(5_400_000, 172_800_000),
            foundAfterFirstRequest: after(210_000, 300_000),
            clearedAfter: after(60_000, 120_000),
            neverCleared: 1,
            falseAllClears: 0,
          },
          { alarmName: "wrist-agent-billing-estimated-charges", ...quiet },
        ],
        unpublished: ["AnomalyScore"],
      },
      "production",
    );
    expect(lines).toEqual([
      "outage: everything fails",
      "  4 runs of 30 days at 10 requests a day",
      "  alarm          found   median    worst  since request    worst  OK after      worst  false OK  false alarms / 30 d",
      "  (first mail)  4 of 4  4.0 min  6.0 min",
      "  failing-now   3 of 4    1.5 h    2.0 d        3.5 min  5.0 min   1.0 min  never (1)         0                 0.08",
      "  never rose: estimated-charges",
      "  not part of this: alarms on AnomalyScore saw no data",
      "",
    ]);
  });
});
