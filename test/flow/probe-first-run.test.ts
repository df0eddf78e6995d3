import { beforeAll, describe, expect, test } from "vitest";
import type { AlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { SIMULATION_START_MS } from "../../local/rehearsal/synthetic-traffic.ts";
import { AlarmTrial, synthesisedAlarms } from "../support/alarm-trial.ts";

const MINUTE = 60_000;
/** The two schedules of the probe make a run every minute. */
const RUNS = 30;

let alarm: AlarmDefinition;

beforeAll(async () => {
  const found = (await synthesisedAlarms(30)).get("probe-failing");
  if (found === undefined) throw new Error("no alarm probe-failing");
  alarm = found;
});

/** States of the probe's alarm after its stack was made, with the minute of each. */
function statesAfter(firstRunMinute: number, failed: 0 | 1): readonly string[] {
  const trial = new AlarmTrial([alarm]);
  for (let run = 0; run < RUNS; run += 1)
    trial.tellRun(failed, SIMULATION_START_MS + (firstRunMinute + run) * MINUTE);
  const changes = trial.runTo(SIMULATION_START_MS + RUNS * MINUTE);
  return changes.map(({ state, atMs }) => `${state} ${(atMs - SIMULATION_START_MS) / MINUTE}`);
}

describe("a fresh deploy", () => {
  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    "pages nobody when its first run comes after %d minutes",
    (minute) => {
      expect(statesAfter(minute, 0)).toEqual(["OK 13"]);
    },
  );

  test("pages after 13 minutes when it never worked", () => {
    expect(statesAfter(3, 1)).toEqual(["ALARM 13"]);
  });

  test("pages after 13 minutes when the probe never ran", () => {
    expect(statesAfter(RUNS, 0)).toEqual(["ALARM 13"]);
  });
});
