/** An alarm's name without what every alarm of the stage begins with: `wrist-agent-production-failing-now` is `failing-now`. */
export function shortAlarmName(alarmName: string, stage: string): string {
  const mark = `-${stage}-`;
  const at = stage === "" ? -1 : alarmName.indexOf(mark);
  const short = at < 0 ? "" : alarmName.slice(at + mark.length);
  return short === "" ? alarmName : short;
}
