import { scenarioFrom } from "./fault-definition.ts";
import {
  type RehearsalReport,
  type RehearsalSettings,
  RehearsalCounts,
  REHEARSED,
} from "./rehearsal-report.ts";
import type { RunPool } from "./run-pool.ts";
import type { RunResult } from "./run-result.ts";
import type { RunTask } from "./run-task.ts";

/** How often to make the runs of a task, and how to report them. */
export interface RehearsalPlan {
  readonly task: RunTask;
  readonly runs: number;
  /** Seed of the first run; the others follow it. */
  readonly seed: number;
  /** {@link REHEARSED} when missing. */
  readonly alarmSet?: string;
  /** What the report says of how it was made, beside days, runs and seed. */
  readonly settings?: RehearsalSettings;
  readonly signal?: AbortSignal;
  /** Called after each run with how many there are. */
  readonly onRun?: (done: number) => void;
}

/** What a rehearsal gave, and which of its runs is worth a look. */
export interface Rehearsal {
  readonly report: RehearsalReport;
  /** Of the run with the latest first mail; of the first run where there is none or nothing goes wrong. */
  readonly tellingSeed: number;
}

/** Makes every run of a plan and adds them up. */
export async function rehearse(plan: RehearsalPlan, pool: RunPool): Promise<Rehearsal> {
  const { task, runs, seed, alarmSet = REHEARSED, settings = {} } = plan;
  const counts = new RehearsalCounts(task.alarmsUnderTest.definitions, task.days);
  const telling = new TellingRun(seed);
  let done = 0;
  await pool.run({
    task,
    seeds: Array.from({ length: runs }, (_, run) => seed + run),
    ...(plan.signal && { signal: plan.signal }),
    onResult: (runSeed, result) => {
      counts.add(result);
      telling.consider(runSeed, result);
      done += 1;
      plan.onRun?.(done);
    },
  });
  const { name, description, durationHours } = scenarioFrom(task.scenario);
  const report = {
    scenario: name,
    description,
    faultDurationMs: durationHours * 3_600_000,
    alarmSet,
    settings: { ...settings, days: task.days, runs, seed },
    ...counts.summary(),
  };
  return { report, tellingSeed: telling.seed };
}

/** Finds the run with the latest first mail, whatever order the runs come in. */
class TellingRun {
  seed: number;
  #latestMs = -1;

  constructor(firstSeed: number) {
    this.seed = firstSeed;
  }

  consider(seed: number, { timeToNotifyMs = -1 }: RunResult): void {
    if (timeToNotifyMs < this.#latestMs || (timeToNotifyMs === this.#latestMs && seed >= this.seed)) return;
    this.#latestMs = timeToNotifyMs;
    this.seed = seed;
  }
}
