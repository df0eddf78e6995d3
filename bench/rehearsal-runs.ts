import { stageAlarmSet } from "../bin/commands/rehearse/alarm-sets.ts";
import { processTerminal } from "../bin/cli/terminal.ts";
import { USUAL_CONDITIONS } from "../local/rehearsal/conditions.ts";
import { rehearse } from "../local/rehearsal/rehearse.ts";
import { RunPool } from "../local/rehearsal/run-pool.ts";
import type { RunTask } from "../local/rehearsal/run-task.ts";
import type { Bench } from "./bench.ts";

/** Runs of an outage day, with quiet days around it. */
const RUNS = 40;
const DAYS = 6;

async function outageTask(): Promise<RunTask> {
  const signal = new AbortController().signal;
  const settings = { requestsPerDay: "30" };
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

/** Seconds that runs take, and the memory of the process afterwards. */
async function measured(task: RunTask, runs: number, pool: RunPool) {
  const beganMs = performance.now();
  await rehearse({ task, runs, seed: 1 }, pool);
  return { seconds: (performance.now() - beganMs) / 1000, megabytes: process.memoryUsage().rss / 1e6 };
}

/** What a rehearsal costs, and whether its memory grows with its runs. */
export const bench: Bench = {
  description: "runs of an outage day for all alarms of the default profile, one thread per core",
  run: async () => {
    const task = await outageTask();
    const pool = new RunPool();
    try {
      await measured(task, 10, pool);
      const some = await measured(task, RUNS / 4, pool);
      const all = await measured(task, RUNS, pool);
      return [
        { name: `${RUNS} runs`, value: all.seconds, unit: "s" },
        { name: "500 runs at that rate", value: (all.seconds * 500) / RUNS, unit: "s" },
        { name: `memory after ${RUNS / 4} runs`, value: some.megabytes, unit: "MB" },
        { name: `memory after ${RUNS} runs more`, value: all.megabytes, unit: "MB" },
      ];
    } finally {
      await pool.stop();
    }
  },
};
