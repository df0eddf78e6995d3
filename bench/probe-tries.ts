import { PROBE_LIMITS } from "../lambda/contract/probe.ts";
import { USUAL_CONDITIONS } from "../local/rehearsal/conditions.ts";
import { runsWithinBlips } from "../test/support/alarm-aims.ts";
import type { Bench, Figure } from "./bench.ts";

/** Months whose short interruptions are drawn: so many that chance moves a rate by a few hundredths. */
const MONTHS = 2000;

/** Minutes between two runs of each schedule, at the default interval. */
const SCHEDULES = [
  { everyMinutes: 1, asks: "health" },
  { everyMinutes: 3, asks: "model" },
] as const;

const MODEL_RUNS_IN_TWO_DAYS = (2 * 24 * 60) / 3;

/** Tries of a run: how many, and seconds from the first to the last. */
const VARIANTS: readonly (readonly [tries: number, overSeconds: number])[] = [
  [3, 8],
  [3, 40],
  [5, 40],
  [7, 48],
  [PROBE_LIMITS.triesAtMs.length, Math.max(...PROBE_LIMITS.triesAtMs) / 1000],
  [9, 56],
];

/** How often runs of the probe would fail without an outage, by how their tries are spread. */
export const bench: Bench = {
  description: `tries of a run of the probe: failed runs within short interruptions in ${MONTHS} months, and by chance where three in ten fail`,
  run: () => Promise.resolve(VARIANTS.flatMap((variant) => figuresOf(variant))),
};

function figuresOf([tries, overSeconds]: readonly [number, number]): readonly Figure[] {
  const triesAtMs = Array.from({ length: tries }, (_, at) => (1000 * at * overSeconds) / (tries - 1));
  const title = `${tries} tries over ${overSeconds} s`;
  return [
    ...[20, 60].map((meanSeconds) => ({
      name: `${title}: interruptions of ${meanSeconds} s, one a day, that page`,
      value: pagesInAMonth(triesAtMs, meanSeconds),
      unit: "in 30 days",
    })),
    {
      name: `${title}: failed runs in two days of three in ten failing`,
      value: MODEL_RUNS_IN_TWO_DAYS * 0.3 ** tries,
      unit: "runs",
    },
  ];
}

function pagesInAMonth(triesAtMs: readonly number[], meanSeconds: number): number {
  const { tryMs } = PROBE_LIMITS;
  const probe = { schedules: SCHEDULES, triesAtMs, tryMs, publishes: "direct" } as const;
  const conditions = { ...USUAL_CONDITIONS, blips: { perDay: 1, meanSeconds } };
  const plan = { perDay: 30, probe, deadlineMs: 29_000, conditions };
  return runsWithinBlips({ plan }, MONTHS) / MONTHS;
}
