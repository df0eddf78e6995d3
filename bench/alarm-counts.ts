import { USUAL_CONDITIONS } from "../local/rehearsal/conditions.ts";
import type { FaultScenario } from "../local/rehearsal/scenario.ts";
import { simulate, type Simulation } from "../local/rehearsal/simulation.ts";
import type { SimulatedRequest } from "../local/rehearsal/synthetic-traffic.ts";
import { scenarioNamed } from "../test/support/alarm-aims.ts";
import type { Bench, Figure } from "./bench.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Faults of each kind, and healthy months. */
const RUNS = 200;
const COUNTS = [1, 2, 3, 4] as const;
const PERIODS_MINUTES = [1, 5] as const;

interface CountedFault {
  readonly name: string;
  readonly hours: number;
}

const FAULTS: readonly CountedFault[] = [
  { name: "failing-share", hours: 24 },
  { name: "research-fails", hours: 48 },
];

/** What a count of failing periods within 24 hours would find, and how often it would rise by chance. */
export const bench: Bench = {
  description: `failing periods of a day that are counted: what ${RUNS} faults on weekdays and ${RUNS} healthy months give`,
  run: () => Promise.resolve([10, 30].flatMap((perDay) => figuresAt(perDay))),
};

function figuresAt(perDay: number): readonly Figure[] {
  const healthy = simulations(perDay, { scenario: scenarioNamed("healthy"), days: 30 });
  const faulty = FAULTS.map(({ name, hours }) => ({
    name,
    hours,
    made: simulations(perDay, { scenario: scenarioNamed(name, { durationHours: hours }), days: 5 }),
  }));
  return PERIODS_MINUTES.flatMap((minutes) =>
    COUNTS.flatMap((count) => {
      const rule = { periodMs: minutes * MINUTE_MS, count };
      const title = `${perDay} a day, ${count} of ${minutes} min`;
      const raised = healthy.reduce((sum, { requests }) => sum + rises(requests, rule).length, 0);
      return [
        ...faulty.map(({ name, hours, made }) => ({
          name: `${title}: ${name} found in ${hours} h`,
          value: (100 * made.filter((simulation) => isFound(simulation, rule, hours)).length) / RUNS,
          unit: "%",
        })),
        { name: `${title}: false in 30 days`, value: raised / RUNS, unit: "tickets" },
      ];
    }),
  );
}

function simulations(
  perDay: number,
  plan: { readonly scenario: FaultScenario; readonly days: number },
): readonly Simulation[] {
  const common = { perDay, deadlineMs: 29_000, conditions: USUAL_CONDITIONS, quietHours: 24 };
  return Array.from({ length: RUNS }, (_, run) => simulate({ ...common, ...plan, seed: run + 1 }));
}

interface CountRule {
  readonly periodMs: number;
  readonly count: number;
}

/** Ends of periods with a failure, oldest first. */
function failingPeriods(requests: readonly SimulatedRequest[], { periodMs }: CountRule): readonly number[] {
  const failed = requests.filter(({ outcome }) => outcome === "failed");
  const periods = new Set(failed.map(({ atMs, durationMs }) => Math.floor((atMs + durationMs) / periodMs)));
  return [...periods].map((period) => (period + 1) * periodMs).sort((a, b) => a - b);
}

/** How many of the ends lie in the 24 hours before one of them, itself included. */
function countAt(ends: readonly number[], endMs: number): number {
  return ends.filter((other) => other > endMs - DAY_MS && other <= endMs).length;
}

/** Instants at which the count is reached. */
function rises(requests: readonly SimulatedRequest[], rule: CountRule): readonly number[] {
  const ends = failingPeriods(requests, rule);
  return ends.filter((endMs) => countAt(ends, endMs) === rule.count);
}

/** Whether the count is reached while the fault lasts; what was counted before it helps. */
function isFound({ requests, fault }: Simulation, rule: CountRule, hours: number): boolean {
  const { beginMs = 0 } = fault ?? {};
  const ends = failingPeriods(requests, rule);
  return ends.some(
    (endMs) => endMs > beginMs && endMs <= beginMs + hours * HOUR_MS && countAt(ends, endMs) >= rule.count,
  );
}
