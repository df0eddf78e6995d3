import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AlarmState, CompositeAlarmDefinition, Transition } from "@wrist-agent/cloudwatch/alarm";
import type { AlarmsSnapshot } from "@wrist-agent/cloudwatch/alarms/alarms";
import { alarm, Scenario, START_MS } from "./scenario.ts";
import { type Muted, type Setting, SuppressionTable } from "./suppression-table.ts";

const OPS = "arn:aws:sns:us-east-1:123456789012:ops";
const MINUTE_MS = 60_000;

const ALONE: CompositeAlarmDefinition = {
  alarmName: "both",
  alarmRule: "ALARM(errors)",
  okActions: [OPS],
  alarmActions: [OPS],
};

/** Two minutes of waiting for the suppressor, three after it. */
const BOTH: CompositeAlarmDefinition = {
  ...ALONE,
  actionsSuppressor: "deploying",
  actionsSuppressorWaitPeriodSeconds: 120,
  actionsSuppressorExtensionPeriodSeconds: 180,
};

/** The composite with its suppressor, in OK since its begin, whose mail is out. */
class Story {
  readonly scenario = new Scenario();
  readonly #from: number;

  constructor(muted: readonly Muted[] = [], names: readonly string[] = ["both"], composite = BOTH) {
    const quiet = { treatMissingData: "ignore" } as const;
    this.scenario.put(alarm(quiet), alarm({ ...quiet, alarmName: "deploying" }), composite).run(5);
    this.#from = this.scenario.transitions.length;
    muted.forEach(([from, to], index) => {
      this.scenario.alarms.putMuteRule({
        name: `rule ${index}`,
        expression: `at(${new Date(START_MS + from * MINUTE_MS).toISOString().slice(0, 16)})`,
        duration: `PT${to - from}M`,
        alarmNames: names,
      });
    });
  }

  /** Sets states one after the other and lets every minute between be evaluated. */
  play(...settings: readonly Setting[]): this {
    for (const setting of settings) {
      const [minute, name = "", state] = setting.split(" ");
      this.until(Number(minute));
      const set = { state: state as AlarmState, reason: "by hand" };
      this.scenario.transitions.push(...this.scenario.alarms.setState(name, set, this.scenario.nowMs));
    }
    return this;
  }

  until(minute: number): this {
    this.scenario.run(minute);
    return this;
  }

  /**
   * What the composite's actions ran for: `9m ALARM by MuteWindow`, `at once` without having been held back.
   */
  ran(untilMinute = 60): readonly string[] {
    this.until(untilMinute);
    return this.acted().map(({ current, released }) => {
      const atMs = released?.atMs ?? current.stateTransitionedMs;
      return `${(atMs - START_MS) / MINUTE_MS}m ${current.state} by ${released?.by ?? "at once"}`;
    });
  }

  acted(): readonly Transition[] {
    return this.ofComposite().filter(({ actions }) => actions.length > 0);
  }

  changes(): readonly Transition[] {
    return this.ofComposite().filter(({ released }) => released === undefined);
  }

  ofComposite(): readonly Transition[] {
    return this.scenario.transitions.slice(this.#from).filter(({ current }) => current.alarmName === "both");
  }

  heldBy(): string {
    const { actionsSuppressedBy } = this.scenario.status("both");
    return actionsSuppressedBy ?? "no suppressor";
  }

  mutedTimes(): number {
    const history = this.scenario.alarms.history("both");
    return history.filter(({ historySummary }) => historySummary.startsWith("Actions muted")).length;
  }
}

/**
 * AWS documents each of the two alone; that the suppressor is asked first and the mute rule after it is our
 * choice.
 */
describe("our choice: a suppressor and a mute rule stand one behind the other", () => {
  test.each<readonly [string, readonly [readonly Muted[], readonly Setting[]], readonly string[]]>([
    [
      "a mute that ends in the wait period adds nothing to it",
      [[[6, 8]], ["7 errors ALARM"]],
      ["9m ALARM by WaitPeriod"],
    ],
    [
      "a wait period that ends in the mute hands the actions to it",
      [[[6, 20]], ["7 errors ALARM"]],
      ["20m ALARM by MuteWindow"],
    ],
    [
      "a mute that begins in the wait period and outlasts it holds them too",
      [[[8, 20]], ["7 errors ALARM"]],
      ["20m ALARM by MuteWindow"],
    ],
    [
      "both that end in the same minute run them once",
      [[[6, 9]], ["7 errors ALARM"]],
      ["9m ALARM by WaitPeriod"],
    ],
    [
      "a mute that ends while the suppressor is in ALARM releases nothing",
      [[[6, 10]], ["7 errors ALARM", "8 deploying ALARM", "15 deploying OK"]],
      ["18m ALARM by ExtensionPeriod"],
    ],
    [
      "a mute that ends in the extension period releases nothing before its end",
      [[[6, 16]], ["7 errors ALARM", "8 deploying ALARM", "15 deploying OK"]],
      ["18m ALARM by ExtensionPeriod"],
    ],
    [
      "an extension period that ends in the mute hands the actions to it",
      [[[6, 30]], ["7 errors ALARM", "8 deploying ALARM", "15 deploying OK"]],
      ["30m ALARM by MuteWindow"],
    ],
    [
      "a suppressor that stays in ALARM holds them for ever, muted or not",
      [[[6, 10]], ["7 errors ALARM", "8 deploying ALARM"]],
      [],
    ],
    [
      "a suppressor that comes when the mute alone holds them comes too late",
      [[[6, 20]], ["7 errors ALARM", "12 deploying ALARM"]],
      ["20m ALARM by MuteWindow"],
    ],
    [
      "a second window that opens before the first one ends is waited for as well",
      [
        [
          [6, 12],
          [11, 20],
        ],
        ["7 errors ALARM"],
      ],
      ["20m ALARM by MuteWindow"],
    ],
    [
      "a window that opens when the actions ran holds nothing back",
      [[[10, 20]], ["7 errors ALARM"]],
      ["9m ALARM by WaitPeriod"],
    ],
    [
      "a change while the mute holds the last one begins with the suppressor again",
      [[[6, 20]], ["7 errors ALARM", "19 errors OK"]],
      ["21m OK by WaitPeriod"],
    ],
    [
      "a change while the suppressor holds the last one forgets that one",
      [[[6, 12]], ["7 errors ALARM", "8 deploying ALARM", "10 errors OK", "13 deploying OK"]],
      ["16m OK by ExtensionPeriod"],
    ],
  ])("%s", (_what, [muted, settings], expected) => {
    expect(new Story(muted).play(...settings).ran()).toEqual(expected);
  });

  test("the status names what the suppressor does and nothing of the mute", () => {
    const story = new Story([[6, 30]]).play("7 errors ALARM");
    const seen = [story.heldBy(), story.play("8 deploying ALARM").heldBy()];
    expect([...seen, story.play("12 deploying OK").heldBy(), story.until(16).heldBy()]).toEqual([
      "WaitPeriod",
      "Alarm",
      "ExtensionPeriod",
      "no suppressor",
    ]);
  });

  test("the history tells of the mute once, when the actions come to it", () => {
    const story = new Story([[6, 30]]).play("7 errors ALARM");
    expect([story.until(8).mutedTimes(), story.until(12).mutedTimes(), story.until(29).mutedTimes()]).toEqual(
      [0, 1, 1],
    );
    expect(new Story([[6, 8]]).play("7 errors ALARM").until(30).mutedTimes()).toBe(0);
  });

  test("a mute rule on the suppressor alone holds nothing of the composite back, nor does it keep it from suppressing", () => {
    const muted: readonly Muted[] = [[6, 40]];
    expect(new Story(muted, ["deploying"]).play("7 errors ALARM").ran()).toEqual(["9m ALARM by WaitPeriod"]);
    const held = new Story(muted, ["deploying"]).play("7 errors ALARM", "8 deploying ALARM");
    expect([held.ran(), held.heldBy()]).toEqual([[], "Alarm"]);
  });

  test("deleting the rule lets go what it alone held, and nothing that the suppressor holds", () => {
    const muted = new Story([[6, 40]]).play("7 errors ALARM").until(12);
    muted.scenario.alarms.deleteMuteRule("rule 0");
    expect(muted.ran()).toEqual(["13m ALARM by MuteWindow"]);
    const suppressed = new Story([[6, 40]]).play("7 errors ALARM", "8 deploying ALARM").until(12);
    suppressed.scenario.alarms.deleteMuteRule("rule 0");
    expect(suppressed.ran()).toEqual([]);
  });

  test("another suppressor drops its periods, but not what the mute alone holds", () => {
    const muted = new Story([[6, 20]]).play("7 errors ALARM").until(12);
    muted.scenario.put({ ...BOTH, actionsSuppressor: "errors" });
    expect(muted.ran()).toEqual(["20m ALARM by MuteWindow"]);
    const waiting = new Story([[6, 20]]).play("7 errors ALARM").until(8);
    waiting.scenario.put({ ...BOTH, actionsSuppressor: "errors" });
    expect(waiting.ran()).toEqual([]);
  });

  test("a suppressor that is added while a mute holds the actions takes nothing away", () => {
    const story = new Story([[6, 20]]);
    story.scenario.put(ALONE);
    story.play("7 errors ALARM").until(9);
    story.scenario.put(BOTH);
    expect(story.ran()).toEqual(["20m ALARM by MuteWindow"]);
  });

  test.each([8, 12])("a restart in minute %d changes nothing", (minute) => {
    const before = new Story([[6, 20]]).play("7 errors ALARM").until(minute);
    const after = new Scenario();
    after.nowMs = before.scenario.nowMs;
    after.alarms.restore(JSON.parse(JSON.stringify(before.scenario.alarms.snapshot())) as AlarmsSnapshot);
    after.run(60);
    expect(after.transitions.map(({ released, actions }) => [released, actions])).toEqual([
      [{ by: "MuteWindow", atMs: START_MS + 20 * MINUTE_MS }, [OPS]],
    ]);
  });
});

describe("whatever suppressor and mute rules do", () => {
  const minute = fc.integer({ min: 6, max: 60 });
  const windows = fc.array(fc.tuple(minute, fc.integer({ min: 1, max: 20 })), { maxLength: 3 });
  const flips = fc.array(fc.tuple(minute, fc.constantFrom("errors", "deploying")), { maxLength: 12 });

  /** Each flip turns an alarm over, and at the end the suppressor is well. */
  function told(turns: readonly (readonly [number, string])[]): readonly Setting[] {
    const states: Record<string, AlarmState> = { errors: "OK", deploying: "OK" };
    const settings = turns
      .toSorted(([a], [b]) => a - b)
      .map(([at, name]) => {
        states[name] = states[name] === "OK" ? "ALARM" : "OK";
        return `${at} ${name} ${states[name]}` as Setting;
      });
    return states.deploying === "OK" ? settings : [...settings, "61 deploying OK"];
  }

  const periods = fc.record({ wait: fc.nat(6), extension: fc.nat(6) });

  test("actions run when the table of the guide says, minute by minute", () => {
    fc.assert(
      fc.property(windows, flips, periods, (spans, turns, { wait, extension }) => {
        const muted = spans.map(([from, length]): Muted => [from, from + length]);
        const composite = {
          ...BOTH,
          actionsSuppressorWaitPeriodSeconds: wait * 60,
          actionsSuppressorExtensionPeriodSeconds: extension * 60,
        };
        const settings = told(turns);
        const expected = new SuppressionTable({ muted, wait, extension }).play(settings);
        expect(new Story(muted, ["both"], composite).play(...settings).ran(200)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  test("the last change is told once, none twice, and nothing while a window is open", () => {
    fc.assert(
      fc.property(windows, flips, (spans, turns) => {
        const muted = spans.map(([from, length]): Muted => [from, from + length]);
        const story = new Story(muted).play(...told(turns)).until(200);
        const told1 = story.acted().map(({ current }) => `${current.stateTransitionedMs} ${current.state}`);
        expect(new Set(told1).size).toBe(told1.length);
        const last = story.changes().at(-1)?.current;
        if (last !== undefined) expect(told1.at(-1)).toBe(`${last.stateTransitionedMs} ${last.state}`);
        for (const { current, released } of story.acted()) {
          const at = ((released?.atMs ?? current.stateTransitionedMs) - START_MS) / MINUTE_MS;
          expect(muted.filter(([from, to]) => from <= at && at < to)).toEqual([]);
        }
        expect(story.scenario.alarms.snapshot().alarms.filter(({ held }) => held !== undefined)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
