import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runLogsInsights } from "@wrist-agent/cloudwatch/logs/logs-insights";
import type { ResolvedResource } from "cw-alarm-test/resolved-stack";
import { describe, expect, test } from "vitest";
import type { AlarmText } from "../../lib/monitoring/alarm-row.ts";
import { ALARMS, COMPOSITES } from "../../lib/monitoring/alarm-table.ts";
import { ATTACHED_TEXTS, attachedRow } from "../../lib/monitoring/attached-texts.ts";
import { MAIL_QUERIES, type MailQuery } from "../../lib/monitoring/log-queries.ts";
import { BILLING_NAMES, type DashboardName, DASHBOARDS, namesOf } from "../../lib/names.ts";
import { MAIL_QUESTIONS, QUESTIONS } from "../support/log-questions.ts";
import { AWS_MEANING, meaningOf, sourceOf, SOURCES } from "../support/metric-sources.ts";
import { resolved, resolvedTemplate, templateOf } from "../support/resolved-stacks.ts";
import { PROJECT, synthesisedStacks } from "../support/synthesise.ts";
import {
  type Dashboard,
  dashboardsIn,
  type MetricRead,
  metricsIn,
  type Widget,
} from "../support/templates-read.ts";
import { expectDocument, type Row, tableText } from "../support/written-document.ts";

const STAGE = "production";
const NAMES = namesOf(STAGE);
const REGION = "us-west-2";

type Profile = "default" | "full";

function synthesised(monitoringProfile: Profile) {
  return resolved(synthesisedStacks({ stage: STAGE, context: { monitoringProfile } }));
}

const STACKS = { default: synthesised("default"), full: synthesised("full") };

/** Alarms of a profile by the key that their document has. */
function alarmsOf(profile: Profile): ReadonlyMap<string, ResolvedResource> {
  const all = STACKS[profile].flatMap(({ resources }) => resources);
  const alarms = all.filter(({ type }) => /^AWS::CloudWatch::(Composite)?Alarm$/.test(type));
  return new Map(alarms.map((alarm) => [keyOf(String(alarm.properties().AlarmName)), alarm]));
}

function keyOf(alarmName: string): string {
  return alarmName.replace(BILLING_NAMES.alarm(""), "").replace(NAMES.alarm(""), "");
}

const ALARMS_OF = { default: alarmsOf("default"), full: alarmsOf("full") };

/** What a dashboard answers; its widgets are read from the template. */
const ANSWERS: Readonly<Record<DashboardName, string>> = {
  "on-call": "Is it up, since when, what fails, what changed, and what does Lambda say of it?",
  traffic: "Who asks, how much, how fast?",
  cost: "What does the model cost, today and this month, and what does the account?",
};

function metricKey({ namespace, name, dimensions }: MetricRead): string {
  return `${namespace} ${name} ${JSON.stringify(dimensions)}`;
}

/** Every metric that something reads, once. */
function metricsRead(profile: Profile): ReadonlyMap<string, MetricRead> {
  const types = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard"];
  const all = STACKS[profile].flatMap((stack) => metricsIn(resolvedTemplate(stack, types)));
  return new Map(all.map((metric) => [metricKey(metric), metric]));
}

/** Keys of the alarms of a profile that read a metric. */
function readers(key: string, profile: Profile): readonly string[] {
  return [...ALARMS_OF[profile]]
    .filter(([, alarm]) => metricsIn(templateOf([alarm])).some((metric) => metricKey(metric) === key))
    .map(([name]) => name);
}

function textOf(path: string): string {
  return readFileSync(join(PROJECT, path), "utf8");
}

function dashboards(): readonly Dashboard[] {
  return STACKS.default.flatMap((stack) =>
    dashboardsIn(resolvedTemplate(stack, ["AWS::CloudWatch::Dashboard"])),
  );
}

function shownOn(key: string): string {
  const names = DASHBOARDS.filter((name) =>
    STACKS.default
      .flatMap(({ resources }) => resources)
      .filter(
        ({ type, properties }) =>
          type === "AWS::CloudWatch::Dashboard" &&
          properties().DashboardName === NAMES.dashboard(REGION, name),
      )
      .some((each) => metricsIn(templateOf([each])).some((metric) => metricKey(metric) === key)),
  );
  return names.join(", ");
}

function watchedRows(): readonly Row[] {
  const rows = [...metricsRead("full")].map(([key, metric]) => {
    const usual = readers(key, "default");
    const further = readers(key, "full").filter((name) => !usual.includes(name));
    const said = meaningOf(metric);
    return [sourceOf(metric), `\`${metric.name}\``, said, shownOn(key), linked(usual), linked(further)];
  });
  return SOURCES.flatMap((source) => rows.filter(([each]) => each === source));
}

function linked(keys: readonly string[]): string {
  return keys.map((key) => `[${key}](runbooks/${key}.md)`).join(", ");
}

const SILENT = "no mail of its own";

/** What an alarm notifies: the last part of its topic's name. */
function notifiedTopic(alarm: ResolvedResource | undefined): string {
  if (alarm === undefined) return "";
  const { ActionsEnabled, AlarmActions } = alarm.properties() as {
    readonly ActionsEnabled?: boolean;
    readonly AlarmActions: readonly string[];
  };
  if (ActionsEnabled === false) return SILENT;
  return AlarmActions.map((arn) => ACTION[arn.split(":").at(-1) ?? ""] ?? arn).join("; ");
}

const ACTION: Readonly<Record<string, string>> = {
  [NAMES.topics.page]: "**page**",
  [NAMES.topics.ticket]: "ticket",
  [BILLING_NAMES.topic]: "the billing topic",
  [NAMES.breaker]: "opens the spend breaker",
};

/** Pages first, then what mails, then what a composite speaks for. */
const LOUDNESS: readonly ((row: Row) => boolean)[] = [
  ([, usual = ""]) => usual.includes("page"),
  ([, , full = ""]) => full.includes("page"),
  ([, usual = ""]) => usual !== "",
  ([, , full = ""]) => full !== SILENT,
  () => true,
];

function notifiedRows(): readonly Row[] {
  const rows = [...ALARMS_OF.full].map(([key, alarm]) => [
    linked([key]),
    notifiedTopic(ALARMS_OF.default.get(key)),
    notifiedTopic(alarm),
  ]);
  const loudness = (row: Row): number => LOUDNESS.findIndex((is) => is(row));
  return rows.sort((one, other) => loudness(one) - loudness(other));
}

/** Dashboard and title of every widget that shows a query. */
function widgetsOf(lines: readonly string[]): readonly string[] {
  return dashboards().flatMap(({ name, widgets }) =>
    widgets
      .filter(({ properties }) => properties.query?.endsWith(lines.join("\n| ")) === true)
      .map(({ properties }) => `*${properties.title ?? ""}* on \`${dashboardKey(name)}\``),
  );
}

function dashboardKey(name: string): string {
  return name.replace(`${NAMES.dashboardPrefix(REGION)}-`, "");
}

function queryBlocks(): string {
  return QUESTIONS.map(({ lines, question }) =>
    [`**${question}** (${widgetsOf(lines).join(", ")})`, "```", lines.join("\n| "), "```"].join("\n"),
  ).join("\n\n");
}

function mailQueryRows(): readonly Row[] {
  const own: readonly AlarmText[] = [...ALARMS, ...COMPOSITES];
  const rows = [...own, ...own.filter(({ key }) => key in ATTACHED_TEXTS).map(attachedRow)];
  return Object.entries(MAIL_QUERIES).map(([name, query]) => [
    MAIL_QUESTIONS[name as MailQuery],
    [...new Set(rows.filter(({ log }) => log === name).map(({ key }) => `\`${key}\``))].join(", "),
    `\`${query}\``,
  ]);
}

const KINDS: Readonly<Record<string, string>> = {
  alarm: "states of all alarms",
  text: "text",
  "metric timeSeries": "graph",
  "metric singleValue": "number",
  "log table": "table from the log",
  "log bar": "bars from the log",
};

function kindOf({ type, properties }: Widget): string {
  return KINDS[type] ?? KINDS[`${type} ${properties.view ?? ""}`] ?? "";
}

/** What a widget draws, by the labels that its reader sees, and the lines that mark a limit. */
function shows({ properties: { metrics = [], annotations, query } }: Widget): string {
  const drawn = metrics
    .map((row) => row.at(-1) as { readonly label?: string; readonly visible?: boolean })
    .filter(({ visible }) => visible !== false)
    .map(({ label }) => label ?? "");
  const limits = (annotations?.horizontal ?? []).map(({ label }) => `*${label ?? ""}*`);
  const asked = QUESTIONS.find(({ lines }) => query?.endsWith(lines.join("\n| ")) === true);
  return [...drawn, ...limits, ...(asked === undefined ? [] : [asked.question])].join(", ");
}

function dashboardRows(): readonly Row[] {
  return DASHBOARDS.map((name) => {
    const found = dashboards().find((each) => each.name === NAMES.dashboard(REGION, name));
    const days = Number(/^-P(\d+)D$/.exec(found?.start ?? "")?.[1]);
    return [`\`${name}\``, ANSWERS[name], days === 1 ? "a day" : `${days} days`];
  });
}

function widgetRows(): readonly Row[] {
  return dashboards().flatMap(({ name, widgets }) =>
    widgets.map((widget) => [
      `\`${dashboardKey(name)}\``,
      widget.properties.title ?? "",
      kindOf(widget),
      shows(widget),
    ]),
  );
}

test("docs/monitoring.md says what the templates say", async () => {
  await expectDocument("docs/monitoring.md", {
    watched: tableText([
      ["Who says it", "Metric", "Says", "On dashboard", "Alarms", "Further alarms of `full`"],
      ...watchedRows(),
    ]),
    notified: tableText([["Alarm", "Default profile", "`MONITORING_PROFILE=full`"], ...notifiedRows()]),
    dashboards: tableText([["Dashboard", "Answers", "Opens on the last"], ...dashboardRows()]),
    widgets: tableText([["Dashboard", "Widget", "Is", "Shows, and *lines*"], ...widgetRows()]),
    queries: queryBlocks(),
    "mail-queries": tableText([["Question", "Mail of", "Query"], ...mailQueryRows()]),
  });
});

describe("docs/monitoring.md is complete", () => {
  test("every metric that is read has a source and a meaning, and no meaning is left over", () => {
    const read = [...metricsRead("full").values()];
    expect(read.filter((metric) => sourceOf(metric) === "" || meaningOf(metric) === "")).toEqual([]);
    const used = new Set(read.map(({ namespace, name }) => `${namespace} ${name}`));
    expect(Object.keys(AWS_MEANING).filter((key) => !used.has(key))).toEqual([]);
  });

  test("the full profile reads whatever the default one reads", () => {
    expect([...metricsRead("default").keys()].filter((key) => !metricsRead("full").has(key))).toEqual([]);
  });

  test("every widget has a kind and, unless it is text, something to show", () => {
    const rows = widgetRows();
    expect(rows.filter(([, , kind = ""]) => kind === "")).toEqual([]);
    expect(
      rows.filter(([, , kind = "", shown]) => shown === "" && !["text", KINDS.alarm].includes(kind)),
    ).toEqual([]);
  });

  test("every query is on a widget, and every query of a widget is documented", () => {
    for (const { lines, question } of QUESTIONS) expect(widgetsOf(lines), question).not.toEqual([]);
    const shown = dashboards().flatMap(({ widgets }) => widgets.filter(({ type }) => type === "log"));
    expect(shown).toHaveLength(QUESTIONS.flatMap(({ lines }) => widgetsOf(lines)).length);
  });

  test("every query of a mail is of some alarm", () => {
    expect(mailQueryRows().filter(([, alarms]) => alarms === "")).toEqual([]);
  });

  test("every action of an alarm has a name", () => {
    const rows = notifiedRows().flatMap(([, usual = "", full = ""]) => [usual, full]);
    expect(rows.filter((text) => text.includes("arn:"))).toEqual([]);
  });

  test("a request's id finds its line and Lambda's own", () => {
    const [, query = ""] = /^(filter requestId = .+)$/m.exec(textOf("docs/monitoring.md")) ?? [];
    const lines = [
      { requestId: "PUT-IT-HERE" },
      { record: { requestId: "PUT-IT-HERE" } },
      { requestId: "other" },
    ];
    const events = lines.map((line) => ({
      logGroupName: NAMES.logGroup,
      logStreamName: "1",
      timestampMs: 60_000,
      message: JSON.stringify(line),
    }));
    expect(runLogsInsights(query, { events, startMs: 0, endMs: 120_000 }).rows).toHaveLength(2);
  });

  test.each(QUESTIONS)("$question is a query that runs", ({ lines }) => {
    const event = { logGroupName: NAMES.logGroup, logStreamName: "1", timestampMs: 60_000, message: "{}" };
    const asked = { events: [event], startMs: 0, endMs: 120_000 };
    expect(runLogsInsights(lines.join(" | "), asked).fields.length).toBeGreaterThan(0);
  });
});
