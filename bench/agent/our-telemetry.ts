import { deployedAgent } from "../../lambda/agent/deployed-agent.ts";
import { powertoolsTelemetry } from "../../lambda/agent/telemetry.ts";

/** The telemetry that is deployed. */
export const telemetryFor = powertoolsTelemetry;

export const handler = deployedAgent(telemetryFor);
