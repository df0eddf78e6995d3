import { deployedProbe } from "./deployed-probe.ts";

/** The function that the schedule runs. */
export const handler = deployedProbe();
