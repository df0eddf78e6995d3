import type { StageConfig } from "../config/stage-config.ts";
import { type AlarmRow, type AlarmText, type CompositeRow, WINDOW_LABELS } from "./alarm-row.ts";
import { ALARMS, COMPOSITES } from "./alarm-table.ts";
import { ATTACHED_TEXTS, attachedRow } from "./attached-texts.ts";
import { CHARGES_ALARM } from "./usage-alarms.ts";

const GENERATED = "<!-- Made from the alarm table by npm run docs; edit the table. -->";

const PROFILE: Readonly<Record<AlarmText["profile"], string>> = {
  default: "always on",
  full: "only with `MONITORING_PROFILE=full`",
};

const SEVERITY: Readonly<Record<AlarmText["severity"], string>> = {
  page: "page: act now",
  ticket: "ticket: act within a day or two",
};

/** What a metric alarm's documents say that a composite's do not. */
type MetricRow = AlarmText & Pick<AlarmRow, "window">;
type AnyRow = MetricRow | CompositeRow;

/** The documents made from the alarm tables, by their path under docs/; figures are those of `config`. */
export function alarmDocs(config: StageConfig): ReadonlyMap<string, string> {
  const metricRows: readonly MetricRow[] = [...ALARMS, CHARGES_ALARM];
  const composites = COMPOSITES.toReversed();
  return new Map([
    ["alarms.md", overview({ composites, metricRows }, config)],
    ...[...composites, ...metricRows].map((row): [string, string] => [
      `runbooks/${row.key}.md`,
      runbook(row, config),
    ]),
    ["runbooks/any-function.md", anyFunctionRunbook()],
  ]);
}

/**
 * The runbooks of a function that this project did not deploy, in one document: its mails link the sections.
 */
function anyFunctionRunbook(): string {
  const rows: readonly AnyRow[] = [...COMPOSITES, ...ALARMS]
    .filter(({ key }) => key in ATTACHED_TEXTS)
    .map(attachedRow);
  return document([
    "# Alarms of any function",
    GENERATED,
    "What the mails of `-c functionArn=` link ([any-function.md](../any-function.md)).",
    ...rows.flatMap((row) => [
      `## ${row.key}`,
      row.userImpact,
      [row.firstStep, ...row.nextSteps].map((step, index) => `${index + 1}. ${step}`).join("\n"),
      row.why,
      ...("window" in row ? [`Judged over ${WINDOW_LABELS[row.window.kind]}. ${row.window.why}`] : []),
    ]),
  ]);
}

interface Rows {
  readonly composites: readonly CompositeRow[];
  readonly metricRows: readonly MetricRow[];
}

function overview({ composites, metricRows }: Rows, config: StageConfig): string {
  const entries = (rows: readonly AnyRow[]): readonly string[] =>
    rows.flatMap((row) => [
      `### [${row.key}](runbooks/${row.key}.md)`,
      `${row.whatHappened(config)} ${row.userImpact}`,
      traits(row),
    ]);
  return document([
    "# Alarms",
    GENERATED,
    `Every alarm says what happened, what it means for the user and what to do first; the mail of each links its runbook. The figures are those of ${config.stage} (${config.requestsPerDay} requests a day).`,
    "## Always on",
    ...entries(metricRows.filter(({ profile }) => profile === "default")),
    "## With `MONITORING_PROFILE=full`: alarms on alarms",
    "What pages is the same in both profiles. Of several alarms that see the same failures, a composite notifies once.",
    ...entries(composites),
    "## With `MONITORING_PROFILE=full`: alarms on metrics",
    ...entries(metricRows.filter(({ profile }) => profile === "full")),
  ]);
}

function runbook(row: AnyRow, config: StageConfig): string {
  return document([
    `# ${row.key}`,
    GENERATED,
    row.whatHappened(config),
    traits(row),
    "## User impact",
    row.userImpact,
    "## What to do",
    [row.firstStep, ...row.nextSteps].map((step, index) => `${index + 1}. ${step}`).join("\n"),
    "## Why it is set so",
    row.why,
    ...condition(row),
  ]);
}

function condition(row: AnyRow): readonly string[] {
  if ("window" in row) return [`Judged over ${WINDOW_LABELS[row.window.kind]}. ${row.window.why}`];
  const parts = row.children.map((key) => `[${key}](${key}.md)`).join(", ");
  return [`In ALARM when ${row.when} of these ${row.when === "any" ? "is" : "are"}: ${parts}.`];
}

function traits(row: AnyRow): string {
  const { severity, profile } = row.withoutProbe ?? {};
  return [
    notificationTrait(row),
    `- ${PROFILE[row.profile]}${profile === undefined ? "" : "; always on where no probe asks (`PROBE_MINUTES=0`, or a function of your own)"}`,
    ...(severity === undefined ? [] : [`- where no probe asks: ${SEVERITY[severity]}`]),
  ].join("\n");
}

function notificationTrait({ severity, notifiedBy }: AnyRow): string {
  const composite = COMPOSITES.find(({ key }) => key === notifiedBy);
  if (composite === undefined) return `- ${SEVERITY[severity]}`;
  return `- ${SEVERITY[severity]}; with \`MONITORING_PROFILE=full\` its own mail is switched off: \`${composite.key}\` notifies`;
}

function document(paragraphs: readonly string[]): string {
  return `${paragraphs.join("\n\n")}\n`;
}
