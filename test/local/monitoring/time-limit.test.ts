import { describe, expect, test } from "vitest";
import { TimeLimitError, withTimeLimit } from "../../../local/monitoring/time-limit.ts";

const endless = (): boolean => /^(a|a)*b$/.test("a".repeat(60));

describe("a time limit", () => {
  test("gives what was computed, and throws what was thrown", () => {
    const failure = new RangeError("too far");
    expect(withTimeLimit(1000, () => 5)).toBe(5);
    expect(() =>
      withTimeLimit(1000, () => {
        throw failure;
      }),
    ).toThrow(failure);
  });

  test("stops a regular expression that never ends, and a loop", () => {
    expect(() => withTimeLimit(20, endless)).toThrow(TimeLimitError);
    expect(() =>
      withTimeLimit(20, () => {
        for (;;);
      }),
    ).toThrow("it took longer than 0.02 s and was stopped");
  });

  test("holds inside another one, which goes on", () => {
    const stopped = withTimeLimit(60_000, () => {
      try {
        return withTimeLimit(20, endless);
      } catch (error) {
        return error instanceof TimeLimitError;
      }
    });
    expect(stopped).toBe(true);
  });
});
