import { AlarmError } from "@wrist-agent/cloudwatch/alarm";
import type { AlarmStateSetting } from "../server/wire.ts";
import type { Core } from "./core.ts";

/** Sets an alarm's state as SetAlarmState does, its actions included; gives the reason where that is refused. */
export function setAlarmState(
  { plan, alarmEvaluator, listeners }: Pick<Core, "plan" | "alarmEvaluator" | "listeners">,
  { alarmName, state, reason }: AlarmStateSetting,
  nowMs: number,
): string | undefined {
  const region = plan.regions.find(({ alarms }) => alarms.find(alarmName) !== undefined);
  if (region === undefined) return `no alarm is called ${alarmName}`;
  try {
    alarmEvaluator.change(region, (alarms) => alarms.setState(alarmName, { state, reason }, nowMs), nowMs);
  } catch (error) {
    if (error instanceof AlarmError) return error.message;
    throw error;
  }
  listeners.notify(["alarms", "dashboard"]);
  return undefined;
}
