/** A name without what every alarm and dashboard of the stage begins with: `wrist-agent-production-failing-now` is `failing-now`. */
export function shortName(name: string, stage: string): string {
  const mark = `-${stage}-`;
  const at = stage === "" ? -1 : name.indexOf(mark);
  const short = at < 0 ? "" : name.slice(at + mark.length);
  return short === "" ? name : short;
}
