import { nextRun, type ScheduleTimes } from "@wrist-agent/cloudwatch/schedule-expression";
import { loadAssembly } from "cw-alarm-test/cloud-assembly";
import { emulatedOf } from "../assembly/emulated.ts";
import type { ScheduleSource } from "../assembly/schedules.ts";
import type { ProbeSchedule } from "./simulated-world.ts";
import { type AlarmsUnderTest, regionsOf } from "./replay.ts";

const MINUTE_MS = 60_000;
const DEFAULT_TIMEOUT_SECONDS = 30;

/** What the templates of a stage say of what is rehearsed. */
export interface StageAlarms extends Omit<AlarmsUnderTest, "probeService"> {
  /** The longest that the agent may take: requests are given up a second before. */
  readonly timeoutSeconds: number;
  /** When its probe asks; none where the stage has none. */
  readonly probeSchedules: readonly ProbeSchedule[];
  /** Parts of the templates that are left out, each with its reason. */
  readonly notices: readonly string[];
}

/** Names of a stage's functions. */
export interface StageFunctions {
  readonly agent: string;
  readonly probe: string;
}

/** Reads the alarms of a synthesised assembly and how often its probe asks. */
export async function loadStageAlarms(directory: string, functions: StageFunctions): Promise<StageAlarms> {
  const assembly = await loadAssembly(directory);
  const { alarms, schedules, notices } = emulatedOf(assembly);
  const ofProbe = schedules.filter(({ functionArn }) => functionArn.endsWith(`:function:${functions.probe}`));
  const [first] = alarms;
  const { accountId, region } = first ?? { accountId: "123456789012", region: "us-east-1" };
  const home = { accountId, region };
  return {
    home,
    regions: regionsOf(alarms, home),
    definitions: alarms.map(({ definition }) => definition),
    timeoutSeconds: timeoutOf(assembly, functions.agent) ?? DEFAULT_TIMEOUT_SECONDS,
    probeSchedules: ofProbe.map(probeSchedule),
    notices: notices.filter((notice) => notice.includes("Alarm")),
  };
}

function timeoutOf(
  { stacks }: Awaited<ReturnType<typeof loadAssembly>>,
  functionName: string,
): number | undefined {
  for (const { type, properties } of stacks.flatMap(({ resources }) => resources)) {
    if (type !== "AWS::Lambda::Function") continue;
    const { FunctionName, Timeout } = properties();
    if (FunctionName === functionName && typeof Timeout === "number") return Timeout;
  }
  return undefined;
}

function probeSchedule({ times, input }: ScheduleSource): ProbeSchedule {
  return {
    everyMinutes: minutesBetween(times),
    asks: input?.includes('"health"') === true ? "health" : "model",
  };
}

function minutesBetween(times: ScheduleTimes): number {
  const first = nextRun(times, 0) ?? 0;
  return ((nextRun(times, first) ?? first) - first) / MINUTE_MS;
}
