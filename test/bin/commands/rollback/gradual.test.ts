import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseSteps } from "../../../../bin/commands/rollback/gradual.ts";
import { RollbackRun } from "../../../support/rollback-run.ts";

const FAILING = "wrist-agent-production-failing-now";

let run: RollbackRun;

beforeEach(async () => {
  run = await RollbackRun.start();
});
afterEach(() => run.stop());

/** Where the requests went, each share once, in order. */
function shares(): readonly unknown[] {
  return [...new Set(run.routes)].map((route) => JSON.parse(route) as unknown);
}

const AT = (percent: number) => ({ version: "42", weights: { "41": percent / 100 } });
const BACK = { version: "42", weights: {} };
const THERE = { version: "41", weights: {} };

describe("rollback --gradual", () => {
  test("shows the steps and the alarms, asks, and shifts 10, 50, 100 percent, five minutes each", async () => {
    expect(await run.runFor("y", "--gradual")).toBe(0);
    expect(run.questions).toEqual(["Shift the requests to version 41 by 3 steps? (y/n) "]);
    expect(shares()).toEqual([AT(10), AT(50), THERE]);
    expect(run.waitedMs).toBe(15 * 60_000);
    expect(run.serving()).toEqual(THERE);
    expect(run.terminal.written.out).toEqual([
      "production in AWS: wrist-agent-production in eu-west-1 serves version 42",
      "version 41 would get 10 %, 50 %, 100 % of the requests, a step every 5 minutes: 15 minutes in all",
      // The one that CodeDeploy turns back for, and the one that pages; a ticket does not turn it back.
      `watched: ${FAILING}, wrist-agent-production-lambda-errors; one that is raised, or Ctrl-C, sends every request to version 42 again`,
      "10 %: the alias serves version 42, and version 41 to 10 % of the requests",
      "50 %: the alias serves version 42, and version 41 to 50 % of the requests",
      "100 %: the alias serves version 41",
      "production in AWS: version 41 serves every request now",
    ]);
  });

  test("takes the steps, the minutes and the version that it is given, and tells a script what it did", async () => {
    expect(
      await run.run("--gradual", "--yes", "--json", "--to", "39", "--steps", "25,100", "--every", "1"),
    ).toBe(0);
    expect(shares()).toEqual([
      { version: "42", weights: { "39": 0.25 } },
      { version: "39", weights: {} },
    ]);
    expect(run.waitedMs).toBe(2 * 60_000);
    expect(JSON.parse(run.said())).toEqual({
      stage: "production",
      region: "eu-west-1",
      function: "wrist-agent-production",
      did: "moved",
      from: "42",
      to: "39",
      steps: [25, 100],
    });
  });

  test("goes back by itself when a watched alarm is raised, at the end of the last step too", async () => {
    for (const wait of [1, 30, 60]) {
      run.world.alias = { FunctionVersion: "42", weights: {}, revision: 1 };
      run.world.alarms[FAILING] = { state: "OK", actions: ["x:wrist-agent-production-page"] };
      run.meanwhile = Array.from({ length: wait }, (_, at) => () => {
        if (at === wait - 1) run.world.alarms[FAILING] = { state: "ALARM", reason: "3 failures" };
      });
      expect(await run.run("--gradual", "--yes")).toBe(1);
      expect(run.complained()).toContain(
        `production in AWS: ${FAILING} is raised (3 failures): version 42 serves every request again`,
      );
      expect(run.serving(), `after ${wait} waits`).toEqual(BACK);
    }
  });

  test("is not turned back by an alarm that was raised before, until it has been OK", async () => {
    run.world.alarms[FAILING] = { state: "ALARM", reason: "old", actions: ["x:wrist-agent-production-page"] };
    expect(await run.run("--gradual", "--yes", "--every", "1")).toBe(0);
    expect(run.said()).toContain(`${FAILING} is raised already: it counts again once it has been OK.`);
    run.world.alias = { FunctionVersion: "42", weights: {}, revision: 1 };
    const becomes = (state: string) => () => {
      run.world.alarms[FAILING] = { state, reason: "new", actions: ["x:wrist-agent-production-page"] };
    };
    run.meanwhile = [becomes("OK"), becomes("ALARM")];
    expect(await run.run("--gradual", "--yes", "--every", "1")).toBe(1);
    expect(run.complained()).toContain(`${FAILING} is raised (new): version 42 serves every request again`);
  });

  test.each([1, 25, 50])("goes back at Ctrl-C, in wait %s, and says so", async (wait) => {
    run.meanwhile = [...Array.from({ length: wait - 1 }, () => () => undefined), run.interrupt];
    expect(await run.run("--gradual", "--yes")).toBe(1);
    expect(run.complained()).toContain("interrupted: version 42 serves every request again");
    expect(run.serving()).toEqual(BACK);
  });

  test("says what is so when it cannot go back", async () => {
    run.meanwhile = [
      () => {
        run.world.refusals.UpdateAlias = { name: "ServiceException", message: "down", status: 500 };
        run.interrupt();
      },
    ];
    expect(await run.run("--gradual", "--yes")).toBe(1);
    expect(run.complained()).toMatch(
      /interrupted; and the alias could not be set back \(.*down.*\)\. Requests are divided until it is: npm run cli -- rollback --to 42 --aws --stage production --region eu-west-1/,
    );
    expect(run.serving()).toEqual(AT(10));
  });

  test("leaves alone what somebody else did meanwhile", async () => {
    run.meanwhile = Array.from({ length: 20 }, (_, at) => () => {
      if (at === 19) run.world.alias = { FunctionVersion: "40", weights: {}, revision: 9 };
    });
    expect(await run.run("--gradual", "--yes")).toBe(1);
    expect(run.complained()).toContain(
      "somebody else moved the alias meanwhile, and it serves version 40 now: that is left as it is",
    );
    expect(run.serving()).toEqual({ version: "40", weights: {} });
  });

  test("bears three failed readings of the alarms, and goes back at the fourth", async () => {
    const refuse = () => {
      run.world.refusals.DescribeAlarms = { name: "InternalFailure", message: "down", status: 500 };
    };
    const answer = () => {
      run.world.refusals = {};
    };
    run.meanwhile = [refuse, () => undefined, () => undefined, answer];
    expect(await run.run("--gradual", "--yes", "--every", "1")).toBe(0);
    run.world.alias = { FunctionVersion: "42", weights: {}, revision: 1 };
    run.meanwhile = [refuse];
    expect(await run.run("--gradual", "--yes")).toBe(1);
    expect(run.complained()).toMatch(
      /the alarms could not be read: .*: version 42 serves every request again/,
    );
  });

  test("goes on with a shift that was killed, from the share that it had", async () => {
    run.world.alias = { FunctionVersion: "42", weights: { "41": 0.1 }, revision: 1 };
    expect(await run.run("--gradual", "--yes", "--every", "1")).toBe(0);
    expect(shares()).toEqual([AT(50), THERE]);
  });
});

describe("rollback --gradual changes nothing", () => {
  test.each<[string, (run: RollbackRun) => void, RegExp]>([
    [
      "with provisioned concurrency, which excludes weights",
      ({ world }) => (world.provisioned = 2),
      /the alias has provisioned concurrency, and Lambda divides no such alias/,
    ],
    [
      "without an alarm that could turn it back",
      ({ world }) => (world.alarms = {}),
      /has no alarm that pages somebody, so nothing could turn a shift back/,
    ],
    [
      "where the alarms may not be read",
      ({ world }) => (world.refusals.DescribeAlarms = { name: "AccessDenied", message: "no", status: 403 }),
      /these credentials lack cloudwatch:DescribeAlarms/,
    ],
    [
      "while a deployment shifts requests itself",
      ({ world }) => (world.deployments["d-1"] = { status: "InProgress" }),
      /deployment d-1 is under way \(InProgress\) and shifts requests itself: rollback without --gradual ends it/,
    ],
    [
      "where no version is before",
      ({ world }) => (world.alias = { FunctionVersion: "38", weights: {}, revision: 1 }),
      /has no version older than 38 to go back to/,
    ],
  ])("%s", async (_when, prepare, reason) => {
    prepare(run);
    const before = run.serving();
    expect(await run.run("--gradual", "--yes")).toBe(1);
    expect(run.complained()).toMatch(reason);
    expect(run.serving()).toEqual(before);
    expect(run.calls).not.toContain("UpdateAlias");
  });

  test("where another shift is half-way", async () => {
    run.world.alias = { FunctionVersion: "42", weights: { "41": 0.1 }, revision: 1 };
    expect(await run.run("--gradual", "--yes", "--to", "39")).toBe(1);
    expect(run.complained()).toContain(
      "the alias serves version 42, and version 41 to 10 % of the requests already: end that shift with npm run cli -- rollback --aws",
    );
  });

  test("by a dry run, by a no, and where nobody can be asked", async () => {
    expect(await run.run("--gradual", "--dry-run")).toBe(0);
    expect(run.said()).toContain("Nothing was changed: this was a dry run.");
    expect(await run.runFor("n", "--gradual")).toBe(1);
    expect(await run.run("--gradual")).toBe(2);
    expect(run.calls).not.toContain("UpdateAlias");
  });

  test.each([
    [["--steps", "10,100"], "--steps and --every belong to --gradual"],
    [["--gradual", "--steps", "50,10,100"], "give rising percents that end with 100"],
    [["--gradual", "--steps", "10,50"], "give rising percents that end with 100"],
    [["--gradual", "--every", "0"], "give minutes from 1 to 1440"],
    [["--gradual", "--list"], "cannot be used with option '--list'"],
  ])("for %j, which is wrong usage", async (options, complaint) => {
    expect(await run.run(...options)).toBe(2);
    expect(run.complained()).toContain(complaint);
  });
});

test.each<[string, readonly number[] | undefined]>([
  ["100", [100]],
  [" 1, 33.3 ,100", [1, 33.3, 100]],
  ["0,100", undefined],
  ["10,10,100", undefined],
  ["ten,100", undefined],
  ["", undefined],
  ["50,100,150", undefined],
])("steps %j are %j", (text, steps) => {
  expect(parseSteps(text)).toEqual(steps);
});
