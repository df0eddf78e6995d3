import { describe, expect, test } from "vitest";
import type { AlarmRow } from "../../../local/server/wire.ts";
import { stateSentence } from "../../../local/web/headline.ts";
import { alarmRow } from "../../support/alarm-row.ts";

const NOW = new Date(2026, 10, 22, 18, 4).getTime();
const at = (hour: number, minute: number): number => new Date(2026, 10, 22, hour, minute).getTime();

function alarm(alarmName: string, state: AlarmRow["state"], sinceMs: number): AlarmRow {
  return alarmRow(alarmName, { state, sinceMs });
}

function raised(alarmName: string, sinceMs: number, change: Partial<AlarmRow> = {}): AlarmRow {
  return alarmRow(alarmName, { state: "ALARM", sinceMs, ...change });
}

function said(alarms: readonly AlarmRow[], stage?: string): string {
  const { pieces } = stateSentence(alarms, NOW, stage);
  return pieces.map(({ text }) => text).join("");
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
      [alarm("a", "ALARM", at(18, 0)), alarm("b", "ALARM", at(17, 30))],
      "alarm",
      "2 alarms in ALARM: b since 17:30, a since 18:00",
    ],
    [
      "one that cannot tell",
      [alarm("a", "OK", at(9, 0)), alarm("b", "INSUFFICIENT_DATA", at(9, 0))],
      "unsure",
      "Nothing in ALARM: 1 OK, 1 without data yet",
    ],
  ])("%s", (...[, alarms, level, text]) => {
    expect(said(alarms)).toBe(text);
    expect(stateSentence(alarms, NOW).level).toBe(level);
  });

  test("before the first data nothing is said to be OK", () => {
    expect(said([alarm("a", "INSUFFICIENT_DATA", at(9, 0))])).toBe("Nothing in ALARM: 1 without data yet");
  });

  test("names are short, and each leads to its alarm", () => {
    const alarms = [raised("wrist-agent-dev-failing-now", at(18, 0))];
    expect(said(alarms, "dev")).toBe("1 alarm in ALARM: failing-now since 18:00");
    expect(stateSentence(alarms, NOW, "dev").pieces).toContainEqual({
      text: "failing-now",
      alarmName: "wrist-agent-dev-failing-now",
    });
  });

  test("what pages comes before what can wait, though it is younger", () => {
    const alarms = [
      raised("spend", at(9, 0), { topics: ["x-ticket"] }),
      raised("silent", at(8, 0)),
      raised("failing", at(18, 0), { topics: ["x-page"] }),
    ];
    expect(said(alarms)).toBe(
      "3 alarms in ALARM: failing (page) since 18:00, spend (ticket) since 09:00, silent since 08:00",
    );
  });

  test("a composite comes with the raised alarms that it stands for", () => {
    const alarms = [
      raised("lambda-errors", at(17, 58), { topics: ["x-ticket"] }),
      raised("failing-now", at(17, 59), { topics: ["x-ticket"] }),
      raised("throttles", at(18, 0), { topics: ["x-ticket"] }),
      alarm("url-5xx", "OK", at(9, 0)),
      raised("spend", at(9, 0), { topics: ["x-ticket"] }),
      raised("down", at(18, 1), {
        topics: ["x-page"],
        causes: ["throttles", "failing-now", "lambda-errors", "url-5xx", "down"],
      }),
    ];
    expect(said(alarms)).toBe(
      "5 alarms in ALARM: down (page) since 18:01, raised by lambda-errors, failing-now and throttles; spend (ticket) since 09:00",
    );
  });

  test("a page that a ticket explains keeps the incident in front", () => {
    const alarms = [
      raised("other", at(9, 0), { topics: ["x-page"] }),
      raised("part", at(8, 0), { topics: ["x-page"] }),
      raised("whole", at(8, 0), { topics: ["x-ticket"], causes: ["part"] }),
    ];
    expect(said(alarms)).toBe(
      "3 alarms in ALARM: whole (ticket) since 08:00, raised by part; other (page) since 09:00",
    );
  });

  test("a composite of composites names its own causes, and theirs are left to them", () => {
    const alarms = [
      raised("down", at(18, 0), { causes: ["burn"] }),
      raised("burn", at(17, 0), { causes: ["long"] }),
      raised("long", at(16, 0)),
    ];
    expect(said(alarms)).toBe("3 alarms in ALARM: down since 18:00, raised by burn");
  });

  test("composites that name each other are all named", () => {
    const alarms = [raised("a", at(17, 0), { causes: ["b"] }), raised("b", at(18, 0), { causes: ["a"] })];
    expect(said(alarms)).toBe("2 alarms in ALARM: a since 17:00, raised by b; b since 18:00, raised by a");
  });

  test("of many alarms the most urgent four are named, and the others counted", () => {
    const alarms = ["e", "d", "c", "b", "a", "f"].map((name) => raised(name, at(18, 0)));
    expect(said(alarms)).toMatch(/^6 alarms in ALARM: a since .*, d since 18:00, and 2 more$/);
  });

  test("what can have no data on this machine keeps nothing from being green", () => {
    const unfed = alarmRow("bill", { state: "INSUFFICIENT_DATA", noDataHere: "nothing is billed here" });
    const alarms = [alarm("a", "OK", at(9, 0)), alarm("b", "OK", at(10, 2)), unfed];
    expect(said(alarms)).toBe("All 2 alarms OK since 10:02; 1 can have no data on this machine");
    expect(stateSentence(alarms, NOW)).toMatchObject({ level: "ok", sinceMs: at(10, 2) });
    expect(stateSentence([unfed], NOW).level).toBe("unsure");
    expect(said([...alarms, alarm("c", "INSUFFICIENT_DATA", at(9, 0))])).toBe(
      "Nothing in ALARM: 2 OK, 1 without data yet",
    );
  });

  test("the suppression of an alarm in ALARM is said", () => {
    const suppression = "muted by the alarm mute rule nights";
    const alarms = [raised("failing", at(18, 0), { topics: ["x-page"], suppression })];
    expect(said(alarms)).toBe("1 alarm in ALARM: failing (page, actions muted) since 18:00");
  });

  test("a name that never ends is cut, and its link is not", () => {
    const alarmName = "a".repeat(255);
    const { pieces } = stateSentence([raised(alarmName, at(18, 0))], NOW);
    expect(pieces[1]).toEqual({ text: `${"a".repeat(47)}…`, alarmName });
  });

  test("it is dated from the first alarm that was raised", () => {
    const alarms = [raised("a", at(18, 0)), raised("b", at(17, 30))];
    expect(stateSentence(alarms, NOW).sinceMs).toBe(at(17, 30));
  });

  test("a state since another day says which", () => {
    expect(said([raised("a", new Date(2026, 10, 20, 7, 5).getTime())])).toMatch(/20.* 07:05$/);
  });
});
