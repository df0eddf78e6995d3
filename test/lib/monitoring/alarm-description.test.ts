import { runLogsInsights } from "@wrist-agent/cloudwatch/logs/logs-insights";
import { describe, expect, it } from "vitest";
import {
  alarmLinksOf,
  describeAlarm,
  logsInsightsLink,
  type AlarmLinks,
} from "../../../lib/monitoring/alarm-description.ts";
import type { AlarmText } from "../../../lib/monitoring/alarm-row.ts";
import { ALARMS } from "../../../lib/monitoring/alarm-table.ts";
import { MAIL_QUERIES } from "../../../lib/monitoring/log-queries.ts";
import { configOf } from "../../support/config-of.ts";

/** Reads a link back as the console does: `$` for the percent sign outside, `*` for it in texts. */
function readBack(link: string): Readonly<Record<string, string>> {
  const detail = decodeURIComponent(link.split("#logsV2:logs-insights")[1]?.replaceAll("$", "%") ?? "");
  const text = (name: string): string =>
    decodeURIComponent((new RegExp(`~${name}~\\(?~?'([^~)]*)`).exec(detail)?.[1] ?? "").replaceAll("*", "%"));
  return { detail, query: text("editorString"), group: text("source") };
}

describe("the link to a log query", () => {
  const link = logsInsightsLink({
    region: "eu-west-1",
    logGroupName: "/aws/lambda/wrist-agent-production",
    query: 'filter outcome="it\'s (not) *~ 100 %"|limit 5',
  });

  it("says the same when the console reads it", () => {
    const { detail, query, group } = readBack(link);
    expect(detail).toMatch(/^\?queryDetail=~\(end~0~start~-86400~timeType~'RELATIVE~unit~'seconds~/);
    expect(detail).toMatch(/\)\)$/);
    expect(query).toBe('filter outcome="it\'s (not) *~ 100 %"|limit 5');
    expect(group).toBe("/aws/lambda/wrist-agent-production");
  });

  it("holds no character at which a mail program ends a link", () => {
    expect(link).toMatch(/^https:\/\/[\w.\-/?=#:$*~]+$/);
  });

  it.each(ALARMS.map((row) => [row.key, row] as const))("in the mail of %s can be run", (_key, row) => {
    const [Log = ""] = [alarmLinksOf(configOf())(row).Log ?? ""].flat();
    if (row.log === undefined) expect(Log).toContain("log-groups/log-group/");
    else {
      expect(readBack(Log).query).toBe(MAIL_QUERIES[row.log]);
      runLogsInsights(MAIL_QUERIES[row.log], { events: [], startMs: 0, endMs: 1 });
    }
  });
});

describe("the text of a mail", () => {
  const row = { key: "k", userImpact: "None.", firstStep: "Wait." } as AlarmText;
  const described = (whatHappened: string, links: AlarmLinks = {}): readonly string[] =>
    describeAlarm({ ...row, whatHappened: () => whatHappened }, configOf(), links).split("\n");
  const rest = ["For the user: None.", "First: Wait."];

  it("wraps at 76 columns", () => {
    const long = "a".repeat(70);
    expect(described(`${long} bbbbb c`)).toEqual(["", `${long} bbbbb`, "c", ...rest]);
    expect(described(`${long} bbbbbb c`)).toEqual(["", long, "bbbbbb c", ...rest]);
  });

  it("leaves a word whole that is longer than a line", () => {
    expect(described(`a ${"b".repeat(80)} c`)).toEqual(["", "a", "b".repeat(80), "c", ...rest]);
  });

  const used = described("It.").join("\n").length + "\nRunbook: ".length;
  const room = 1024 - used;

  it("holds a link that ends with character 1,024", () => {
    expect(described("It.", { Runbook: "r".repeat(room) })).toContain(`Runbook: ${"r".repeat(room)}`);
    expect(described("It.", { Runbook: "r".repeat(room + 1) })).toEqual(["", "It.", ...rest]);
  });

  it("takes the shorter address of the last link before it gives one up", () => {
    const links = { Runbook: "r", Dashboard: "d", Log: ["l".repeat(room), "short"] };
    expect(described("It.", links).slice(4)).toEqual(["Runbook: r", "Dashboard: d", "Log: short"]);
    const longer = { ...links, Log: ["l".repeat(room), "l".repeat(room)] };
    expect(described("It.", longer).slice(4)).toEqual(["Runbook: r", "Dashboard: d"]);
  });

  it("is refused by name where it has no room even without links", () => {
    expect(() => described("x".repeat(1100))).toThrow(
      /^the description of k has 11\d\d characters; CloudWatch takes 1024$/,
    );
  });
});
