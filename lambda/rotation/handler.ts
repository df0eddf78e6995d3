import { deployedPorts } from "./deployed-rotation.ts";
import { createRotation } from "./rotation.ts";

/** The function that Lambda runs. */
export const handler = createRotation(deployedPorts(process.env));
