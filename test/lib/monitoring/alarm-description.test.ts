import { runLogsInsights } from "@wrist-agent/cloudwatch/logs/logs-insights";
import { describe, expect, it } from "vitest";
import { alarmLinksOf, logsInsightsLink } from "../../../lib/monitoring/alarm-description.ts";
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
