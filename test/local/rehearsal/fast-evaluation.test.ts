import { isComposite } from "@wrist-agent/cloudwatch/alarm";
import { beforeAll, describe, expect, test } from "vitest";
import { MetricFeed } from "../../../local/rehearsal/published-metrics.ts";
import { RegionalAlarms } from "../../../local/rehearsal/replay.ts";
import { FAULT_SCENARIOS } from "../../../local/rehearsal/scenario.ts";
import { simulate, type Simulation } from "../../../local/rehearsal/simulation.ts";
import {
  type MeasuredStage,
  scenarioNamed,
  stageUnderTest,
  type StageUnderTest,
} from "../../support/alarm-aims.ts";

const MINUTE = 60_000;
const STAGES: readonly MeasuredStage[] = [
  { profile: "full", perDay: 100, delays: "slow" },
  { profile: "full", perDay: 10, delays: "usual" },
];
let stages: readonly StageUnderTest[];

beforeAll(async () => {
  stages = await Promise.all(STAGES.map(stageUnderTest));
});

/**
 * Every transition of a simulation, with its reason; by a feed that tells what changed, or by one that does
 * not.
 */
function transitionsOf({ alarms }: StageUnderTest, simulation: Simulation, telling: "changes" | "nothing") {
  const feed = new MetricFeed(alarms.definitions, alarms.probeService);
  const source = telling === "changes" ? feed : { readSeries: feed.readSeries };
  const regional = new RegionalAlarms(alarms, source, simulation.startMs);
  const names = alarms.definitions.filter((each) => !isComposite(each)).map(({ alarmName }) => alarmName);
  const seen: string[] = [];
  let next = 0;
  for (let minuteMs = simulation.startMs; minuteMs < simulation.endMs; minuteMs += MINUTE)
    names.forEach((name, place) => {
      const nowMs = minuteMs + Math.floor((place * MINUTE) / names.length);
      for (let due = simulation.published[next]; due && due.visibleMs <= nowMs;) {
        feed.publish(due);
        next += 1;
        due = simulation.published[next];
      }
      for (const { current, actions } of regional.around(name).evaluate(nowMs, name))
        seen.push(`${nowMs} ${current.alarmName} ${current.state} ${current.stateReason} ${actions.join()}`);
    });
  return seen;
}

describe("an evaluation that reads again only what changed", () => {
  test.each(FAULT_SCENARIOS.map(({ name }, place) => [name, place] as const))(
    "finds in %s what a whole read each minute finds",
    (name, place) => {
      const stage = stages[place % stages.length];
      if (stage === undefined) throw new Error("no stage");
      const scenario = scenarioNamed(name, { durationHours: name === "healthy" ? 0 : 5 });
      const simulation = simulate({ ...stage.plan, scenario, seed: place, days: 0.4, quietHours: 3 });
      const fast = transitionsOf(stage, simulation, "changes");
      expect(fast.length).toBeGreaterThan(0);
      expect(fast).toEqual(transitionsOf(stage, simulation, "nothing"));
    },
  );
});
