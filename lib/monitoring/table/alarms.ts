import type { AlarmRow } from "./alarm-row.ts";
import { BURN_ALARMS } from "./burn-alarms.ts";
import { FAILURE_ALARMS } from "./failure-alarms.ts";
import { FUNCTION_ALARMS } from "./function-alarms.ts";
import { MODEL_ALARMS } from "./model-alarms.ts";
import { PROBE_FAILING } from "./probe-failing.ts";
import { TELEMETRY_ALARMS } from "./telemetry-alarms.ts";
import { TOKEN_ALARMS } from "./token-alarms.ts";
import { TRAFFIC_ALARMS } from "./traffic-alarms.ts";
import { URL_ALARMS } from "./url-alarms.ts";
import { USE_ALARMS } from "./use-alarms.ts";

/** The alarm table: every metric alarm of the monitoring stack, in the order in which the dashboard lists them. */
export const ALARMS: readonly AlarmRow[] = [
  PROBE_FAILING,
  ...FAILURE_ALARMS,
  ...URL_ALARMS,
  ...MODEL_ALARMS,
  ...FUNCTION_ALARMS,
  ...USE_ALARMS,
  ...TRAFFIC_ALARMS,
  ...TOKEN_ALARMS,
  ...TELEMETRY_ALARMS,
  ...BURN_ALARMS,
];
