import type { CfnAlarm } from "aws-cdk-lib/aws-cloudwatch";
import type { StageConfig } from "../../config/stage-config.ts";

/**
 * How an alarm's periods lie in time.
 *
 * A clock window judges exactly its last N completed periods, so a silent period keeps the state and an old point never
 * comes back. A sliding window moves by a minute and fetches older periods too; where the newest period is empty it
 * judges an older one, which may raise a settled alarm again. So a sliding alarm must always have a newest point.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
 */
export type WindowKind = "clock" | "localClock" | "sliding" | "watchdog";

/** The window of an alarm, and why it is that one. */
export interface AlarmWindow {
  readonly kind: WindowKind;
  readonly why: string;
}

/** What each kind of window is called in the documents. */
export const WINDOW_WORDS: Readonly<Record<WindowKind, string>> = {
  clock: "completed periods of the clock",
  localClock: "completed days of the stage's time zone",
  sliding: "a window that slides by a minute, 0 where nothing happened",
  watchdog: "a window that slides by a minute, a failure where nothing was heard",
};

const TIMEZONE: Readonly<Record<WindowKind, (config: StageConfig) => string | undefined>> = {
  clock: () => "UTC",
  localClock: (config) => config.timeZone,
  sliding: () => undefined,
  watchdog: () => undefined,
};

/** The window as CloudFormation spells it; `undefined` for the sliding one, which is CloudWatch's default. */
export function evaluationWindow(
  { kind }: AlarmWindow,
  config: StageConfig,
): CfnAlarm.EvaluationWindowProperty | undefined {
  const timezone = TIMEZONE[kind](config);
  return timezone === undefined ? undefined : { wallClockWindow: { timezone } };
}
