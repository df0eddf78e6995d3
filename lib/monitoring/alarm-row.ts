import type { CfnAlarm } from "aws-cdk-lib/aws-cloudwatch";
import type { MetricWithAlarmSupport } from "cdk-monitoring-constructs";
import type { StageConfig } from "../config/stage-config.ts";
import type { DashboardName, Severity } from "../names.ts";
import type { MailQuery } from "./log-queries.ts";
import type { AgentMetrics, MetricSource } from "./metrics.ts";

/**
 * How an alarm's periods lie in time.
 *
 * A wall-clock window judges exactly its last N completed periods, so a silent period keeps the state and an
 * old point never comes back. A sliding window moves by a minute and fetches older periods too; where the
 * newest period is empty it judges an older one, which may raise a settled alarm again. So a sliding alarm
 * must always have a newest point.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 */
type WindowKind = "wallClockUtc" | "wallClockLocal" | "sliding" | "heartbeat";

/** The window of an alarm, and why it is that one. */
interface AlarmWindow {
  readonly kind: WindowKind;
  readonly why: string;
}

/** What each kind of window is called in the documents. */
export const WINDOW_LABELS: Readonly<Record<WindowKind, string>> = {
  wallClockUtc: "completed periods of the clock",
  wallClockLocal: "completed days of the stage's time zone",
  sliding: "a window that slides by a minute, 0 where nothing happened",
  heartbeat: "a window that slides by a minute, a failure where nothing was heard",
};

const WINDOW_TIME_ZONE: Readonly<Record<WindowKind, (config: StageConfig) => string | undefined>> = {
  wallClockUtc: () => "UTC",
  wallClockLocal: (config) => config.timeZone,
  sliding: () => undefined,
  heartbeat: () => undefined,
};

/** The window as CloudFormation spells it; `undefined` for the sliding one, which is CloudWatch's default. */
export function evaluationWindow(
  { kind }: AlarmWindow,
  config: StageConfig,
): CfnAlarm.EvaluationWindowProperty | undefined {
  const timezone = WINDOW_TIME_ZONE[kind](config);
  return timezone === undefined ? undefined : { wallClockWindow: { timezone } };
}

/** What a row of the alarm table is computed from. */
export interface AlarmInputs {
  readonly config: StageConfig;
  readonly metrics: AgentMetrics;
  /** Whose metrics there are; everybody's when missing. */
  readonly sources?: ReadonlySet<MetricSource>;
}

/** A band that CloudWatch learns from the metric's past; a point breaches above it. */
export interface AnomalyBand {
  /** How many standard deviations the band is wide, to each side. */
  readonly deviations: number;
}

/** The condition of an alarm, in CloudWatch's terms; a point breaches when it reaches the threshold. */
export interface AlarmRule {
  /** One metric, or an expression over several: its period is the alarm's. */
  readonly metric: MetricWithAlarmSupport;
  readonly threshold: number | AnomalyBand;
  /** M of N: this many of the last `evaluationPeriods` points must breach. */
  readonly datapointsToAlarm: number;
  readonly evaluationPeriods: number;
  readonly treatMissingData: "ignore" | "notBreaching" | "breaching";
  /** Minutes after its creation in which the alarm is not judged; judged at once when missing. */
  readonly warmUpMinutes?: number;
}

/** What the mail and the runbook of an alarm say, whatever its kind. */
export interface AlarmText {
  /** Last part of the alarm's name, its runbook's file name, its key. */
  readonly key: string;
  readonly severity: Severity;
  /** `default` is always there, `full` only when the stage asks for it. */
  readonly profile: "default" | "full";
  /** What is different where no probe finds an outage; nothing when missing. */
  readonly withoutProbe?: Partial<Pick<AlarmText, "severity" | "profile">>;
  /**
   * Key of the composite alarm that notifies of this one, whose own mail is then switched off; it mails when
   * missing.
   */
  readonly notifiedBy?: string;
  /** What happened. */
  readonly whatHappened: (config: StageConfig) => string;
  /** What it means for the user. */
  readonly userImpact: string;
  /**
   * What to do first; a widget of the dashboard that it speaks of stands in quotation marks, as it is titled.
   */
  readonly firstStep: string;
  /** Dashboard that its mail opens; `on-call` when missing. */
  readonly dashboard?: DashboardName;
  /** What to do after that, one step each: the rest of the runbook. */
  readonly nextSteps: readonly string[];
  /** Log query that its mail opens; the log group when missing. */
  readonly log?: MailQuery;
  /** Why the condition is as it is. */
  readonly why: string;
}

/** The value of a rule on a usual day, and the setting that its threshold comes from. */
export interface UsualValue {
  /** Missing where the settings do not say. */
  readonly value: (config: StageConfig) => number | undefined;
  readonly unit: string;
  /** What the value follows from, as the part of a sentence that follows "at". */
  readonly from: (config: StageConfig) => string;
  /** What to do about it, as an order. */
  readonly remedy: (config: StageConfig) => string;
}

/** One row of an alarm table; `Inputs` is what its rule reads. */
export interface AlarmRow<Inputs = AlarmInputs> extends AlarmText {
  readonly needs: MetricSource;
  readonly window: AlarmWindow;
  /** Whether a stage has it by its other settings; every stage when missing. */
  readonly exists?: (config: StageConfig) => boolean;
  /** Requests that one day must hold at least for the rule to fire; 1 when missing. */
  readonly requestsNeeded?: (config: StageConfig) => number;
  /** What the settings themselves make of its value while nothing is wrong; not known when missing. */
  readonly usual?: UsualValue;
  readonly rule: (inputs: Inputs) => AlarmRule;
}

/** An alarm on other alarms of the table. */
export interface CompositeRow extends AlarmText {
  /** It is in ALARM when any, or all, of its parts are. */
  readonly when: "any" | "all";
  /**
   * Keys of its parts; one that a stage does not have is left out of an `any`, and takes an `all` with it.
   */
  readonly children: readonly string[];
}
