import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProbeForm } from "../../../lambda/agent/probe-form.ts";
import { PROBE_FULL_FORM } from "../../../lambda/contract/probe.ts";
import { type Mode, MODES } from "../../../lambda/contract/request.ts";
import { IDEAL_CONDITIONS } from "../../../local/rehearsal/conditions.ts";
import { FullQuestions } from "../../../local/rehearsal/full-questions.ts";
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
