import { h, type ComponentChild } from "preact";
import { hashOf } from "../route.ts";
import { shortName } from "../words/short-name.ts";

interface Props {
  readonly alarmName: string;
  /** Left out of the name. */
  readonly stage: string;
}

/** An alarm's short name, which leads to the alarm and tells its whole name. */
export function AlarmLink({ alarmName, stage }: Props): ComponentChild {
  const href = hashOf({ section: "alarms", item: alarmName });
  const short = shortName(alarmName, stage);
  return h("a", { href, title: alarmName, ...(short !== alarmName && { "aria-label": alarmName }) }, short);
}
