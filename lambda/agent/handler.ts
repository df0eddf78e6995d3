import { deployedAgent } from "./deployed-agent.ts";
import { powertoolsTelemetry } from "./telemetry.ts";

/** The function that Lambda runs. */
export const handler = deployedAgent(powertoolsTelemetry);
