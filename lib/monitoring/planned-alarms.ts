import type { CfnAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { ConfigError } from "../config/config-error.ts";
import type { StageConfig } from "../config/stage-config.ts";
import { namesOf } from "../names.ts";
import type { AlarmInputs, AlarmRow, AlarmRule } from "./table/alarm-row.ts";
import { evaluationWindow } from "./table/alarm-window.ts";
import { ALARMS } from "./table/alarms.ts";
import { describeAlarm, type AlarmLinks } from "./describe-alarm.ts";

/** One alarm to make: its row, its condition, its window and its text. */
export interface PlannedAlarm {
  readonly row: AlarmRow;
  readonly name: string;
  readonly rule: AlarmRule;
  /** CloudWatch's sliding window when `undefined`. */
  readonly window: CfnAlarm.EvaluationWindowProperty | undefined;
  readonly description: string;
}

/** The rows of the table that a stage has, with rule and text computed; refuses a rule that its traffic cannot fire. */
export function plannedAlarms(
  inputs: AlarmInputs,
  linksOf: (row: AlarmRow) => AlarmLinks,
): readonly PlannedAlarm[] {
  const { config } = inputs;
  const rows = rowsOf(inputs);
  for (const row of rows) refuseIdle(row, config);
  return rows.map((row) => ({
    row,
    name: namesOf(config).alarm(row.key),
    rule: row.rule(inputs),
    window: evaluationWindow(row.window, config),
    description: describeAlarm(row, config, linksOf(row)),
  }));
}

function rowsOf({ config, sources }: AlarmInputs): readonly AlarmRow[] {
  const ofProfile = ALARMS.filter(
    ({ profile }) => profile === "default" || config.monitoringProfile === "full",
  );
  return sources === undefined ? ofProfile : ofProfile.filter(({ needs }) => sources.has(needs));
}

function refuseIdle(row: AlarmRow, config: StageConfig): void {
  const needed = row.requestsNeeded?.(config) ?? 1;
  if (needed <= config.requestsPerDay) return;
  throw new ConfigError(
    `alarm ${row.key} can never fire: it needs ${needed} requests within a day and REQUESTS_PER_DAY is ` +
      `${config.requestsPerDay}; state at least ${needed}`,
  );
}
