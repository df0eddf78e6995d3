import { refusal, type Ending } from "./ending.ts";
import type { Incoming } from "./http/incoming.ts";
import type { RunTime } from "./parameters/run-time.ts";
import type { RunTimeCache } from "./parameters/run-time-cache.ts";
import type { Settings } from "./settings.ts";

/** A client that waits as long as it is told should look again within the hour: an operator may close the breaker. */
const RETRY_AFTER_MOST_SECONDS = 3_600;

/** What holding back needs of the agent. */
interface HeldPorts {
  readonly settings: Pick<Settings, "hasSpendBreaker" | "timeZone">;
  readonly runTime: Pick<RunTimeCache, "fresh">;
  readonly now: () => number;
}

/** How a request ends while the spend breaker is open; `undefined` when it may pass. Probe and pre-traffic hook always may. */
export async function heldBack(
  { isProbe, isVerification }: Pick<Incoming, "isProbe" | "isVerification">,
  runTime: RunTime,
  { settings, runTime: cache, now }: HeldPorts,
): Promise<Ending | undefined> {
  const nowMs = now();
  if (!settings.hasSpendBreaker || isProbe || isVerification || runTime.heldUntilMs <= nowMs)
    return undefined;
  const { heldUntilMs } = await cache.fresh();
  return heldUntilMs <= nowMs ? undefined : held(heldUntilMs, nowMs, settings.timeZone);
}

function held(untilMs: number, nowMs: number, timeZone: string): Ending {
  return refusal("capped", "spend", {
    status: 429,
    error: `The day's limit for the model is reached. I answer again from ${told(untilMs, timeZone)}.`,
    retryAfterSeconds: Math.min(RETRY_AFTER_MOST_SECONDS, Math.ceil((untilMs - nowMs) / 1_000)),
  });
}

function told(atMs: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    ...{ weekday: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone },
  });
  return `${format.format(atMs)} (${timeZone})`;
}
