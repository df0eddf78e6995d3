import type { AlarmState } from "../alarm-definition.ts";
import type { AlarmWidgetView, WidgetPlace } from "../dashboard-view.ts";
import type { DashboardAlarm, Drawing } from "./drawing.ts";
import { undrawnMembers } from "./known-members.ts";
import { choiceAt, listAt, optional, textAt, type Members } from "./members.ts";

const SORTS = ["default", "stateUpdatedTimestamp", "timestamp"] as const;
/** Alarms first, as the console lists them. */
const URGENCY: Readonly<Record<AlarmState, number>> = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 };

type Order = (a: DashboardAlarm, b: DashboardAlarm) => number;

const byName: Order = (a, b) => (a.definition.alarmName < b.definition.alarmName ? -1 : 1);
const byRecency: Order = (a, b) => b.stateUpdatedMs - a.stateUpdatedMs;
const byState: Order = (a, b) => URGENCY[a.state] - URGENCY[b.state];

const ORDERS: Readonly<Record<(typeof SORTS)[number], Order>> = {
  default: byName,
  stateUpdatedTimestamp: (a, b) => byState(a, b) || byRecency(a, b),
  timestamp: byRecency,
};

/** Draws an alarm status widget; alarms that are not known are named. */
export function drawAlarmWidget(properties: Members, place: WidgetPlace, drawing: Drawing): AlarmWidgetView {
  undrawnMembers("alarm", properties).forEach(drawing.notice);
  const states = listAt(properties, "states");
  const alarms = listAt(properties, "alarms")
    .flatMap((arn) => knownAlarm(String(arn), drawing))
    .filter(({ state }) => states.length === 0 || states.includes(state))
    .sort(ORDERS[choiceAt(properties, "sortBy", SORTS)])
    .map(({ definition, state }) => ({ alarmName: definition.alarmName, state }));
  return { type: "alarm", place, ...optional("title", textAt(properties, "title")), alarms };
}

function knownAlarm(arn: string, { ports, notice }: Drawing): readonly DashboardAlarm[] {
  const alarm = ports.alarm(arn);
  if (alarm === undefined) notice(`alarm ${arn} is not known here`);
  return alarm === undefined ? [] : [alarm];
}
