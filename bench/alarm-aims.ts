import {
  aimRun,
  type AimRun,
  falseAllClears,
  type MeasuredStage,
  minutesToPage,
  notifying,
  OUTAGES,
  scenarioNamed,
  stageUnderTest,
  type StageUnderTest,
} from "../test/support/alarm-aims.ts";
import type { Bench, Figure } from "./bench.ts";

/** So many runs of each kind of outage with the alarms that page, and so many months of a healthy stage. */
const OUTAGE_RUNS = 1000;
const PAGE_MONTHS = 100;

const STAGES: readonly MeasuredStage[] = [
  { profile: "default", perDay: 30, delays: "usual" },
  { profile: "full", perDay: 30, delays: "slow" },
];

/** How fast an outage is paged and how often nothing is, over simulated days on a CloudWatch that is late. */
export const bench: Bench = {
  description: `${OUTAGE_RUNS} outages of each kind and ${PAGE_MONTHS} healthy months through the alarms that page`,
  run: async () => {
    const figures: Figure[] = [];
    for (const stage of STAGES) {
      const pages = notifying(await stageUnderTest(stage), "page");
      figures.push(...OUTAGES.flatMap((name) => outageFigures(pages, stage, name)));
      figures.push(...quietFigures(pages, stage));
    }
    return figures;
  },
};

function titleOf({ profile, perDay, delays }: MeasuredStage): string {
  return `${profile}, ${perDay} a day, ${delays}`;
}

function outageFigures(stage: StageUnderTest, measured: MeasuredStage, name: string): readonly Figure[] {
  const scenario = scenarioNamed(name, { durationHours: 0.5 });
  const minutes: number[] = [];
  let allClears = 0;
  for (let seed = 1; seed <= OUTAGE_RUNS; seed += 1) {
    const run = aimRun(stage, { scenario, seed, days: 0.25, quietHours: 1 });
    minutes.push(...minutesToPage(run).map((each = Infinity) => each));
    allClears += falseAllClears(run).length;
  }
  minutes.sort((a, b) => a - b);
  const what = `${titleOf(measured)}: ${name}`;
  return [
    { name: `${what}, median to the page`, value: minutes[Math.floor(minutes.length / 2)] ?? 0, unit: "min" },
    { name: `${what}, max to the page`, value: minutes.at(-1) ?? 0, unit: "min" },
    { name: `${what}, false all-clears`, value: allClears, unit: "mails" },
  ];
}

function quietFigures(stage: StageUnderTest, measured: MeasuredStage): readonly Figure[] {
  const run = (seed: number): AimRun => aimRun(stage, { scenario: scenarioNamed("healthy"), seed, days: 30 });
  let falsePages = 0;
  for (let seed = 1; seed <= PAGE_MONTHS; seed += 1)
    falsePages += run(seed).pages.filter(({ state }) => state === "ALARM").length;
  return [{ name: `${titleOf(measured)}: false pages`, value: falsePages / PAGE_MONTHS, unit: "in 30 days" }];
}
