import type { AlarmSource, MuteRuleSource } from "../assembly/emulated.ts";
import { AlarmError } from "@wrist-agent/cloudwatch/alarm";
import { QueryError } from "@wrist-agent/cloudwatch/metric";
import type { CloudWatchRegion } from "./cloudwatch-region.ts";

/** The templates' alarms, and those that the templates of the last start had. */
export interface StackAlarms {
  readonly regions: readonly CloudWatchRegion[];
  readonly sources: readonly AlarmSource[];
  /** By Region; `undefined` when no start before wrote it down, and then every alarm was the templates'. */
  readonly before: (region: string) => readonly string[] | undefined;
}

/**
 * Puts the templates' alarms as a deployment would: they win over what was made under their names, those that
 * have left the templates are deleted, and those made through the API stay. Gives a text for each that is
 * refused.
 */
export function putStackAlarms(stack: StackAlarms, nowMs: number): readonly string[] {
  return stack.regions.flatMap((region) => {
    const sources = stack.sources.filter((source) => source.region === region.home.region);
    const refused = putAll(region, sources, nowMs);
    return [...refused, ...deleteGone(region, { sources, before: stack.before }, nowMs)];
  });
}

/** A composite waits for the alarms that it names, whatever the order of the templates. */
function putAll(region: CloudWatchRegion, sources: readonly AlarmSource[], nowMs: number): readonly string[] {
  let open = sources;
  for (;;) {
    const refused = open.flatMap((source) => {
      const refusal = refusalOf(() => region.alarms.put(source.definition, nowMs));
      return refusal === undefined ? [] : [{ source, refusal }];
    });
    if (refused.length === open.length)
      return refused.map(
        ({ source, refusal }) => `alarm ${source.definition.alarmName} does nothing here: ${refusal}`,
      );
    open = refused.map(({ source }) => source);
  }
}

/**
 * Puts the templates' mute rules; one that has left the templates was never written down. Gives a text for
 * each that is refused.
 */
export function putStackMuteRules(
  regions: readonly CloudWatchRegion[],
  sources: readonly MuteRuleSource[],
  nowMs: number,
): readonly string[] {
  return sources.flatMap(({ rule, region }) => {
    const alarms = regions.find(({ home }) => home.region === region)?.alarms;
    const refusal = refusalOf(() => alarms?.putMuteRule({ ...rule, updatedMs: nowMs }));
    return refusal === undefined ? [] : [`mute rule ${rule.name} does nothing here: ${refusal}`];
  });
}

function deleteGone(
  { alarms, home }: CloudWatchRegion,
  { sources, before }: Pick<StackAlarms, "sources" | "before">,
  nowMs: number,
): readonly string[] {
  const here = alarms.describe().map(({ definition }) => definition.alarmName);
  const wanted = new Set(sources.map(({ definition }) => definition.alarmName));
  const gone = (before(home.region) ?? here).filter((name) => here.includes(name) && !wanted.has(name));
  // Last put first: composites go before the alarms that they name.
  return gone.toReversed().flatMap((name) => {
    const refusal = refusalOf(() => alarms.delete([name], nowMs));
    return refusal === undefined ? [] : [`alarm ${name} has left the templates and stays here: ${refusal}`];
  });
}

function refusalOf(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof AlarmError || error instanceof QueryError) return error.message;
    throw error;
  }
}
