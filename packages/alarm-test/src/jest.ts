/** Adds the matchers to Jest: `import "cw-alarm-test/jest"` in a test or in `setupFilesAfterEnv`. */
import { AlarmTestUsageError } from "./api.ts";
import { alarmMatchers, type AlarmMatchers } from "./matchers.ts";

/** Jest's `expect`, which it puts beside the tests. */
interface JestGlobal {
  readonly expect?: { readonly extend: (matchers: typeof alarmMatchers) => void };
}

const { expect } = globalThis as JestGlobal;
if (expect === undefined)
  throw new AlarmTestUsageError("Jest's expect is not there: import this in a test or in setupFilesAfterEnv");
expect.extend(alarmMatchers);

declare global {
  // oxlint-disable-next-line typescript/no-namespace -- Jest's own interface is extended by one of the same name
  namespace jest {
    // oxlint-disable-next-line typescript/no-empty-object-type -- it only adds the matchers
    interface Matchers<R> extends AlarmMatchers<R> {}
  }
}
