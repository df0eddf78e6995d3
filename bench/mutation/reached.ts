/**
 * Name of the global set in which marked code writes the numbers of the mutants that it reaches. It stands
 * alone: each test file loads it.
 */
export const REACHED = "mutantsReached";
