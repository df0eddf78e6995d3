import type { AlarmRow } from "./alarm-row.ts";
import { BURN_ALARMS } from "./answers/burn-alarms.ts";
import { FAILURE_ALARMS } from "./answers/failure-alarms.ts";
import { FUNCTION_ALARMS } from "./parts/function-alarms.ts";
import { MODEL_ALARMS } from "./parts/model-alarms.ts";
import { PROBE_FAILING } from "./answers/probe-failing.ts";
import { TELEMETRY_ALARMS } from "./parts/telemetry-alarms.ts";
import { TOKEN_ALARMS } from "./parts/token-alarms.ts";
import { TRAFFIC_ALARMS } from "./use/traffic-alarms.ts";
import { URL_ALARMS } from "./answers/url-alarms.ts";
import { USE_ALARMS } from "./use/use-alarms.ts";

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
