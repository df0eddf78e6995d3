import { beforeAll, describe, expect, test } from "vitest";
import {
  aimRun,
  allClears,
  isOfLongBlip,
  type MeasuredStage,
  minutesToPage,
  notifying,
  OUTAGES,
  runsWithinBlips,
  scenarioNamed,
  stageUnderTest,
  type StageUnderTest,
} from "../support/alarm-aims.ts";

/** `npm run bench -- alarm-aims` measures the same with a thousand runs. */
const RUNS = 8;
/** So many that chance moves the rate by a tenth of the aim. */
const MONTHS = 1000;
const MODEL_OUTAGES = OUTAGES.slice(0, 4);
const STAGES: readonly MeasuredStage[] = [
  { profile: "default", perDay: 30, delays: "usual" },
  { profile: "full", perDay: 30, delays: "slow" },
];

const pages: StageUnderTest[] = [];
const all: StageUnderTest[] = [];

beforeAll(async () => {
  for (const stage of await Promise.all(STAGES.map(stageUnderTest))) {
    all.push(stage);
    pages.push(notifying(stage, "page"));
  }
});

function stageAt(stages: readonly StageUnderTest[], place: number): StageUnderTest {
  const stage = stages[place];
  if (stage === undefined) throw new Error(`no stage ${place}`);
  return stage;
}

function seeds(count: number): readonly number[] {
  return Array.from({ length: count }, (_, seed) => seed + 1);
}

describe.each(STAGES.map((stage, place) => [stage, place] as const))("with %j", (_stage, place) => {
  test.each(OUTAGES)("%s is paged in time in every run", (name) => {
    const atMost = MODEL_OUTAGES.includes(name) ? 6 : 4;
    const scenario = scenarioNamed(name, { durationHours: 0.5 });
    for (const seed of seeds(RUNS)) {
      const run = aimRun(stageAt(pages, place), { scenario, seed, days: 0.25, quietHours: 1 });
      const [minutes] = minutesToPage(run);
      expect(minutes, `seed ${seed}`).toBeLessThanOrEqual(atMost);
      expect(allClears(run), `seed ${seed}`).toEqual([]);
    }
  });

  test("a second outage is paged as the first one is, whenever it comes", () => {
    for (const seed of seeds(RUNS)) {
      const run = aimRun(stageAt(pages, place), {
        scenario: scenarioNamed("second-outage", { durationHours: 0.5 }),
        seed,
        days: 0.5,
        quietHours: 1,
      });
      expect(minutesToPage(run).map((minutes = Infinity) => minutes <= 4)).toEqual([true, true]);
    }
  });

  test("a dead probe raises an alarm within twelve minutes, and its end within fifteen", () => {
    for (const seed of seeds(RUNS)) {
      const scenario = scenarioNamed("probe-dead", { durationHours: 1 });
      const run = aimRun(stageAt(pages, place), { scenario, seed, days: 0.25, quietHours: 1 });
      expect(minutesToPage(run)[0]).toBeLessThanOrEqual(12);
      const endMs = run.simulation.fault?.endMs ?? 0;
      const back = run.pages.find(({ state, atMs }) => state === "OK" && atMs > endMs);
      expect(((back?.atMs ?? Infinity) - endMs) / 60_000).toBeLessThanOrEqual(15);
    }
  });

  test("a healthy month pages for an interruption alone that outlasts every try of a run", () => {
    const run = aimRun(stageAt(pages, place), { scenario: scenarioNamed("healthy"), seed: 3, days: 30 });
    const alarming = run.pages.filter(({ state }) => state === "ALARM");
    expect(alarming.filter((page) => !isOfLongBlip(page, run))).toEqual([]);
  });

  test("short interruptions outlast every try of a run less than once in ten months", () => {
    expect(runsWithinBlips(stageAt(pages, place), MONTHS) / MONTHS).toBeLessThanOrEqual(0.1);
  });

  test("a day of an outage sends at most four mails to a topic, and its end is told", () => {
    const run = aimRun(stageAt(all, place), { scenario: scenarioNamed("outage"), seed: 5 });
    const beginMs = run.simulation.fault?.beginMs ?? 0;
    for (const mails of [run.pages, run.tickets]) {
      const ofIncident = mails.filter(({ atMs }) => atMs > beginMs);
      expect(ofIncident.length).toBeGreaterThan(0);
      expect(ofIncident.length).toBeLessThanOrEqual(4);
    }
    expect(allClears(run)).toEqual([]);
  });

  test("a tenth of the requests failing is found within a day", () => {
    const run = aimRun(stageAt(all, place), { scenario: scenarioNamed("failing-tenth"), seed: 7 });
    const { beginMs = 0, endMs = 0 } = run.simulation.fault ?? {};
    expect(run.tickets.some(({ state, atMs }) => state === "ALARM" && atMs > beginMs && atMs <= endMs)).toBe(
      true,
    );
  });
});
