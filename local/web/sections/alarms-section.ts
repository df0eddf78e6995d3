import { h, type ComponentChild } from "preact";
import type { AlarmRow } from "../../server/wire.ts";
import { LinkedText } from "../words/text-views.ts";
import { When } from "../words/when.ts";

interface Props {
  readonly alarms: readonly AlarmRow[];
  readonly selected: string | undefined;
  readonly nowMs: number;
}

const ORDER: Readonly<Record<AlarmRow["state"], number>> = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 };

/** Every alarm, the worst first, each with its condition, reason, description and history. */
export function AlarmsSection({ alarms, selected, nowMs }: Props): ComponentChild {
  if (alarms.length === 0)
    return h("p", { class: "empty" }, "No alarms: the synthesised monitoring stack defines none.");
  const sorted = [...alarms].sort(
    (a, b) => ORDER[a.state] - ORDER[b.state] || a.alarmName.localeCompare(b.alarmName),
  );
  return h("div", { class: "cards" }, [
    sorted.map((alarm) =>
      h(AlarmCard, { key: alarm.alarmName, alarm, isSelected: alarm.alarmName === selected, nowMs }),
    ),
  ]);
}

interface CardProps {
  readonly alarm: AlarmRow;
  readonly isSelected: boolean;
  readonly nowMs: number;
}

function AlarmCard({ alarm, isSelected, nowMs }: CardProps): ComponentChild {
  return h("article", { class: `card state-${alarm.state}${isSelected ? " selected" : ""}` }, [
    h("h3", null, [h("span", { class: "badge" }, alarm.state.replace("_", " ")), " ", alarm.alarmName]),
    h("p", { class: "hint" }, [
      `In this state since `,
      h(When, { timeMs: alarm.sinceMs, nowMs }),
      ` · ${alarm.stackName}`,
    ]),
    h("p", null, h("code", null, alarm.condition)),
    h("p", { class: "reason" }, alarm.stateReason),
    alarm.description === "" ? null : h("p", { class: "prose" }, h(LinkedText, { text: alarm.description })),
    alarm.history.length === 0
      ? null
      : h("details", isSelected ? { open: true } : {}, [
          h("summary", null, `History (${alarm.history.length})`),
          h("ol", { class: "history" }, [
            alarm.history.map((item) =>
              h("li", { key: `${item.timeMs} ${item.summary}` }, [
                h(When, { timeMs: item.timeMs, nowMs }),
                ` ${item.summary}`,
              ]),
            ),
          ]),
        ]),
  ]);
}
