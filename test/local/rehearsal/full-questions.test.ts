import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProbeForm } from "../../../lambda/agent/probe-form.ts";
import { PROBE_FULL_FORM } from "../../../lambda/contract/probe.ts";
import { type Mode, MODES } from "../../../lambda/contract/request.ts";
import { IDEAL_CONDITIONS } from "../../../local/rehearsal/conditions.ts";
import { scenarioFrom } from "../../../local/rehearsal/fault-definition.ts";
import { FullQuestions } from "../../../local/rehearsal/probe-runs.ts";
import { simulate } from "../../../local/rehearsal/simulation.ts";
import type { SimulatedRequest } from "../../../local/rehearsal/synthetic-traffic.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PLAN = { seed: 1, conditions: IDEAL_CONDITIONS };

function answerOf(mode: Mode, atMs: number): SimulatedRequest {
  return { atMs, durationMs: 0, costUsd: 0, outcome: "served", mode };
}

/** What happens to an environment: a user's answered request, or a question of the probe. */
interface Happening {
  readonly afterMinutes: number;
  readonly mode: Mode;
  readonly isUser: boolean;
  readonly isAnswered: boolean;
}

const HAPPENINGS: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.record({
    afterMinutes: fc.integer({ min: 1, max: 300 }),
    mode: fc.constantFrom(...MODES),
    isUser: fc.boolean(),
    isAnswered: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** Starts of the runs in which every try of a simulated probe failed, while research alone fails. */
function failedRuns(environmentHours: number): {
  readonly failedMs: readonly number[];
  readonly beginMs: number;
  readonly endMs: number;
} {
  const { probeRuns, fault } = simulate({
    scenario: { ...scenarioFrom({ fault: "research-fails" }), beginsAt: ({ beginMs }) => beginMs },
    perDay: 0,
    days: 4,
    seed: 1,
    quietHours: 24,
    probe: {
      schedules: [
        { everyMinutes: 1, asks: "health" },
        { everyMinutes: 3, asks: "model" },
      ],
      triesAtMs: [0, 1000],
      tryMs: 5000,
      publishes: "direct",
      fullForm: PROBE_FULL_FORM,
    },
    deadlineMs: 29_000,
    conditions: { ...IDEAL_CONDITIONS, environmentHours },
    requestTimes: () => [],
  });
  const failed = probeRuns.filter(({ ofRun }) => ofRun.values.Failure === 1);
  const { beginMs = 0, endMs = 0 } = fault ?? {};
  return { failedMs: failed.map(({ ofRun }) => ofRun.atMs).sort((a, b) => a - b), beginMs, endMs };
}

describe("a probe while research alone fails", () => {
  test.each([4, Infinity])(
    "fails from the next full question of research to the end, with environments of %s hours",
    (environmentHours) => {
      const { failedMs, beginMs, endMs } = failedRuns(environmentHours);
      const spanMs = PROBE_FULL_FORM.everyMinutes * MINUTE_MS;
      const spans = Array.from({ length: 10 }, (_, at) => Math.ceil(beginMs / spanMs) + at);
      const turn = MODES.indexOf("research");
      const dueMs = (spans.find((span) => span % MODES.length === turn) ?? 0) * spanMs;
      expect(failedMs[0]).toBeGreaterThanOrEqual(dueMs);
      expect((failedMs[0] ?? 0) - dueMs).toBeLessThan(MINUTE_MS);
      const apartMs = failedMs.slice(1).map((atMs, before) => atMs - (failedMs[before] ?? 0));
      expect(Math.max(...apartMs)).toBeLessThan(4 * MINUTE_MS);
      expect(endMs - (failedMs.at(-1) ?? 0)).toBeLessThan(4 * MINUTE_MS);
      expect(failedMs.at(-1)).toBeLessThan(endMs);
    },
  );
});

describe("the full questions of a simulated probe", () => {
  test("are those that the agent asks, whatever users and model do", () => {
    fc.assert(
      fc.property(HAPPENINGS, (happenings) => {
        let atMs = 0;
        const timed = happenings.map((each) => ({ ...each, atMs: (atMs += each.afterMinutes * MINUTE_MS) }));
        const users = timed.filter(({ isUser }) => isUser);
        const simulated = new FullQuestions(
          PROBE_FULL_FORM,
          users.map((each) => answerOf(each.mode, each.atMs)),
          PLAN,
        );
        const agent = new ProbeForm();
        let wanted: Mode | undefined;
        for (const { isUser, mode, isAnswered, atMs: nowMs } of timed) {
          if (isUser) agent.answeredInFull(mode, nowMs);
          else {
            const asked = agent.takeFull(nowMs, wanted);
            expect(simulated.modeAt(nowMs)).toBe(asked);
            if (asked === undefined) continue;
            wanted = isAnswered ? undefined : asked;
            if (!isAnswered) simulated.failed(asked);
            else {
              agent.answeredInFull(asked, nowMs);
              simulated.answered(asked, nowMs);
            }
          }
        }
      }),
    );
  });

  test("that found no answer are forgotten when Lambda replaces the environment, unless the probe was told", () => {
    const conditions = { ...IDEAL_CONDITIONS, environmentHours: 1 };
    const simulated = new FullQuestions(PROBE_FULL_FORM, [], { seed: 1, conditions });
    expect(simulated.modeAt(0)).toBe(MODES[0]);
    const askedAt = (hours: number): string | undefined => simulated.modeAt(hours * HOUR_MS);
    const quarters = Array.from({ length: 31 }, (_, quarter) => askedAt((quarter + 1) / 4));
    expect(quarters[0]).toBe(MODES[0]);
    expect(quarters.at(-1)).toBeUndefined();
    const told = new FullQuestions(PROBE_FULL_FORM, [], { seed: 1, conditions });
    told.failed(told.modeAt(0) ?? "");
    expect(told.modeAt(7.75 * HOUR_MS)).toBe(MODES[0]);
    told.answered(MODES[0], 7.75 * HOUR_MS);
    expect(told.modeAt(7.8 * HOUR_MS)).toBeUndefined();
  });
});
