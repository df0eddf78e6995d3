import { beforeEach, describe, expect, test } from "vitest";
import type { ScheduleSource } from "../../../local/assembly/schedules.ts";
import { type Clock, ManualClock, type Task } from "@wrist-agent/cloudwatch/clock";
import { scheduleTimes } from "@wrist-agent/cloudwatch/schedule-expression";
import { Scheduler } from "../../../local/lambda/scheduler.ts";

const MINUTE = 60_000;
const NINE = Date.UTC(2026, 10, 23, 9);
const FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:probe:live";

let clock: ManualClock;
let lastRuns: Map<string, number>;
let ran: string[];
let events: unknown[];
let finish: (() => void)[];

beforeEach(() => {
  clock = new ManualClock(NINE + 30_000);
  lastRuns = new Map();
  [ran, events, finish] = [[], [], []];
});

function source(expression: string, changes: Partial<ScheduleSource> = {}): ScheduleSource {
  const times = scheduleTimes(expression);
  if ("refusal" in times) throw new Error(times.refusal);
  const scheduleArn = "arn:aws:scheduler:eu-west-1:123456789012:schedule/default/probe";
  return { scheduleArn, expression, times, functionArn: FUNCTION, ...changes };
}

/** A scheduler whose function answers at once, or when `finish` says so. */
function started(one: ScheduleSource, answers: "at once" | "later" = "at once"): Scheduler {
  const scheduler = new Scheduler([one], {
    clock,
    lastRunMs: (arn) => lastRuns.get(arn),
    ran: (arn, atMs) => lastRuns.set(arn, atMs),
    invoke: (_arn, event) => {
      ran.push(new Date(clock.now()).toISOString().slice(11, 19));
      events.push(event);
      return answers === "at once" ? Promise.resolve() : new Promise((done) => finish.push(done));
    },
  });
  scheduler.start();
  return scheduler;
}

/** A clock that jumps as a laptop that slept does: its timers come when and in the order that a test says. */
class JumpingClock implements Clock {
  readonly #tasks: Task[] = [];
  nowMs = NINE;

  now(): number {
    return this.nowMs;
  }

  every(_periodMs: number, task: Task): () => void {
    this.#tasks.push(task);
    return () => undefined;
  }

  fire(): void {
    for (const task of this.#tasks) void task(this.nowMs);
  }
}

describe("a machine that slept", () => {
  test("is judged after the run that makes up for its sleep, whichever timer comes first", async () => {
    const jumping = new JumpingClock();
    lastRuns.set(source("rate(5 minutes)").scheduleArn, NINE - MINUTE);
    let answer: (() => void) | undefined;
    const scheduler = new Scheduler([source("rate(5 minutes)")], {
      clock: jumping,
      lastRunMs: (arn) => lastRuns.get(arn),
      ran: (arn, atMs) => lastRuns.set(arn, atMs),
      invoke: () => new Promise((done) => (answer = done)),
    });
    scheduler.start();
    jumping.nowMs += 12 * MINUTE;
    jumping.fire();
    let judgedMs: number | undefined = -1;
    const judging = scheduler.caughtUp(jumping.nowMs).then((atMs) => (judgedMs = atMs));
    await Promise.resolve();
    expect(judgedMs).toBe(-1);
    jumping.nowMs += 3000;
    answer?.();
    await judging;
    expect(judgedMs).toBe(NINE + 12 * MINUTE + 3000);
  });
});

describe("a clock that was ahead", () => {
  const FAR = NINE + 400 * 86_400_000;

  test.each(["rate(5 minutes)", "cron(0/5 * * * ? *)"])(
    "before this start leaves %s running, and is told",
    async (expression) => {
      const one = source(expression);
      lastRuns.set(one.scheduleArn, FAR);
      const told: string[] = [];
      const scheduler = new Scheduler([one], {
        clock,
        lastRunMs: (arn) => lastRuns.get(arn),
        ran: (arn, atMs) => lastRuns.set(arn, atMs),
        invoke: () => Promise.resolve(void ran.push(new Date(clock.now()).toISOString().slice(11, 16))),
        clockWentBack: (arn) => told.push(arn),
      });
      scheduler.start();
      await clock.advance(11 * MINUTE);
      expect(ran.length).toBeGreaterThanOrEqual(2);
      expect(told).toEqual([one.scheduleArn]);
    },
  );

  test("and goes back while the system runs leaves a schedule running, and is told", () => {
    const jumping = new JumpingClock();
    jumping.nowMs = FAR;
    const told: string[] = [];
    const scheduler = new Scheduler([source("rate(5 minutes)")], {
      clock: jumping,
      lastRunMs: () => FAR,
      ran: () => undefined,
      invoke: () => Promise.resolve(),
      clockWentBack: (arn) => told.push(arn),
    });
    scheduler.start();
    jumping.nowMs = NINE;
    jumping.fire();
    expect(scheduler.rows()[0]?.nextMs).toBe(NINE + 5 * MINUTE);
    jumping.fire();
    expect(told).toHaveLength(1);
  });
});

describe("a schedule", () => {
  test("of a rate runs at once, and then at full minutes", async () => {
    started(source("rate(5 minutes)"));
    await clock.advance(11 * MINUTE);
    expect(ran).toEqual(["09:00:30", "09:05:00", "09:10:00"]);
  });

  test("that never ran does so at the start, and again only when it is due", async () => {
    const daily = source("cron(0 12 * * ? *)");
    started(daily).stop();
    await clock.advance(2 * MINUTE);
    started(daily).stop();
    expect(ran).toEqual(["09:00:30"]);
  });

  test("that was due while the system was stopped runs once at the start", async () => {
    lastRuns.set(source("rate(5 minutes)").scheduleArn, NINE - 3 * 3_600_000);
    started(source("rate(5 minutes)"));
    await clock.advance(6 * MINUTE);
    expect(ran).toEqual(["09:00:30", "09:05:00"]);
  });

  test("that was not due yet waits for its time", async () => {
    lastRuns.set(source("rate(5 minutes)").scheduleArn, NINE - 2 * MINUTE);
    const scheduler = started(source("rate(5 minutes)"));
    expect(scheduler.rows()).toEqual([
      { name: "probe", functionName: "probe:live", expression: "rate(5 minutes)", nextMs: NINE + 3 * MINUTE },
    ]);
    await clock.advance(4 * MINUTE);
    expect(ran).toEqual(["09:03:00"]);
  });

  test("keeps to its start and its end", async () => {
    started(source("rate(1 minute)", { startMs: NINE + 2 * MINUTE, endMs: NINE + 4 * MINUTE }));
    await clock.advance(10 * MINUTE);
    expect(ran).toEqual(["09:02:00", "09:03:00"]);
  });

  test("that is stopped runs no more", async () => {
    started(source("rate(1 minute)")).stop();
    await clock.advance(5 * MINUTE);
    expect(ran).toEqual(["09:00:30"]);
  });
});

describe("whoever waits for overdue runs", () => {
  test("waits for the run of the start, and not for one at its time", async () => {
    const scheduler = started(source("rate(5 minutes)"), "later");
    const caughtUp = scheduler.caughtUp(clock.now());
    finish[0]?.();
    expect(await caughtUp).toBe(NINE + 30_000);
    expect(await scheduler.caughtUp(clock.now())).toBeUndefined();
  });

  test("makes up for a minute that nobody woke up in", async () => {
    const scheduler = started(source("rate(5 minutes)"));
    await scheduler.caughtUp(clock.now());
    expect(await scheduler.caughtUp(NINE + 5 * MINUTE)).toBeUndefined();
    await scheduler.caughtUp(NINE + 60 * MINUTE);
    expect(ran).toHaveLength(2);
  });
});

describe("the event", () => {
  test("is the input, with the attributes of the run", () => {
    const input =
      '{"deep":true,"at":"<aws.scheduler.scheduled-time>","try":"<aws.scheduler.attempt-number>"}';
    started(source("rate(5 minutes)", { input }));
    expect(events).toEqual([{ deep: true, at: "2026-11-23T09:00:30Z", try: "1" }]);
  });

  test("is EventBridge's own where there is no input", () => {
    started(source("rate(5 minutes)"));
    expect(events).toMatchObject([
      {
        "detail-type": "Scheduled Event",
        source: "aws.scheduler",
        account: "123456789012",
        region: "eu-west-1",
        time: "2026-11-23T09:00:30Z",
        resources: ["arn:aws:scheduler:eu-west-1:123456789012:schedule/default/probe"],
        detail: "{}",
      },
    ]);
  });
});
