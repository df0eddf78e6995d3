/**
 * Set-up of the test files while it is found out which of them reach which mutants: hands on what the marks
 * of the code wrote.
 */
import { afterAll } from "vitest";
import { REACHED } from "./reached.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Numbers of the mutants that the tests of a file reach. */
    reachedMutants?: readonly number[];
  }
}

const reached = new Set<number>();
Object.assign(globalThis, { [REACHED]: reached });

// oxlint-disable-next-line no-empty-pattern -- Vitest reads the text of the function: the first argument has to be a pattern.
afterAll(({}, suite) => {
  suite.meta.reachedMutants = [...reached];
});
