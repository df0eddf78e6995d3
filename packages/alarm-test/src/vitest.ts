/** Adds the matchers to Vitest: `import "cw-alarm-test/vitest"` in a test or a setup file. */
import { expect } from "vitest";
import { alarmMatchers, type AlarmMatchers } from "./matchers.ts";

expect.extend(alarmMatchers);

declare module "vitest" {
  // eslint-disable-next-line -- Vitest's own interface is extended by one of the same name
  interface Matchers<T = any> extends AlarmMatchers<T> {}
}
