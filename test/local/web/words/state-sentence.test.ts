import { describe, expect, test } from "vitest";
import type { AlarmRow } from "../../../../local/server/wire.ts";
import { stateSentence } from "../../../../local/web/words/state-sentence.ts";

const NOW = new Date(2026, 10, 22, 18, 4).getTime();
const at = (hour: number, minute: number): number => new Date(2026, 10, 22, hour, minute).getTime();

function alarm(alarmName: string, state: AlarmRow["state"], sinceMs: number): AlarmRow {
  const text = { description: "", stackName: "s", stateReason: "", condition: "" };
  return { alarmName, state, sinceMs, history: [], ...text };
}

describe("the sentence at the top", () => {
  test.each<[string, readonly AlarmRow[], string, string]>([
    ["no alarm", [], "unsure", "No alarms: the templates define none"],
    ["one that is OK", [alarm("a", "OK", at(10, 2))], "ok", "The only alarm is OK since 10:02"],
    [
      "all OK",
      [alarm("a", "OK", at(9, 0)), alarm("b", "OK", at(10, 2))],
      "ok",
      "All 2 alarms OK since 10:02",
    ],
    [
      "one raised among others",
      [alarm("a", "OK", at(9, 0)), alarm("b", "ALARM", at(18, 0)), alarm("c", "INSUFFICIENT_DATA", at(9, 0))],
      "alarm",
      "1 alarm in ALARM: b since 18:00",
    ],
    [
      "two raised",
      [alarm("a", "ALARM", at(17, 30)), alarm("b", "ALARM", at(18, 0))],
      "alarm",
      "2 alarms in ALARM: a since 17:30, b since 18:00",
    ],
    [
      "one that cannot tell",
      [alarm("a", "OK", at(9, 0)), alarm("b", "INSUFFICIENT_DATA", at(9, 0))],
      "unsure",
      "Nothing in ALARM: 1 OK, 1 without data yet",
    ],
  ])("%s", (...[, alarms, level, text]) => {
    expect(stateSentence(alarms, NOW)).toMatchObject({ level, text });
  });

  test("before the first data nothing is said to be OK", () => {
    const text = stateSentence([alarm("a", "INSUFFICIENT_DATA", at(9, 0))], NOW).text;
    expect(text).toBe("Nothing in ALARM: 1 without data yet");
  });

  test("names are short: the stage is known", () => {
    const raised = [alarm("wrist-agent-dev-failing-now", "ALARM", at(18, 0))];
    expect(stateSentence(raised, NOW, "dev").text).toBe("1 alarm in ALARM: failing-now since 18:00");
  });

  test("it is dated from the first alarm that was raised", () => {
    const raised = [alarm("a", "ALARM", at(18, 0)), alarm("b", "ALARM", at(17, 30))];
    expect(stateSentence(raised, NOW).sinceMs).toBe(at(17, 30));
  });

  test("a state since another day says which", () => {
    expect(stateSentence([alarm("a", "ALARM", new Date(2026, 10, 20, 7, 5).getTime())], NOW).text).toMatch(
      /20.* 07:05$/,
    );
  });
});
