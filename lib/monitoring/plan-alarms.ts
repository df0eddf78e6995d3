import type { CfnAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { ConfigError } from "../config/setting.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { namesOf, type Severity } from "../names.ts";
import { type AlarmLinks, describeAlarm } from "./alarm-description.ts";
import {
  type AlarmInputs,
  type AlarmRow,
  type AlarmRule,
  type AlarmText,
  type CompositeRow,
  evaluationWindow,
} from "./alarm-row.ts";
import { attachedRow } from "./attached-texts.ts";
import { ALARMS, COMPOSITES } from "./alarm-table.ts";
import { burnRefusal } from "./burn-rate-alarms.ts";
import { hasProbe } from "./metrics.ts";

/** What every alarm to make has. */
interface Planned<Row extends AlarmText> {
  readonly row: Row;
  readonly name: string;
  readonly description: string;
  /** Which topic it notifies. */
  readonly severity: Severity;
  /** False when a composite notifies of it. */
  readonly notifies: boolean;
}

/** One metric alarm to make: its row, its condition, its window and its text. */
export interface PlannedAlarm extends Planned<AlarmRow> {
  readonly rule: AlarmRule;
  /** CloudWatch's sliding window when `undefined`. */
  readonly window: CfnAlarm.EvaluationWindowProperty | undefined;
}

/** One composite alarm to make, after its parts. */
export interface PlannedComposite extends Planned<CompositeRow> {
  /** Its rule over the names of its parts. */
  readonly rule: string;
}

/** Every alarm of a stage. */
export interface PlannedAlarms {
  readonly alarms: readonly PlannedAlarm[];
  readonly composites: readonly PlannedComposite[];
}

/**
 * The rows of the table that a stage has, with rule and text computed; refuses a rule that its traffic cannot
 * fire, and one that its settings fire every day.
 */
export function planAlarms(inputs: AlarmInputs, alarmLinks: (row: AlarmText) => AlarmLinks): PlannedAlarms {
  const { config } = inputs;
  const worded = <Row extends AlarmText>(row: Row): Row => (config.functionArn ? attachedRow(row) : row);
  const rows = rowsOf(inputs).map(worded);
  const composites = compositesOf(config, rows).map(worded);
  refuseImpossible(config, rows);
  const planned = <Row extends AlarmText>(row: Row): Planned<Row> => ({
    row,
    name: namesOf(config).alarm(row.key),
    description: describeAlarm(row, config, alarmLinks(row)),
    severity: severityOf(row, config),
    notifies: !composites.some(({ key }) => key === row.notifiedBy),
  });
  return {
    alarms: rows.map((row) => {
      const rule = row.rule(inputs);
      refuseConstant(row, rule, config);
      return { ...planned(row), rule, window: evaluationWindow(row.window, config) };
    }),
    composites: composites.map((row) => ({ ...planned(row), rule: compositeRule(row, config) })),
  };
}

function rowsOf({ config, sources }: AlarmInputs): readonly AlarmRow[] {
  const ofProfile = ALARMS.filter((row) => isOfProfile(row, config) && row.exists?.(config) !== false);
  return sources === undefined ? ofProfile : ofProfile.filter(({ needs }) => sources.has(needs));
}

function isOfProfile(row: AlarmText, config: StageConfig): boolean {
  const profile = (hasProbe(config) ? undefined : row.withoutProbe?.profile) ?? row.profile;
  return profile === "default" || config.monitoringProfile === "full";
}

/** Where no probe finds an outage, other alarms page for it. */
function severityOf(row: AlarmText, config: StageConfig): Severity {
  return (hasProbe(config) ? undefined : row.withoutProbe?.severity) ?? row.severity;
}

/** Composites without the parts that the stage does not have; one that has no part left is left out. */
function compositesOf(config: StageConfig, rows: readonly AlarmRow[]): readonly CompositeRow[] {
  const keys = new Set(rows.map(({ key }) => key));
  const made: CompositeRow[] = [];
  for (const row of COMPOSITES) {
    const children = row.children.filter((key) => keys.has(key));
    const least = row.when === "all" ? row.children.length : 1;
    if (!isOfProfile(row, config) || children.length < least) continue;
    keys.add(row.key);
    made.push({ ...row, children });
  }
  return made;
}

function compositeRule({ children, when }: CompositeRow, config: StageConfig): string {
  const names = namesOf(config);
  return children.map((key) => `ALARM("${names.alarm(key)}")`).join(when === "any" ? " OR " : " AND ");
}

function refuseImpossible(config: StageConfig, rows: readonly AlarmRow[]): void {
  for (const row of rows) refuseIdle(row, config);
  const hasBurn = config.monitoringProfile === "full" && rows.some(({ needs }) => needs === "custom");
  const reason = hasBurn ? burnRefusal(config) : undefined;
  if (reason !== undefined) throw new ConfigError(reason);
}

function refuseIdle(row: AlarmRow, config: StageConfig): void {
  const needed = row.requestsNeeded?.(config) ?? 1;
  if (needed <= config.requestsPerDay) return;
  throw new ConfigError(
    `alarm ${row.key} can never fire: it needs ${needed} requests within a day and REQUESTS_PER_DAY is ` +
      `${config.requestsPerDay}; state at least ${needed}`,
  );
}

/** A rule that its settings fire every day says nothing on any day. */
export function refuseConstant(
  { key, usual }: Pick<AlarmRow, "key" | "usual">,
  { threshold }: Pick<AlarmRule, "threshold">,
  config: StageConfig,
): void {
  const value = usual?.value(config);
  if (usual === undefined || value === undefined || typeof threshold !== "number" || value < threshold)
    return;
  const amount = `${Number(value.toPrecision(3)).toLocaleString("en-US")} ${usual.unit}`;
  throw new ConfigError(
    `alarm ${key} must always fire: it waits for ${threshold} ${usual.unit}, and ${amount} are usual at ` +
      `${usual.from(config)}; ${usual.remedy(config)}`,
  );
}
