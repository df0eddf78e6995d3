import { describe, expect, test } from "vitest";
import { difference } from "../aws/verify/checks.ts";

const MINUTE_MS = 60_000;
const BEGAN_MS = Date.parse("2026-11-29T21:00:00Z");
const ALARM = "wrist-agent-verify-ann-failing-now";

/** A time in ALARM, in minutes from the begin of the verification. */
function span(fromMinute: number, toMinute: number): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: BEGAN_MS + fromMinute * MINUTE_MS, toMs: BEGAN_MS + toMinute * MINUTE_MS };
}

interface Sides {
  readonly here?: readonly ReturnType<typeof span>[];
  readonly there?: readonly ReturnType<typeof span>[];
  readonly forced?: { readonly name: string; readonly fromMs: number; readonly toMs: number };
}

function differences({ here = [], there = [], forced }: Sides): readonly string[] {
  return difference(
    { alarmName: ALARM, spans: here, happened: there },
    { startedMs: BEGAN_MS, ...(forced && { forced }) },
  );
}

describe("what verify:aws compares of an alarm", () => {
  test.each<[string, Sides]>([
    ["neither raised it", {}],
    ["both raised it, the engine two minutes earlier", { here: [span(3, 20)], there: [span(5, 22)] }],
    [
      "CloudWatch raised it before the verification, by data that nobody asks for",
      { there: [span(-300, 4)] },
    ],
    [
      "the engine raises during the verification what CloudWatch raised long before",
      { here: [span(5, 30)], there: [span(-300, Infinity)] },
    ],
    ["it was forced", { there: [span(7, 8)], forced: { name: ALARM, ...span(7, 8) } }],
  ])("agrees where %s", (_what, sides) => {
    expect(differences(sides)).toEqual([]);
  });

  test.each<[string, Sides, string]>([
    [
      "CloudWatch alone raised it",
      { there: [span(7, 8)] },
      `${ALARM} was raised by CloudWatch at 2026-11-29T21:07:00.000Z, and not by the local engine`,
    ],
    [
      "the local engine alone raised it",
      { here: [span(7, 8)], there: [span(-300, -60)] },
      `${ALARM} was raised by the local engine at 2026-11-29T21:07:00.000Z, and not by CloudWatch`,
    ],
    [
      "another alarm was forced",
      { there: [span(7, 8)], forced: { name: "another", ...span(7, 8) } },
      `${ALARM} was raised by CloudWatch at 2026-11-29T21:07:00.000Z, and not by the local engine`,
    ],
    [
      "they raised it six minutes apart",
      { here: [span(20, 40)], there: [span(2, 14)] },
      `${ALARM} was raised by CloudWatch at 2026-11-29T21:02:00.000Z, and not by the local engine`,
    ],
  ])("differs where %s", (_what, sides, said) => {
    expect(differences(sides)).toContain(said);
  });
});
