import { h, type ComponentChild } from "preact";
import { ago, bothTimes, clockTime } from "./time.ts";

/** A moment: the clock in the viewer's zone and how long ago; the full date, and UTC, on hover. */
export function When({ timeMs, nowMs }: { readonly timeMs: number; readonly nowMs: number }): ComponentChild {
  return h(
    "time",
    { dateTime: new Date(timeMs).toISOString(), title: bothTimes(timeMs) },
    `${clockTime(timeMs, nowMs)} (${ago(timeMs, nowMs)})`,
  );
}
