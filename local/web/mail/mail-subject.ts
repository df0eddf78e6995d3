import type { AlarmState } from "../views.ts";

/** A subject without the state that it begins with, and that state. */
export interface MailSubject {
  readonly text: string;
  readonly state?: AlarmState;
}

const STATE = /^(ALARM|OK|INSUFFICIENT_DATA): /;

/** Takes an alarm mail's subject apart: `ALARM: "failing-now" in US West (Oregon)`. */
export function readSubject(subject: string): MailSubject {
  const found = STATE.exec(subject);
  if (found === null) return { text: subject };
  return { text: subject.slice(found[0].length), state: found[1] as AlarmState };
}
