import { describe, expect, it } from "vitest";
import { configOf } from "../../support/config-of.ts";

const staging = (context: Readonly<Record<string, string>>) => configOf({ stage: "staging", ...context });

describe("how the function is hosted", () => {
  it.each([
    [
      { deployment: "canary-10-percent-5-minutes", provisionedConcurrency: "1" },
      '-c deployment: DEPLOYMENT is "canary-10-percent-5-minutes" and -c provisionedConcurrency: PROVISIONED_CONCURRENCY is "1"',
    ],
    [
      { provisionedConcurrency: "3", reservedConcurrency: "5" },
      '-c provisionedConcurrency: PROVISIONED_CONCURRENCY is "3" and -c reservedConcurrency: RESERVED_CONCURRENCY is "5": target tracking initialises up to 6',
    ],
  ])("%j is refused as a pair", (context, message) => {
    expect(() => staging(context)).toThrow(message);
  });

  it.each([
    ["team", '"team" is not key=value; separate several tags by commas'],
    ["stage=mine", 'the tag "stage" is set by the app itself'],
    ["aws:x=1", "keys that start with aws: belong to AWS"],
    ["a=1,a=2", 'the tag "a" is there twice'],
  ])("tags %s are refused", (extraTags, message) => {
    expect(() => staging({ extraTags })).toThrow(message);
  });

  it("tags may hold spaces and further equals signs", () => {
    expect(staging({ extraTags: "cost center=7, query=a=b" }).extraTags).toEqual({
      "cost center": "7",
      query: "a=b",
    });
  });

  it("production shifts traffic step by step, the other stages at once", () => {
    expect(configOf({ stage: "production" }).deployment).toBe("linear-10-percent-every-minute");
    expect(staging({}).deployment).toBe("all-at-once");
  });
});
