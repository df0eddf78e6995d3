import { InvalidArgumentError } from "commander";
import { describe, expect, test } from "vitest";
import {
  countParser,
  parseMemorySizes,
  parsePositive,
  parseShare,
} from "../../../../bin/commands/tune-memory.ts";
import { maxCostText, tokenParameterName } from "../../../../bin/commands/tune-memory/aws-function.ts";
import {
  markedDescription,
  originalConfiguration,
} from "../../../../bin/commands/tune-memory/tuned-function.ts";
import {
  compareSizes,
  recommendSize,
  type SizeReport,
  tuningLines,
} from "../../../../bin/commands/tune-memory/comparison.ts";
import { parseRequestTiming } from "../../../../bin/commands/tune-memory/measure.ts";
import { requestLog } from "../../../support/fake-tuned-function.ts";

const UNMEASURED = { memoryMb: 128, isCurrent: false, memoryUsedMb: 0, unanswered: 2 } as const;

const size = (
  memoryMb: number,
  waitMs: number | undefined,
  changes: Partial<SizeReport> = {},
): SizeReport => ({
  memoryMb,
  isCurrent: false,
  memoryUsedMb: 90,
  unanswered: 0,
  init: { medianMs: 1, worstMs: 1 },
  ...(waitMs !== undefined && { waitMs }),
  ...changes,
});

describe("the comparison", () => {
  const timing = (durationMs: number) => ({ durationMs, modelMs: 0, modelUsd: 0, memoryUsedMb: 90 });
  const traffic = { coldShare: 0.5, requestsPerDay: 10, usdPerGigabyteSecond: 1, currentMemoryMb: 256 };

  test.each([
    ["the middle one of an odd count", [900, 10, 40], 40],
    ["the mean of the middle two of an even count", [900, 10, 40, 60], 50],
    ["the only one", [7], 7],
  ])("takes %s as the median", (_which, durations, medianMs) => {
    const { sizes } = compareSizes(
      [{ memoryMb: 256, timings: durations.map(timing), unanswered: 0 }],
      traffic,
    );
    expect(sizes[0]?.warm).toEqual({ medianMs, worstMs: Math.max(...durations) });
  });
});

describe("the advice", () => {
  test.each<[string, readonly SizeReport[], { readonly memoryMb?: number; readonly why: RegExp }]>([
    [
      "the smallest within 100 ms of the fastest",
      [size(256, 300), size(512, 201), size(1024, 110)],
      { memoryMb: 512, why: /within 100 ms/ },
    ],
    [
      "a size of which four fifths are in use not at all",
      [size(128, 100, { memoryUsedMb: 103 }), size(256, 100)],
      { memoryMb: 256, why: /a fifth/ },
    ],
    [
      "a size in which it failed not at all",
      [size(256, 100, { fault: "killed" }), size(512, 100)],
      { memoryMb: 512, why: /a fifth/ },
    ],
    [
      "the largest with a hint to larger ones",
      [size(256, 900), size(512, 400)],
      { memoryMb: 512, why: /a larger one may be faster still$/ },
    ],
    ["the only size without that hint", [size(256, 900)], { memoryMb: 256, why: /to spare$/ }],
    [
      "none when every size is nearly full",
      [size(128, 100, { memoryUsedMb: 120 })],
      { why: /measure larger ones/ },
    ],
    ["none when nothing was cold and warm", [size(128, undefined)], { why: /both a first and a later/ }],
  ])("names %s", (_name, sizes, { memoryMb, why }) => {
    const advice = recommendSize(sizes);
    expect(advice.memoryMb).toBe(memoryMb);
    expect(advice.why).toMatch(why);
  });

  test("says so when no question met a new environment", () => {
    expect(recommendSize([UNMEASURED]).why).toMatch(/no question met a new environment/);
  });
});

describe("the log of a request", () => {
  test("tells init, duration, memory and the model's share in the JSON format", () => {
    const log = `cut off {"x":1}\n{"not":"json\n${requestLog({ durationMs: 900.5, modelMs: 800.25, initMs: 300.1, usedMb: 88 })}`;
    expect(parseRequestTiming(log)).toEqual({
      durationMs: 900.5,
      modelMs: 800.25,
      initMs: 300.1,
      memoryUsedMb: 88,
      modelUsd: 0.001,
    });
    expect(parseRequestTiming(requestLog({ durationMs: 5 }))).not.toHaveProperty("initMs");
  });

  test("tells the same in the text format", () => {
    const report =
      "REPORT RequestId: 8f5a-1\tDuration: 12.34 ms\tBilled Duration: 413 ms\tMemory Size: 128 MB\tMax Memory Used: 77 MB";
    const line = '{"_aws":{},"ModelLatency":10,"CostUsd":0.002}';
    expect(
      parseRequestTiming(`START RequestId: 8f5a-1\n${line}\n${report}\tInit Duration: 400.12 ms\n`),
    ).toEqual({
      durationMs: 12.34,
      memoryUsedMb: 77,
      initMs: 400.12,
      modelMs: 10,
      modelUsd: 0.002,
    });
    expect(parseRequestTiming(`${report}\n`)).toEqual({
      durationMs: 12.34,
      memoryUsedMb: 77,
      modelMs: 0,
      modelUsd: 0,
    });
  });

  test("of a function that keeps its report to itself tells nothing", () => {
    expect(parseRequestTiming('{"type":"platform.report"}\nREPORT of something else\n')).toBeUndefined();
  });
});

describe("the mark on $LATEST", () => {
  test.each(["the agent", "", "two\nlines [tune-memory: was 1 MB]"])("tells what %j was", (description) => {
    const before = { description, memoryMb: 512 };
    expect(originalConfiguration(markedDescription(before) ?? "")).toEqual(before);
  });

  test("is not read where there is none, nor put where it does not fit", () => {
    expect(originalConfiguration("the agent [tune-memory]")).toBeUndefined();
    expect(markedDescription({ description: "x".repeat(230), memoryMb: 512 })).toHaveLength(256);
    expect(markedDescription({ description: "x".repeat(231), memoryMb: 512 })).toBeUndefined();
  });
});

describe("options", () => {
  test("take sizes in any order, each once", () => {
    expect(parseMemorySizes("512, 128,512")).toEqual([128, 512]);
  });

  test.each<[(text: string) => unknown, string]>([
    [parseMemorySizes, "127"],
    [parseMemorySizes, "10241"],
    [parseMemorySizes, "256MB"],
    [parseMemorySizes, ""],
    [countParser(10), "0"],
    [countParser(10), "11"],
    [countParser(10), "1.5"],
    [parseShare, "1.1"],
    [parseShare, "-0.1"],
    [parsePositive, "0"],
    [parsePositive, "many"],
  ])("%o refuses %j by its value", (parse, text) => {
    expect(() => parse(text)).toThrow(InvalidArgumentError);
    expect(() => parse(text)).toThrow(`"${text}"`);
  });

  test("take what is within the bounds", () => {
    expect([
      countParser(10)("10"),
      parseShare("0.4"),
      parseShare("1"),
      parseShare(".5"),
      parsePositive("0.5"),
    ]).toEqual([10, 0.4, 1, 0.5, 0.5]);
  });
});

describe("the questions", () => {
  const environment = { BEDROCK_MODEL_ID: "us.anthropic.claude-haiku-4-5-20251001-v1:0" };

  test("cost at most what their tokens cost, where the price is known", () => {
    expect(maxCostText({ environment }, 65)).toBe("at most 0.19 USD");
    expect(maxCostText({ environment: { BEDROCK_MODEL_ID: "us.other" } }, 65)).toBe(
      "whose price for us.other is not known here",
    );
    expect(maxCostText({ environment: {} }, 65)).toMatch(/for the model is not known/);
  });

  test("go to this project's agent alone", () => {
    expect(tokenParameterName("f", { environment: { CLIENT_TOKEN_PARAM_NAME: "/p" } })).toBe("/p");
    expect(() => tokenParameterName("f", { environment })).toThrow(
      /f has no variable CLIENT_TOKEN_PARAM_NAME/,
    );
  });
});

test("the table has a row for each size, says what failed, and what to do next", () => {
  const sizes = [
    size(128, undefined, { fault: "killed", memoryUsedMb: 0 }),
    size(256, 255, {
      isCurrent: true,
      unanswered: 2,
      gigabyteSeconds: 0.31,
      usdPerMonth: 0.0038,
      first: { medianMs: 100.4, worstMs: 120 },
      warm: { medianMs: 10, worstMs: 12 },
    }),
  ];
  const told = {
    where: "staging in AWS",
    stage: "staging",
    isLocal: false,
    coldShare: 0.4,
    requestsPerDay: 30,
  };
  const comparison = { sizes, modelMs: 1234.5, modelUsd: 0.0123 };
  const lines = tuningLines(comparison, { ...told, advice: { memoryMb: 256, why: "because" } });
  expect(lines).toContain(
    "256     1      (1)    100    (120)     10     (12)   255        90 MB  0.310     0.0038  as it is now; 2 not answered",
  );
  expect(lines).toContain(
    "128     1      (1)      -               -              -            -      -          -  failed: killed",
  );
  expect(lines.join("\n")).toMatch(/1235 ms in the median/);
  expect(lines.slice(-2)).toEqual([
    "256 MB: because.",
    "Nothing has changed yet: set LAMBDA_MEMORY=256 in .env.staging and deploy.",
  ]);
  expect(tuningLines(comparison, { ...told, advice: { why: "nothing fits" } }).at(-1)).toBe(
    "No size is recommended: nothing fits.",
  );
  expect(tuningLines(comparison, { ...told, isLocal: true, advice: { why: "x" } })).toContain(
    "The stand-in cost nothing; the model would have cost 0.0123 USD.",
  );
});
