import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodeOf } from "../../../bin/cli/failure.ts";
import { wristAgentApp } from "../../../lib/app.ts";
import { rehearseCommand } from "../../../bin/commands/rehearse.ts";
import { differencesText, rehearsalText } from "../../../bin/commands/rehearse/report-text.ts";
import type { RehearsalReport } from "../../../local/rehearsal/rehearsal-report.ts";
import { memoryTerminal } from "../../support/memory-terminal.ts";
import { PROJECT } from "../../support/synthesise.ts";
import {
  alarmSummary,
  rate,
  rehearsalReport,
  share,
  spread,
  topicSummary,
} from "../../support/rehearsal-report.ts";

const GUIDE = "bench/baselines/deployment-guide.yaml";

/** Runs the command as bin/cli.ts does, and gives the exit code and what was written. */
async function run(...args: readonly string[]) {
  const terminal = memoryTerminal();
  try {
    const command = rehearseCommand(terminal).exitOverride().configureOutput({ writeErr: terminal.err });
    await command.parseAsync(["--threads", "1", ...args], { from: "user" });
  } catch (error) {
    return { code: exitCodeOf(error, terminal), ...terminal.written };
  }
  return { code: 0, ...terminal.written };
}

function reports(out: readonly string[]): readonly RehearsalReport[] {
  return out.map((line) => JSON.parse(line) as RehearsalReport);
}

let folder = "";
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "wrist-agent-rehearse-test-"))));
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
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
    const [healthy, crash] = reports(out);
    const settings = { traffic: "personal", requestsPerDay: 30, days: 6, runs: 1, seed: 1, delays: "usual" };
    expect(healthy).toMatchObject({ scenario: "healthy", runs: 1, faultDurationMs: 0, settings });
    expect(crash).toMatchObject({ scenario: "crash", firstNotification: { notified: { count: 1, of: 1 } } });
    const errors = crash?.alarms.find(
      ({ alarmName }) => alarmName === "wrist-agent-production-lambda-errors",
    );
    expect(errors?.detected.count).toBe(1);
    expect(crash?.topics.map(({ topic }) => topic)).toContain("wrist-agent-production-page");
  });

  test.each([["0"], ["10"]])(
    "asks as often as --probe-minutes %s says, and so do the alarms",
    async (minutes) => {
      const short = ["--scenario", "healthy", "--runs", "1", "--days", "6", "--json"];
      const { code, out } = await run(...short, "--probe-minutes", minutes);
      expect(code).toBe(0);
      const probe = reports(out)[0]?.alarms.some(({ alarmName }) => alarmName.endsWith("-probe-failing"));
      expect(probe).toBe(minutes !== "0");
    },
  );

  test("an interval that the stage refuses is refused in its words", async () => {
    const { code, err } = await run("--probe-minutes", "7", "--scenario", "healthy");
    expect(code).toBe(1);
    expect(err.join("\n")).toMatch(/PROBE_MINUTES is "7": expected one of 0, 1, 2, 3, 4/);
  });
});

describe("rehearse --template", () => {
  const short = ["--template", GUIDE, "--runs", "1", "--days", "6", "--json"];

  test("replays the alarms of any template, whose function throws", async () => {
    const busy = ["--traffic", "office", "--scenario", "crash", "outage"];
    const { code, out } = await run(...short, ...busy);
    expect(code).toBe(0);
    for (const { alarms, topics } of reports(out)) {
      expect(alarms.map(({ alarmName, detected }) => [alarmName, detected.count])).toEqual([
        ["deployment-guide-errors", 1],
        ["deployment-guide-duration", 0],
      ]);
      expect(topics).toMatchObject([{ topic: "deployment-guide", notified: { count: 1 } }]);
    }
  });

  test("replays an assembly of this project with its own probe, and the alarms of its other Region", async () => {
    const assembly = join(folder, "cdk.out");
    const context = { "aws:cdk:bundling-stacks": [], stage: "staging", monitoringProfile: "full" };
    wristAgentApp({ project: PROJECT, outdir: assembly, validation: "in the tests", context }).synth();
    const days = ["--runs", "1", "--days", "6", "--scenario", "unreachable", "--json"];
    const { code, out, err } = await run("--template", assembly, "--stage", "staging", ...days);
    expect({ code, err }).toEqual({ code: 0, err: [] });
    const [report] = reports(out);
    const found = report?.alarms.filter(({ detected }) => detected.count > 0);
    // Nothing reaches the function: the probe alone can know.
    expect(found?.map(({ alarmName }) => alarmName)).toEqual(
      expect.arrayContaining(["wrist-agent-staging-probe-failing"]),
    );
    expect(report?.alarms.map(({ alarmName }) => alarmName)).toContain(
      "wrist-agent-billing-estimated-charges",
    );
    expect(report?.topics.find(({ topic }) => topic.endsWith("page"))?.notified.count).toBe(1);
  });

  test("with --failures replied Lambda counts no error", async () => {
    const { out } = await run(
      ...short,
      "--traffic",
      "office",
      "--scenario",
      "outage",
      "--failures",
      "replied",
    );
    expect(reports(out)[0]?.alarms[0]?.detected.count).toBe(0);
  });

  test("with --baselines rehearses those beside it, in days with the same options", async () => {
    const { out } = await run(...short, "--scenario", "crash", "--baselines");
    const names = ["rehearsed", "burn-rate", "cdk-monitoring-constructs", "deployment-guide", "slic-watch"];
    expect(reports(out).map(({ alarmSet }) => alarmSet)).toEqual(names);
    const [own, , , guide] = reports(out);
    expect(own?.alarms).toEqual(guide?.alarms);
  });

  test("writes a page with a timeline of each fault", async () => {
    const page = join(folder, "page.html");
    const { code, err } = await run(...short, "--scenario", "crash", "--html", page);
    expect({ code, err }).toEqual({ code: 0, err: [`wrote ${page}`] });
    const text = await readFile(page, "utf8");
    expect(text).toContain('<section id="crash">');
    expect(text).toContain('class="timeline"');
    const nowhere = await run(...short, "--scenario", "healthy", "--html", join(folder, "none", "page.html"));
    expect(nowhere.code).toBe(1);
    expect(nowhere.err.at(-1)).toMatch(/^error: cannot write .*page\.html: ENOENT/);
  });

  test("takes faults from a file, in place of its own or beside those that are named", async () => {
    const faults = await file(
      "faults.yaml",
      "faults:\n  - { name: gone, description: away, lasts: 1h, requests: { outcome: unreachable } }",
    );
    expect(reports((await run(...short, "--faults", faults)).out)).toMatchObject([
      { scenario: "gone", description: "away", faultDurationMs: 3_600_000 },
    ]);
    const { out } = await run(...short, "--faults", faults, "--scenario", "healthy");
    expect(reports(out).map(({ scenario }) => scenario)).toEqual(["healthy", "gone"]);
  });

  test("takes a recorded journal as its traffic", async () => {
    const line = {
      _aws: { Timestamp: 86_400_000 },
      requestId: "a",
      Failure: 0,
      Degraded: 0,
      Rejected: 0,
      durationMs: 26_000,
    };
    const entry = JSON.stringify({ kind: "log", atMs: 0, event: { message: JSON.stringify(line) } });
    const journal = await file("journal.jsonl", entry);
    const { code, out } = await run(...short, "--traffic", `recorded:${journal}`, "--scenario", "healthy");
    expect(code).toBe(0);
    const [report] = reports(out);
    expect(report?.settings).toMatchObject({ traffic: "recorded", requestsPerDay: 1 });
    // Where most periods have no data, one slow one is enough for an alarm that treats them as missing: on
    // five of six days.
    expect(report?.alarms[1]?.falsePositives.in30Days).toBe(25);
  });

  test("--begins and --comes-and-goes move the fault", async () => {
    const times = ["--begins", "winter-time", "--timezone", "Europe/Berlin", "--comes-and-goes", "10m/1h"];
    const late = ["--template", GUIDE, "--runs", "1", "--json", "--scenario", "crash", "--traffic", "office"];
    const [report] = reports((await run(...late, ...times)).out);
    expect(report?.settings).toMatchObject({
      begins: "winter-time Europe/Berlin",
      comesAndGoes: "10/60 min",
      days: 30,
    });
    expect(report?.topics[0]?.laterSpansNotified?.of).toBe(23);
  });
});

describe("rehearse --compare and --fail-on", () => {
  const short = ["--template", GUIDE, "--runs", "1", "--days", "6", "--scenario", "crash"];

  test("nothing differs from itself, and other options are refused", async () => {
    const { out } = await run(...short, "--json");
    const before = await file("before.jsonl", out.join("\n"));
    const again = await run(...short, "--compare", before);
    expect(again).toMatchObject({ code: 0 });
    expect(again.out.at(-1)).toBe("Compared: nothing differs.");
    const other = await run(...short, "--seed", "2", "--compare", before);
    expect(other.code).toBe(2);
    expect(other.err.at(-1)).toMatch(/crash was rehearsed with seed 1 before and 2 now/);
  });

  test("an exceeded limit is named and ends with 1, one that is kept with 0", async () => {
    const limits = await file("limits", "# aims\ncrash: first timeToNotify max > 5m\n");
    const { code, err } = await run(
      ...short,
      "--fail-on",
      `@${limits}`,
      "crash: errors falsePositives > 0.1",
    );
    expect(code).toBe(1);
    expect(err.join("\n")).toMatch(
      /error: limits are exceeded:\n {2}crash: first timeToNotify max > 5m: first notification has (never|\d.*) in crash/,
    );
    expect(err.join("\n")).not.toContain("falsePositives");
    expect((await run(...short, "--fail-on", "crash: first notified < 0%")).code).toBe(0);
  });

  test.each([
    [["--scenario", "flood"], /flood.*Allowed choices are healthy, outage/],
    [["--days", "5", "--scenario", "outage"], /--days 5 is too short for outage: give 6 or more/],
    [["--runs", "0"], /give a whole number of at least 1/],
    [["--requests-per-day", "-3"], /give a number above 0/],
    [["--traffic", "lots"], /--traffic lots: use personal, office, busy, silent or recorded:FILE/],
    [
      ["--traffic", "busy", "--requests-per-day", "3"],
      /--requests-per-day is part of --traffic busy: leave it out/,
    ],
    [["--traffic", "recorded:/nowhere"], /cannot read \/nowhere/],
    [["--delays", "never"], /Allowed choices are none, prompt, usual, slow/],
    [["--begins", "noon"], /--begins "noon" is no begin: write midnight/],
    [["--comes-and-goes", "1h/10m"], /give a time of a minute and more and a longer one, as 10m\/1h/],
    [["--mail-seconds", "10-2"], /give two numbers of seconds, the lower one first/],
    [["--omitted-runs", "2"], /give a share from 0 to 1/],
    [["--blips-per-day", "x"], /give a number, 0 for none/],
    [["--faults", "/nowhere"], /cannot read \/nowhere/],
    [["--fail-on", "slow"], /limit "slow" cannot be read/],
    [["--fail-on", "@/nowhere"], /cannot read \/nowhere/],
    [["--compare", "/nowhere"], /cannot read \/nowhere/],
    [["--compare", "package.json"], /--compare package\.json: give a file that rehearse --json wrote/],
    [["--template", "/nowhere"], /\/nowhere is not there: give a template or an assembly/],
    [["--template", "package.json"], /package\.json has no "Resources"/],
  ])("%j is refused with what to do instead", async (args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err.join("\n")).toMatch(message);
  });
});

describe("the report", () => {
  test("has a row for each topic and each alarm that rose, and names the others", () => {
    const report = rehearsalReport({
      firstNotification: { notified: share(4, 4), timeToNotify: spread(4, 6) },
      topics: [
        topicSummary({ notified: share(4, 4), timeToNotify: spread(4, 6), mails: { mean: 2.5, max: 4 } }),
      ],
      alarms: [
        alarmSummary({
          detected: share(3, 4),
          timeToDetect: spread(90, 2880),
          timeToRecover: spread(1, 2),
          neverRecovered: 1,
          falsePositives: rate(0.08),
        }),
        alarmSummary({ alarmName: "wrist-agent-billing-estimated-charges" }),
      ],
      unpublished: ["AnomalyScore"],
    });
    expect(rehearsalText(report, "production")).toEqual([
      "outage: everything fails",
      "  4 runs of 30 days",
      "  alarm or topic  detected      p50      p95      max  to recover        max  false all-clear       mails  false positives / 30 d",
      "  (first mail)      4 of 4  4.0 min  6.0 min  6.0 min",
      "  topic page        4 of 4  4.0 min  6.0 min  6.0 min                                          2.5, max 4           0.00 (< 0.00)",
      "  failing-now       3 of 4    1.5 h    2.0 d    2.0 d     1.0 min  never (1)                0                       0.08 (< 0.08)",
      "  never in ALARM: estimated-charges",
      "  not part of this: alarms on AnomalyScore saw no data",
      "",
    ]);
  });

  test("says what differs, each value in its unit", () => {
    const place = { scenario: "outage", subject: "wrist-agent-production-page" } as const;
    expect(
      differencesText(
        [
          {
            ...place,
            figure: "time to notify, max",
            verdict: "slower",
            before: 300_000,
            after: 5_400_000,
            kind: "time",
          },
          { ...place, figure: "notified", verdict: "missed", before: 1, after: 0.5, kind: "share" },
          { ...place, figure: "mails, max", verdict: "noisier", before: undefined, after: 4, kind: "number" },
        ],
        "production",
      ),
    ).toEqual([
      "Compared:",
      "  slower   outage  page  time to notify, max  5.0 min  ->  1.5 h",
      "  missed   outage  page  notified               100 %  ->  50 %",
      "  noisier  outage  page  mails, max              none  ->  4",
    ]);
  });
});
