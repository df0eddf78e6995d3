import { h, type ComponentChild } from "preact";
import { AlarmLink } from "../alarms/alarm-link.ts";
import { StateBadge } from "../alarms/badges.ts";
import type { AlarmWidget } from "../views.ts";

interface Props {
  readonly widget: AlarmWidget;
  /** Left out of the names. */
  readonly stage: string;
}

/** A tile for each alarm, which leads to it. */
export function AlarmChips({ widget, stage }: Props): ComponentChild {
  return h("ul", { class: "alarm-chips" }, [
    widget.alarms.map(({ alarmName, state }) =>
      h("li", { key: alarmName, class: `state-${state}` }, [
        h(AlarmLink, { alarmName, stage }),
        h(StateBadge, { state }),
      ]),
    ),
  ]);
}
