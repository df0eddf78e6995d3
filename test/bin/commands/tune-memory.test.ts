import { describe, expect, test } from "vitest";
import { runTuning, type Tuning } from "../../../bin/commands/tune-memory.ts";
import { restoreFunction } from "../../../bin/commands/tune-memory/tuned-function.ts";
import { answered, benchOf, FakeTunedFunction, type Answer } from "../../support/fake-tuned-function.ts";

const TUNING: Tuning = {
  plan: { sizes: [128, 256, 512], cold: 2, warm: 3 },
  traffic: { coldShare: 0.5, requestsPerDay: 30 },
  prices: { arm64: 0.00001, x86_64: 1 },
};

/** Half the memory, twice the time; the model takes a second in every size. */
const scaled: Answer = (memoryMb, count) => {
  const scale = 256 / memoryMb;
  return count < 2
    ? answered({ initMs: 400 * scale, durationMs: 1000 + 100 * scale, modelMs: 1000, usedMb: 80 })
    : answered({ durationMs: 1000 + 10 * scale, modelMs: 1000, usedMb: 90 });
};

const versionsOf = (tuned: FakeTunedFunction): readonly string[] => [...tuned.kept.keys()];

function expectUntouched(tuned: FakeTunedFunction): void {
  expect(versionsOf(tuned)).toEqual(["$LATEST", "1"]);
  expect(tuned.kept.get("$LATEST")).toMatchObject({ memoryMb: 256, description: "the agent" });
}

describe("a measurement", () => {
  test("asks a version of its own for each size and leaves the function as it was", async () => {
    const tuned = new FakeTunedFunction(scaled);
    const { sizes, modelMs, modelUsd } = await runTuning(benchOf(tuned), TUNING);
    expect([modelMs, modelUsd]).toEqual([1000, 0.015]);
    expect(sizes).toMatchObject([
      {
        memoryMb: 128,
        isCurrent: false,
        init: { medianMs: 800 },
        first: { medianMs: 200 },
        memoryUsedMb: 90,
      },
      { memoryMb: 256, isCurrent: true, init: { medianMs: 400 }, warm: { medianMs: 10, worstMs: 10 } },
      { memoryMb: 512, isCurrent: false, waitMs: 127.5, unanswered: 0 },
    ]);
    // Half of (200 + 50) ms and half of 5 ms, and the model's second, in half a gigabyte.
    expect(sizes[2]?.gigabyteSeconds).toBeCloseTo(0.56375, 3);
    expect(sizes[2]?.usdPerMonth).toBe(0.005074);
    expectUntouched(tuned);
  });

  test("publishes everything before it asks, and $LATEST has its memory back before the first question", async () => {
    const tuned = new FakeTunedFunction((memoryMb, count) => {
      tuned.done.push("ask");
      return scaled(memoryMb, count);
    });
    await runTuning(benchOf(tuned), { ...TUNING, plan: { sizes: [128, 512], cold: 1, warm: 1 } });
    expect(tuned.done).toEqual([
      "$LATEST 128",
      "publish 2",
      "$LATEST 512",
      "publish 3",
      "$LATEST 256",
      "ask",
      "ask",
      "ask",
      "ask",
      "remove 2",
      "remove 3",
    ]);
  });

  test("waits until Lambda has made each change, and gives up after five minutes", async () => {
    const tuned = new FakeTunedFunction(scaled);
    tuned.changing = ["ready", "changing", "changing"];
    const patient = benchOf(tuned);
    await runTuning(patient, TUNING);
    expect(patient.waits).toEqual([1000, 1000]);
    tuned.changing = ["ready", ...Array.from({ length: 301 }, () => "changing" as const)];
    await expect(runTuning(benchOf(tuned), TUNING)).rejects.toThrow(
      "wrist-agent-test:$LATEST is still being changed after 5 minutes: try again later",
    );
  });

  test("says why Lambda could not set a version up", async () => {
    const tuned = new FakeTunedFunction(scaled);
    tuned.changing = ["ready", { failed: "the subnet is gone" }];
    await expect(runTuning(benchOf(tuned), TUNING)).rejects.toThrow(
      "Lambda could not set up wrist-agent-test:$LATEST: the subnet is gone",
    );
    expectUntouched(tuned);
  });

  test("stops asking a size in which the function fails, and goes on with the next", async () => {
    let asked = 0;
    const tuned = new FakeTunedFunction((memoryMb, count) => {
      if (memoryMb > 128) return scaled(memoryMb, count);
      asked += 1;
      return { kind: "failed", error: "Runtime.ExitError: signal: killed", log: "" };
    });
    const { sizes } = await runTuning(benchOf(tuned), TUNING);
    expect(asked).toBe(2);
    expect(sizes[0]).toEqual({
      memoryMb: 128,
      isCurrent: false,
      memoryUsedMb: 0,
      unanswered: 0,
      fault: "Runtime.ExitError: signal: killed",
    });
    expect(sizes[1]?.waitMs).toBe(255);
  });

  test("counts what the model or Lambda throttled, and measures the rest", async () => {
    const tuned = new FakeTunedFunction((memoryMb, count) => {
      if (count === 0) return { kind: "throttled" };
      if (count === 3) return { kind: "answered", status: 429, error: "busy", log: "" };
      return scaled(memoryMb, count);
    });
    const { sizes } = await runTuning(benchOf(tuned), TUNING);
    expect(sizes.map(({ unanswered }) => unanswered)).toEqual([2, 2, 2]);
    expect(sizes[1]?.waitMs).toBe(255);
  });

  test.each([
    [401, "Unauthorized", "with 128 MB the agent answered 401: Unauthorized"],
    [500, "", "with 128 MB the agent answered 500: it gave no reason"],
  ])("ends when the agent answers %i, which no memory fixes", async (status, error, message) => {
    const tuned = new FakeTunedFunction(() => ({ kind: "answered", status, error, log: "" }));
    await expect(runTuning(benchOf(tuned), TUNING)).rejects.toThrow(message);
    expectUntouched(tuned);
  });

  test("ends when the log has no report of Lambda", async () => {
    const tuned = new FakeTunedFunction(() => ({ kind: "answered", status: 200, error: "", log: "{}\n" }));
    await expect(runTuning(benchOf(tuned), TUNING)).rejects.toThrow(/system log level must be INFO or DEBUG/);
    expectUntouched(tuned);
  });

  test("ends when somebody else changes the function, whose change stays", async () => {
    const tuned = new FakeTunedFunction(scaled);
    tuned.overtaken = 1;
    await expect(runTuning(benchOf(tuned), TUNING)).rejects.toThrow(
      "somebody else changed wrist-agent-test meanwhile: measure when no deployment is under way",
    );
    expectUntouched(tuned);
  });

  test("refuses a description that leaves no room for the mark that it puts there", async () => {
    const tuned = new FakeTunedFunction(scaled, "x".repeat(240));
    await expect(runTuning(benchOf(tuned), TUNING)).rejects.toThrow(/shorten it in the template/);
    expect(tuned.done).toEqual([]);
  });
});

describe("a measurement that is interrupted", () => {
  test.each([0, 4])("after %i questions puts everything back", async (questions) => {
    const stopping = new AbortController();
    let count = 0;
    const tuned = new FakeTunedFunction((memoryMb, nth) => {
      if (count === questions) stopping.abort();
      count += 1;
      return scaled(memoryMb, nth);
    });
    await expect(runTuning(benchOf(tuned, stopping.signal), TUNING)).rejects.toThrow(
      "interrupted: nothing is left of the measurement",
    );
    expectUntouched(tuned);
  });

  test("while it publishes puts everything back", async () => {
    const stopping = new AbortController();
    const tuned = new FakeTunedFunction(scaled);
    const publish = tuned.publish;
    tuned.publish = (description) => {
      stopping.abort();
      return publish(description);
    };
    await expect(runTuning(benchOf(tuned, stopping.signal), TUNING)).rejects.toThrow(/^interrupted/);
    expectUntouched(tuned);
  });

  test("and cannot put everything back says how that is done later", async () => {
    const tuned = new FakeTunedFunction(scaled);
    tuned.removeFault = new Error("access denied");
    await expect(runTuning(benchOf(tuned), TUNING)).rejects.toThrow(
      "wrist-agent-test may not be as it was: run tune-memory --clean (access denied)",
    );
  });

  test("by a kill is put back by the next one, from what stands on the function", async () => {
    const tuned = new FakeTunedFunction(scaled);
    await tuned.configure(
      { memoryMb: 1769, description: "the agent [tune-memory: was 256 MB]" },
      "r0-$LATEST",
    );
    await tuned.publish("made by tune-memory to measure 1769 MB; may be deleted");
    expect(await restoreFunction(benchOf(tuned))).toEqual([
      "$LATEST has its 256 MB again",
      "removed versions of the measurement: 2",
    ]);
    expectUntouched(tuned);
    expect(await restoreFunction(benchOf(tuned))).toEqual([]);
  });

  test("and meets a deployment while it puts back tries again", async () => {
    const tuned = new FakeTunedFunction(scaled);
    await tuned.configure(
      { memoryMb: 1769, description: "the agent [tune-memory: was 256 MB]" },
      "r0-$LATEST",
    );
    tuned.overtaken = 1;
    await restoreFunction(benchOf(tuned));
    expectUntouched(tuned);
  });
});
