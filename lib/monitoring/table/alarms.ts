import type { AlarmRow } from "./alarm-row.ts";
import { FAILURE_ALARMS } from "./failure-alarms.ts";
import { FUNCTION_ALARMS } from "./function-alarms.ts";
import { USE_ALARMS } from "./use-alarms.ts";

/** The alarm table: every alarm of the monitoring stack, in the order in which the dashboard lists them. */
export const ALARMS: readonly AlarmRow[] = [...FAILURE_ALARMS, ...FUNCTION_ALARMS, ...USE_ALARMS];
