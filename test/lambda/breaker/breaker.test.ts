import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { describe, expect, test } from "vitest";
import { type BreakerPorts, calendarDay, createBreaker } from "../../../lambda/breaker/breaker.ts";
import { cloudWatchSpend } from "../../../lambda/breaker/deployed-breaker.ts";
import type { BreakerState } from "../../../lambda/contract/breaker.ts";

const NOW = "2026-11-23T17:00:00.000Z";
const MIDNIGHT = "2026-11-24T08:00:00.000Z";
const ALARM_ARN = "arn:aws:cloudwatch:us-west-2:123456789012:alarm:wrist-agent-test-spend-today";
const WATCH = { order: "watch" };

/** As CloudWatch sends it; shortened to what a Lambda action's event always has. */
function alarmEvent(value: string, alarmArn = ALARM_ARN): object {
  return {
    source: "aws.cloudwatch",
    alarmArn,
    accountId: "123456789012",
    time: "2026-11-23T17:00:00.000+0000",
    region: "us-west-2",
    alarmData: { alarmName: "wrist-agent-test-spend-today", state: { value, reason: "Threshold Crossed" } },
  };
}

function breakerWith(spentUsd: number | undefined, state?: BreakerState) {
  const world = { nowMs: Date.parse(NOW), spentUsd, state };
  const writes: BreakerState[] = [];
  const ports: BreakerPorts = {
    facts: { alarmArn: ALARM_ARN, timeZone: "America/Los_Angeles", dailySpendUsd: 1 },
    readState: () => Promise.resolve(world.state),
    writeState: (next) => {
      writes.push(next);
      world.state = next;
      return Promise.resolve();
    },
    spentUsd: () =>
      world.spentUsd === undefined
        ? Promise.reject(new Error("no metrics"))
        : Promise.resolve(world.spentUsd),
    log: () => undefined,
    now: () => world.nowMs,
  };
  return { run: createBreaker(ports), world, writes };
}

const OPENED = { openUntil: MIDNIGHT, since: NOW, spentUsd: 1.25 };

describe("the spend breaker", () => {
  test.each([
    ["the alarm", alarmEvent("ALARM"), "alarm"],
    ["its own look at the day", WATCH, "watch"],
  ])("is opened by %s until the stage's midnight", async (_name, event, by) => {
    const { run, writes } = breakerWith(1.25);
    expect(await run(event)).toEqual({
      isOpen: true,
      state: { ...OPENED, by },
      spentUsd: 1.25,
      dailySpendUsd: 1,
      timeZone: "America/Los_Angeles",
      did: "opened",
    });
    expect(writes).toEqual([{ ...OPENED, by }]);
  });

  test("stays closed while the day itself is within its limit, though the last 24 hours are not", async () => {
    const { run, writes } = breakerWith(0.03);
    expect(await run(alarmEvent("ALARM"))).toMatchObject({
      isOpen: false,
      did: "nothing: the day has cost 0.03 USD of 1 USD",
    });
    expect(writes).toEqual([]);
  });

  test("is written once: many looks at the same day change nothing", async () => {
    const { run, writes, world } = breakerWith(1.25);
    for (const event of [alarmEvent("ALARM"), WATCH, alarmEvent("ALARM"), WATCH]) await run(event);
    expect(writes).toHaveLength(1);
    world.nowMs = Date.parse(MIDNIGHT);
    world.spentUsd = 0;
    expect(await run(WATCH)).toMatchObject({ isOpen: false });
    world.spentUsd = 1.01;
    expect(await run(WATCH)).toMatchObject({
      isOpen: true,
      state: { openUntil: "2026-11-25T08:00:00.000Z" },
    });
  });

  test("that an operator opened for longer is never shortened", async () => {
    const openUntil = "2026-12-01T00:00:00.000Z";
    const { run, writes } = breakerWith(1.25, { openUntil, by: "operator", since: NOW });
    expect(await run(alarmEvent("ALARM"))).toMatchObject({ isOpen: true, state: { openUntil } });
    expect(writes).toEqual([]);
  });

  test("is not closed by the alarm's recovery", async () => {
    const { run, writes } = breakerWith(0, { ...OPENED, by: "alarm" });
    expect(await run(alarmEvent("OK"))).toMatchObject({ isOpen: true });
    expect(await run(alarmEvent("INSUFFICIENT_DATA"))).toMatchObject({ isOpen: true });
    expect(writes).toEqual([]);
  });

  test("is opened by the alarm where the cost cannot be read, and a watch that sees nothing fails loudly", async () => {
    const { run, writes } = breakerWith(undefined);
    await expect(run(WATCH)).rejects.toThrow("nobody watches the limit");
    expect(await run(alarmEvent("ALARM"))).toMatchObject({ isOpen: true });
    expect(writes).toEqual([{ openUntil: MIDNIGHT, by: "alarm", since: NOW }]);
  });

  test("knows its alarm: another one is refused by name", async () => {
    const { run, writes } = breakerWith(1.25);
    const other = ALARM_ARN.replace("spend-today", "failing-now");
    await expect(run(alarmEvent("ALARM", other))).rejects.toThrow(
      `alarm ${other} does not open this breaker`,
    );
    expect(writes).toEqual([]);
  });
});

describe("the operator", () => {
  test("closes it for the rest of the day, against alarm and watch; the next day is guarded again", async () => {
    const { run, world } = breakerWith(1.25, { ...OPENED, by: "alarm" });
    expect(await run({ order: "close" })).toMatchObject({
      isOpen: false,
      state: { closedUntil: MIDNIGHT, by: "operator" },
    });
    for (const event of [alarmEvent("ALARM"), WATCH])
      expect(await run(event)).toMatchObject({ isOpen: false });
    world.nowMs = Date.parse(MIDNIGHT);
    expect(await run(WATCH)).toMatchObject({ isOpen: true });
  });

  test("opens it until midnight, or until an instant", async () => {
    const { run } = breakerWith(0);
    expect(await run({ order: "open" })).toMatchObject({ isOpen: true, state: { openUntil: MIDNIGHT } });
    const until = "2026-11-23T18:00:00+01:00";
    await expect(run({ order: "open", until })).rejects.toThrow("is no instant ahead");
    await expect(run({ order: "open", until: "soon" })).rejects.toThrow('"soon" is no instant ahead');
    expect(await run({ order: "open", until: "2026-11-23T18:00:01Z" })).toMatchObject({
      state: { openUntil: "2026-11-23T18:00:01.000Z", by: "operator" },
    });
  });

  test("looks without changing anything", async () => {
    const { run, writes } = breakerWith(0.5);
    expect(await run({ order: "status" })).toEqual({
      isOpen: false,
      spentUsd: 0.5,
      dailySpendUsd: 1,
      timeZone: "America/Los_Angeles",
      did: "looked",
    });
    expect(writes).toEqual([]);
  });

  test.each([[{}], [undefined], [{ order: "explode" }]])("%j is no order", async (event) => {
    await expect(breakerWith(0).run(event)).rejects.toThrow("the event is no order");
  });
});

describe("a day", () => {
  test.each([
    ["America/Los_Angeles", NOW, ["2026-11-23T08:00:00Z", "2026-11-24T08:00:00Z"]],
    ["UTC", "2026-11-23T00:00:00Z", ["2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z"]],
    ["Asia/Kathmandu", NOW, ["2026-11-22T18:15:00Z", "2026-11-23T18:15:00Z"]],
    ["Europe/Berlin", "2026-10-25T12:00:00Z", ["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"]],
    ["Europe/Berlin", "2026-03-29T12:00:00Z", ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"]],
    ["Africa/Cairo", "2026-04-24T12:00:00Z", ["2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"]],
  ])("of %s at %s is from %j", (timeZone, now, day) => {
    const { startMs, endMs } = calendarDay(Date.parse(now), timeZone);
    expect([startMs, endMs]).toEqual(day.map((instant) => Date.parse(instant)));
  });
});

test("the day's cost is the sum of the users' own metric", async () => {
  const asked: unknown[] = [];
  const client = new CloudWatchClient({ region: "us-west-2" });
  client.middlewareStack.add(
    () =>
      ({ input }) => {
        asked.push(input);
        const output = { $metadata: {}, Datapoints: [{ Sum: 0.25 }, { Sum: 0.5 }, {}] };
        return Promise.resolve({ response: undefined, output });
      },
    { step: "initialize" },
  );
  const [fromMs, toMs] = [Date.parse(NOW) - 1, Date.parse(NOW)];
  expect(await cloudWatchSpend(client, "test")(fromMs, toMs)).toBe(0.75);
  expect(asked).toEqual([
    {
      Namespace: "WristAgent",
      MetricName: "CostUsd",
      Dimensions: [{ Name: "service", Value: "wrist-agent-test" }],
      StartTime: new Date(fromMs),
      EndTime: new Date(toMs),
      Period: 300,
      Statistics: ["Sum"],
    },
  ]);
});
