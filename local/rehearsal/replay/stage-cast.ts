import { emulatedOf } from "../../assembly/emulated.ts";
import { loadAssembly } from "../../assembly/load-assembly.ts";
import { nextRun, type ScheduleTimes } from "../../schedule/expression.ts";
import type { Cast } from "./replay.ts";

/** What the templates of a stage say of what is rehearsed. */
export interface StageCast extends Omit<Cast, "probeService"> {
  /** The longest that a function may take: requests are given up a second before. */
  readonly timeoutSeconds: number;
  /** Minutes between two runs of the probe; 0 where the stage has none. */
  readonly probeMinutes: number;
  /** Parts of the templates that are left out, each with its reason. */
  readonly notices: readonly string[];
}

const MINUTE_MS = 60_000;
const USUAL_TIMEOUT_SECONDS = 30;

/** Reads the alarms of a synthesised assembly and how often its probe asks; Regions do not matter to a replay. */
export async function stageCast(directory: string, probeFunction: string): Promise<StageCast> {
  const assembly = await loadAssembly(directory);
  const { alarms, schedules, notices } = emulatedOf(assembly);
  const probe = schedules.find(({ functionArn }) => functionArn.endsWith(`:function:${probeFunction}`));
  const [first] = alarms;
  const { accountId, region } = first ?? { accountId: "123456789012", region: "us-east-1" };
  const timeouts = assembly.stacks
    .flatMap(({ resources }) => resources)
    .filter(({ type }) => type === "AWS::Lambda::Function")
    .map(({ properties }) => Number(properties().Timeout));
  return {
    home: { accountId, region },
    definitions: alarms.map(({ definition }) => definition),
    timeoutSeconds: Math.max(0, ...timeouts.filter(Number.isFinite)) || USUAL_TIMEOUT_SECONDS,
    probeMinutes: probe === undefined ? 0 : minutesBetween(probe.times),
    notices: notices.filter((notice) => notice.includes("Alarm")),
  };
}

function minutesBetween(times: ScheduleTimes): number {
  const first = nextRun(times, 0) ?? 0;
  return ((nextRun(times, first) ?? first) - first) / MINUTE_MS;
}
