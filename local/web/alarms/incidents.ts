import type { AlarmRow } from "../../server/wire.ts";
import { byUrgency } from "./alarm-order.ts";

/** An alarm in ALARM that no other one explains, and the raised alarms that it is raised by. */
export interface Incident {
  readonly alarm: AlarmRow;
  readonly causes: readonly AlarmRow[];
}

/** What is in ALARM, a composite standing for the alarms that raised it; the most urgent first. */
export function incidents(alarms: readonly AlarmRow[]): readonly Incident[] {
  const raised = alarms.filter(({ state }) => state === "ALARM").sort(byUrgency);
  const causesOf = ({ causes = [], alarmName }: AlarmRow): readonly AlarmRow[] =>
    raised.filter((one) => one.alarmName !== alarmName && causes.includes(one.alarmName));
  const explained = new Set(raised.flatMap(causesOf));
  const first = raised.filter((alarm) => !explained.has(alarm));
  // Composites that name each other explain nothing: each then stands for itself.
  const shown = first.length > 0 ? first : raised;
  return shown
    .map((alarm) => ({ alarm, causes: causesOf(alarm) }))
    .sort((a, b) => byUrgency(mostUrgent(a), mostUrgent(b)));
}

/** A page behind a ticket is a page: an incident is as urgent as the worst that it stands for. */
function mostUrgent({ alarm, causes }: Incident): AlarmRow {
  return [alarm, ...causes].reduce((worst, one) => (byUrgency(one, worst) < 0 ? one : worst));
}
