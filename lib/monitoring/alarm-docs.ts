import type { StageConfig } from "../config/stage-config.ts";
import type { AlarmText } from "./table/alarm-row.ts";
import { ALARMS } from "./table/alarms.ts";
import { WINDOW_WORDS } from "./table/alarm-window.ts";
import { CHARGES_ALARM } from "./table/charges-alarm.ts";

const GENERATED =
  "<!-- Made from the alarm table by test/lib/monitoring/alarm-docs.test.ts; edit the table. -->";

const PROFILE: Readonly<Record<AlarmText["profile"], string>> = {
  default: "always on",
  full: "only with `MONITORING_PROFILE=full`",
};

const SEVERITY: Readonly<Record<AlarmText["severity"], string>> = {
  page: "page: act now",
  ticket: "ticket: act within a day or two",
};

/** The documents made from the alarm tables, by their path under docs/; figures are those of `config`. */
export function alarmDocs(config: StageConfig): ReadonlyMap<string, string> {
  const rows: readonly AlarmText[] = [...ALARMS, CHARGES_ALARM];
  return new Map([
    ["alarms.md", overview(rows, config)],
    ...rows.map((row): [string, string] => [`runbooks/${row.key}.md`, runbook(row, config)]),
  ]);
}

function overview(rows: readonly AlarmText[], config: StageConfig): string {
  return document([
    "# Alarms",
    GENERATED,
    `Every alarm says what happened, what it means for whoever dictates and what to do first; the mail of each links its runbook. The figures are those of ${config.stage} (${config.requestsPerDay} requests a day).`,
    ...rows.flatMap((row) => [
      `## [${row.key}](runbooks/${row.key}.md)`,
      `${row.happened(config)} ${row.means}`,
      traits(row),
    ]),
  ]);
}

function runbook(row: AlarmText, config: StageConfig): string {
  return document([
    `# ${row.key}`,
    GENERATED,
    row.happened(config),
    traits(row),
    "## What it means",
    row.means,
    "## What to do",
    [row.firstStep, ...row.thenSteps].map((step, index) => `${index + 1}. ${step}`).join("\n"),
    "## Why it is set so",
    row.why,
    `Judged over ${WINDOW_WORDS[row.window.kind]}. ${row.window.why}`,
  ]);
}

function traits(row: AlarmText): string {
  return [`- ${SEVERITY[row.severity]}`, `- ${PROFILE[row.profile]}`].join("\n");
}

function document(paragraphs: readonly string[]): string {
  return `${paragraphs.join("\n\n")}\n`;
}
