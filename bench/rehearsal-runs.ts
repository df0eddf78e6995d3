import { stageAlarmSet } from "../bin/commands/rehearse/alarm-sets.ts";
import { processTerminal } from "../bin/cli/terminal.ts";
import { USUAL_CONDITIONS } from "../local/rehearsal/conditions.ts";
import { rehearse } from "../local/rehearsal/rehearse.ts";
import { RunPool } from "../local/rehearsal/run-pool.ts";
import type { RunTask } from "../local/rehearsal/run-task.ts";
import type { Bench, Figure } from "./bench.ts";

/** Runs of an outage day, with quiet days around it. */
const RUNS = 40;
const DAYS = 6;

async function outageTask(monitoringProfile: string): Promise<RunTask> {
  const signal = new AbortController().signal;
  const settings = { requestsPerDay: "30", monitoringProfile };
  const set = await stageAlarmSet(processTerminal(), { stage: "production", settings, signal });
  const { alarmsUnderTest, failures, probe, timeoutSeconds } = set;
  return {
    scenario: { fault: "outage" },
    traffic: { name: "personal", perDay: 30 },
    days: DAYS,
    conditions: USUAL_CONDITIONS,
    deadlineMs: (timeoutSeconds - 1) * 1000,
    alarmsUnderTest,
    failures,
    ...(probe && { probe }),
  };
}

/** What runs take on the clock and of the processors, and the memory of the process afterwards. */
async function measured(task: RunTask, runs: number, pool: RunPool) {
  const beganMs = performance.now();
  const before = process.cpuUsage();
  await rehearse({ task, runs, seed: 1 }, pool);
  const { user, system } = process.cpuUsage(before);
  return {
    seconds: (performance.now() - beganMs) / 1000,
    cpuMs: (user + system) / 1000,
    megabytes: process.memoryUsage().rss / 1e6,
  };
}

async function figuresOf(profile: string): Promise<readonly Figure[]> {
  const task = await outageTask(profile);
  const pool = new RunPool();
  try {
    await measured(task, 10, pool);
    const some = await measured(task, RUNS / 4, pool);
    const all = await measured(task, RUNS, pool);
    return [
      { name: `${profile}: ${RUNS} runs`, value: all.seconds, unit: "s" },
      { name: `${profile}: 500 runs at that rate`, value: (all.seconds * 500) / RUNS, unit: "s" },
      { name: `${profile}: processor time of a run`, value: all.cpuMs / RUNS, unit: "ms" },
      { name: `${profile}: memory after ${RUNS / 4} runs`, value: some.megabytes, unit: "MB" },
      { name: `${profile}: memory after ${RUNS} runs more`, value: all.megabytes, unit: "MB" },
    ];
  } finally {
    await pool.stop();
  }
}

/** What a rehearsal costs, and whether its memory grows with its runs. */
export const bench: Bench = {
  description: "runs of an outage day for all alarms of both profiles, one thread per core",
  run: async () => [...(await figuresOf("default")), ...(await figuresOf("full"))],
};
