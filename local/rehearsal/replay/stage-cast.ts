import { emulatedOf } from "../../assembly/emulated.ts";
import { loadAssembly } from "../../assembly/load-assembly.ts";
import type { Cast } from "./replay.ts";

/** What the templates of a stage say of what is rehearsed. */
export interface StageCast extends Omit<Cast, "probeService"> {
  /** The longest that a function may take: requests are given up a second before. */
  readonly timeoutSeconds: number;
  /** Parts of the templates that are left out, each with its reason. */
  readonly notices: readonly string[];
}

const USUAL_TIMEOUT_SECONDS = 30;

/** Reads the alarms of a synthesised assembly; Regions do not matter to a replay. */
export async function stageCast(directory: string): Promise<StageCast> {
  const assembly = await loadAssembly(directory);
  const { alarms, notices } = emulatedOf(assembly);
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
    notices: notices.filter((notice) => notice.includes("Alarm")),
  };
}
