import { CloudWatchClient, type PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { METRICS } from "../../../lambda/contract/metrics.ts";
import { PROBE_LIMITS, PROBE_LINE } from "../../../lambda/contract/probe.ts";
import type { ExchangeResult } from "../../../lambda/probe/http-exchange.ts";
import { publishFailure } from "../../../lambda/probe/probe.ts";
import type { TokenReading } from "../../../lambda/read-token.ts";
import { answering, PROBE_TOKEN, probeUnderTest, SERVED } from "../../support/probe-under-test.ts";

const REFUSED: ExchangeResult = { travel: { reached: "connect", latencyMs: 3 }, broken: "ECONNREFUSED" };
const TRIES = PROBE_LIMITS.triesAtMs.length;
const HEALTHY = answering(200, { status: "ok", stage: "test", version: "7" }, {});
const SLOW: ExchangeResult = { travel: { reached: "answer", latencyMs: 12_000 }, timedOut: true };

describe("a run", () => {
  test("asks as a Shortcut does, marked as the probe's", async () => {
    const probe = probeUnderTest();
    await probe.run();
    expect(probe.asked).toHaveLength(1);
    expect(probe.asked[0]).toMatchObject({
      url: "https://agent.example/",
      headers: {
        "content-type": "application/json",
        "x-client-token": PROBE_TOKEN,
        "x-wrist-agent-probe": "1",
      },
    });
    expect(JSON.parse(probe.asked[0]?.body ?? "")).toEqual({ text: "ok", mode: "note" });
  });

  test("that is told to asks for the agent's health, which costs nothing", async () => {
    const probe = probeUnderTest({ exchanges: [HEALTHY] });
    await probe.run({ asks: "health" });
    expect(probe.asked).toMatchObject([
      { method: "GET", body: "", headers: { "x-client-token": PROBE_TOKEN, "x-wrist-agent-probe": "1" } },
    ]);
    expect(probe.lastLine()).toMatchObject({ Failure: 0, asks: "health" });
  });

  test.each([[{}], [{ asks: "something else" }], [{ asks: "model" }]])(
    "asks the model when its event is %j",
    async (event) => {
      const probe = probeUnderTest();
      await probe.run(event);
      expect(probe.asked).toMatchObject([{ method: "POST" }]);
      expect(probe.lastLine()).toMatchObject({ asks: "model" });
    },
  );

  test("that is served publishes 0, stamped with its start, and writes one line", async () => {
    const probe = probeUnderTest();
    await probe.run();
    expect(probe.published).toEqual([{ value: 0, startedMs: Date.UTC(2026, 10, 23, 17, 5, 20) }]);
    expect(probe.lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        service: "wrist-agent-test-probe",
        Failure: 0,
        asks: "model",
        tries: 1,
        httpStatus: 200,
        requestId: "8f5e1c0a-0000-4000-8000-000000000001",
        token: "read",
        latencyMs: 800,
        reached: "done",
        address: "192.0.2.7",
        runMs: 800,
        probeRequestId: "8f5e1c0a-0000-4000-8000-00000000beef",
        version: "$LATEST",
      },
    ]);
  });

  test("that fails is certain of it: every try at its time, and the value is 1", async () => {
    const probe = probeUnderTest({ exchanges: [REFUSED] });
    await probe.run();
    const starts = probe.pauses.reduce<number[]>(
      (all, pauseMs) => [...all, (all.at(-1) ?? 0) + 3 + pauseMs],
      [0],
    );
    expect(starts).toEqual(PROBE_LIMITS.triesAtMs);
    expect(probe.published).toMatchObject([{ value: 1 }]);
    expect(probe.lastLine()).toMatchObject({
      Failure: 1,
      failureClass: "connection",
      detail: "ECONNREFUSED",
      tries: TRIES,
      triesFailed: Array.from({ length: TRIES }, () => "connection").join(","),
      reached: "connect",
    });
  });

  test("tries so far apart that an interruption of 50 seconds does not meet them all, and none before the last is over", () => {
    const { triesAtMs, tryMs } = PROBE_LIMITS;
    expect(Math.max(...triesAtMs)).toBeGreaterThanOrEqual(50_000);
    triesAtMs.slice(1).forEach((atMs, before) => {
      expect(atMs - (triesAtMs[before] ?? 0)).toBeGreaterThan(tryMs);
    });
  });

  test("whose value cannot be published says so on its line, and ends as it would have", async () => {
    const denied = Object.assign(new Error("not authorised"), { name: "AccessDenied" });
    const probe = probeUnderTest({ ports: { publish: () => Promise.reject(denied) } });
    await probe.run();
    expect(probe.lastLine()).toMatchObject({ Failure: 0, unpublished: "AccessDenied" });
    expect(probe.bugs).toEqual([denied]);
  });

  test("one success among the tries is a success, and the line keeps what failed before it", async () => {
    const probe = probeUnderTest({ exchanges: [answering(502, "", {}), SLOW, SERVED] });
    await probe.run();
    expect(probe.published).toMatchObject([{ value: Math.round((1000 * 2) / TRIES) / 1000 }]);
    expect(probe.lastLine()).toMatchObject({
      Failure: Math.round((1000 * 2) / TRIES) / 1000,
      tries: 3,
      triesFailed: "function_failed,timeout",
      httpStatus: 200,
    });
    expect(probe.lastLine()).not.toHaveProperty("failureClass");
  });

  test("names the mode whose full question failed to the next try and run, until one is answered", async () => {
    const told = {
      "x-request-id": "id-1",
      "x-wrist-agent-outcome": "upstream",
      "x-wrist-agent-probe-mode": "research",
    };
    const refused = answering(503, {}, told);
    const probe = probeUnderTest({
      exchanges: [
        ...Array.from({ length: TRIES }, () => refused),
        SLOW,
        answering(200, undefined, told),
        SERVED,
      ],
    });
    for (let run = 0; run < 3; run += 1) await probe.run();
    const marks = probe.asked.map(({ headers }) => headers["x-wrist-agent-probe"]);
    expect(marks).toEqual(["1", ...Array<string>(TRIES + 1).fill("research"), "1"]);
    expect(probe.lines.map((line) => (JSON.parse(line) as { Failure: number }).Failure)).toEqual([
      1,
      Math.round(1000 / TRIES) / 1000,
      0,
    ]);
  });

  test("tells why the agent failed, in the agent's words", async () => {
    const headers = {
      "x-request-id": "id-1",
      "x-wrist-agent-outcome": "upstream connection",
      "x-wrist-agent-probe-mode": "deepthink",
    };
    const probe = probeUnderTest({ exchanges: [answering(503, { error: "try again" }, headers)] });
    await probe.run();
    expect(probe.lastLine()).toMatchObject({
      failureClass: "agent_failed",
      outcome: "upstream",
      reason: "connection",
      mode: "deepthink",
      requestId: "id-1",
    });
  });

  test("whose every try hangs ends in time, the reading of the token included", async () => {
    const probe = probeUnderTest({ exchanges: [SLOW] });
    await probe.run();
    const { runMs, failureClass } = probe.lastLine();
    expect(failureClass).toBe("timeout");
    expect(runMs).toBeLessThan(PROBE_LIMITS.runMs);
    expect(PROBE_LIMITS.runMs).toBeLessThan(PROBE_LIMITS.functionSeconds * 1000);
    expect(PROBE_LIMITS.runMs + PROBE_LIMITS.publishMs).toBeLessThan(PROBE_LIMITS.functionSeconds * 1000);
  });

  test("leaves a try the less time the longer its token took", async () => {
    let elapsedMs = 0;
    const token = (): TokenReading => {
      elapsedMs += 2_500;
      return { value: PROBE_TOKEN };
    };
    const probe = probeUnderTest({ token, ports: { elapsed: () => elapsedMs } });
    await probe.run();
    expect(probe.asked[0]?.timeoutMs).toBe(PROBE_LIMITS.tryMs - 2_500);
  });

  test("that hangs for good, or has a bug, still writes its one line", async () => {
    const thrown = Object.assign(new TypeError(`cannot send ${PROBE_TOKEN}`), { code: "ERR_INVALID_CHAR" });
    for (const [exchange, detail] of [
      ["hang", "overdue"],
      [thrown, "ERR_INVALID_CHAR"],
      [new TypeError("x is undefined"), "TypeError"],
    ] as const) {
      const probe = probeUnderTest({ exchanges: [exchange] });
      await probe.run();
      expect(probe.lines).toHaveLength(1);
      expect(probe.lastLine()).toMatchObject({ Failure: 1, failureClass: "probe_broken", detail });
      expect(probe.bugs).toHaveLength(1);
    }
  });
});

describe("the token", () => {
  /** The lines of two runs that lie so far apart that the token is read for each. */
  const run = async (...readings: TokenReading[]): Promise<Readonly<Record<string, unknown>>[]> => {
    const left = [...readings];
    let elapsedMs = 0;
    const probe = probeUnderTest({
      token: () => left.shift() ?? readings.at(-1) ?? { fault: "token_unavailable" },
      ports: { elapsed: () => elapsedMs },
    });
    await probe.run();
    elapsedMs += PROBE_LIMITS.tokenReuseMs;
    await probe.run();
    return probe.lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  };

  test("is read from the document that a rotation writes", async () => {
    const value = JSON.stringify({
      current: "new",
      previous: "old",
      previousValidUntil: "2026-12-01T00:00:00Z",
    });
    const probe = probeUnderTest({ token: () => ({ value }) });
    await probe.run();
    expect(probe.asked[0]?.headers["x-client-token"]).toBe("new");
  });

  test("is kept for a few minutes, and read again after a try that failed", async () => {
    const probe = probeUnderTest({ exchanges: [SERVED, SERVED, answering(401, {}), SERVED] });
    const origins: unknown[] = [];
    for (let run = 0; run < 3; run += 1) {
      await probe.run();
      origins.push(probe.lastLine().token);
    }
    expect(origins).toEqual(["read", "kept", "read"]);
    expect(probe.lastLine()).toMatchObject({ tries: 2, triesFailed: "unauthorized" });
  });

  test("is remembered while SSM does not answer, as the agent does", async () => {
    const readings: TokenReading[] = [{ value: PROBE_TOKEN }];
    let elapsedMs = 0;
    const probe = probeUnderTest({
      token: () => readings.shift() ?? { fault: "token_unavailable" },
      ports: { elapsed: () => elapsedMs },
    });
    await probe.run();
    expect(probe.lastLine()).toMatchObject({ Failure: 0, token: "read" });
    elapsedMs += PROBE_LIMITS.tokenReuseMs;
    await probe.run();
    expect(probe.lastLine()).toMatchObject({ Failure: 0, token: "remembered" });
  });

  test.each(["token_missing", "token_denied"] as const)(
    "that is %s is a failure, whatever was known",
    async (fault) => {
      const [first, second] = await run({ value: PROBE_TOKEN }, { fault });
      expect(first).toMatchObject({ Failure: 0 });
      expect(second).toMatchObject({
        Failure: 1,
        failureClass: "token_unreadable",
        detail: fault,
        tries: TRIES,
      });
    },
  );

  test("that is empty, or was never readable, is a failure without a question", async () => {
    const probe = probeUnderTest({ token: () => ({ value: "  " }) });
    await probe.run();
    expect(probe.lastLine()).toMatchObject({ failureClass: "token_unreadable", detail: "token_empty" });
    expect(probe.asked).toEqual([]);
    const [down] = await run();
    expect(down).toMatchObject({ failureClass: "token_unreadable", detail: "token_unavailable" });
  });

  test("that was rotated between two tries is met by the second", async () => {
    const tokens = ["old", "new"];
    const probe = probeUnderTest({
      token: () => ({ value: tokens.shift() ?? "" }),
      exchanges: [answering(401, { error: "Unauthorized" }), SERVED],
    });
    await probe.run();
    expect(probe.asked.map(({ headers }) => headers["x-client-token"])).toEqual(["old", "new"]);
    expect(probe.lastLine()).toMatchObject({ tries: 2, triesFailed: "unauthorized" });
    expect(probe.lastLine()).not.toHaveProperty("failureClass");
  });
});

describe("whatever happens", () => {
  const word = fc.string({ unit: "grapheme-ascii", maxLength: 12 });
  const reached = fc.constantFrom("lookup", "connect", "handshake", "answer", "done" as const);
  const travel = fc.record({ reached, latencyMs: fc.nat(20_000) });

  test("one line with a value from 0 to 1 is written, and the token stands nowhere in it", async () => {
    const secret = fc.uuid().map((id) => `secret${id}`);
    const outcome = fc.oneof(
      fc.record({ travel, broken: word }),
      fc.record({ travel, timedOut: fc.constant(true as const) }),
      fc.record({
        travel,
        answered: fc.record({
          status: fc.integer({ min: 100, max: 599 }),
          headers: fc.dictionary(fc.constantFrom("x-request-id", "x-wrist-agent-outcome"), word),
          body: fc.oneof(word, fc.json()),
        }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(secret, fc.array(outcome, { minLength: 1, maxLength: 3 }), async (token, outcomes) => {
        const exchanges = [...outcomes, Object.assign(new Error(token), { code: `E ${token}` })];
        const probe = probeUnderTest({ exchanges, token: () => ({ value: token }) });
        await probe.run();
        expect(probe.lines).toHaveLength(1);
        const value = probe.lastLine()[METRICS.Failure.name];
        expect(probe.published.map((each) => each.value)).toEqual([value]);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(probe.lines.join()).not.toContain(token);
      }),
      { numRuns: 60 },
    );
  });

  test("no property of the line is named as the metric, the dimension or the directive", () => {
    const taken = [...Object.keys(METRICS), "service", "_aws"];
    expect(Object.values<string>(PROBE_LINE).filter((name) => taken.includes(name))).toEqual([]);
  });
});

test("a run's value is one datum in the probe's dimension, stamped with the start of the run", async () => {
  const sent: unknown[] = [];
  const client = new CloudWatchClient({ region: "us-west-2" });
  client.send = (command: unknown): Promise<never> => {
    sent.push((command as PutMetricDataCommand).input);
    return Promise.resolve({ $metadata: {} } as never);
  };
  const startedMs = Date.UTC(2026, 10, 23, 17, 5, 20);
  await publishFailure(client, "test")(0.429, startedMs);
  expect(sent).toEqual([
    {
      Namespace: "WristAgent",
      MetricData: [
        {
          MetricName: "Failure",
          Dimensions: [{ Name: "service", Value: "wrist-agent-test-probe" }],
          Unit: "Count",
          Value: 0.429,
          Timestamp: new Date(startedMs),
        },
      ],
    },
  ]);
});

test("a refusal of CloudWatch reaches the run, which says so on its line", async () => {
  const client = new CloudWatchClient({ region: "us-west-2" });
  client.send = (): Promise<never> => Promise.reject(new Error("denied"));
  await expect(publishFailure(client, "test")(1, 0)).rejects.toThrow("denied");
});
