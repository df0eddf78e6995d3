import { type ComponentChild, h } from "preact";
import type { Mail } from "../../server/wire.ts";
import { alarmSeverity, type Severity } from "../format/alarm-urgency.ts";
import { lengthText, secondTime } from "../format/time.ts";
import type { AlarmState } from "../state/live.ts";

/**
 * What a mail is for its reader: `firstOk` says only that a new alarm has data now, and `confirmation` asks
 * once.
 */
export type MailKind = "confirmation" | "firstOk" | "alarm" | "other";

/** A subject without the state that it begins with, and that state. */
interface MailSubject {
  readonly text: string;
  readonly state?: AlarmState;
}

const SUBJECT_STATE = /^(ALARM|OK|INSUFFICIENT_DATA): /;

/** Takes an alarm mail's subject apart: `ALARM: "failing-now" in US West (Oregon)`. */
export function parseMailSubject(subject: string): MailSubject {
  const found = SUBJECT_STATE.exec(subject);
  if (found === null) return { text: subject };
  return { text: subject.slice(found[0].length), state: found[1] as AlarmState };
}

const CONFIRMATION = "AWS Notification - Subscription Confirmation";

/**
 * The kind of every mail, newest first as they come.
 *
 * An alarm that goes from INSUFFICIENT_DATA to OK was never raised, unless a mail says that it was and none
 * that it is over.
 */
export function mailKinds(mails: readonly Mail[]): ReadonlyMap<string, MailKind> {
  const raised = new Set<string>();
  const kinds = new Map<string, MailKind>();
  for (const mail of mails.toReversed()) {
    kinds.set(mail.id, kindOf(mail, raised));
    const { alarmName } = mail;
    const { state } = parseMailSubject(mail.subject);
    if (alarmName === undefined) continue;
    if (state === "ALARM") raised.add(alarmName);
    else if (state === "OK") raised.delete(alarmName);
  }
  return kinds;
}

const FIRST_OK = /^- State Change: +INSUFFICIENT_DATA -> OK$/m;

function kindOf({ subject, alarmName, body }: Mail, raised: ReadonlySet<string>): MailKind {
  if (subject === CONFIRMATION) return "confirmation";
  if (alarmName === undefined) return "other";
  return FIRST_OK.test(body) && !raised.has(alarmName) ? "firstOk" : "alarm";
}

/** Whether a mail asks for nobody's attention: it is listed in a group, and never counts as unread. */
export function isQuietMail(kind: MailKind | undefined): boolean {
  return kind === "confirmation" || kind === "firstOk";
}

/** How urgent the mails of a topic are, by its name. */
export function mailSeverity({ topicArn }: Pick<Mail, "topicArn">): Severity {
  return alarmSeverity({ topics: [topicArn.split(":").at(-1) ?? ""] });
}

/** The mails that hold every word of a search, in subject, body or recipient. */
export function searchMails(mails: readonly Mail[], search: string): readonly Mail[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return mails.filter(({ subject, body, to, from }) => {
    const text = `${subject}\n${from}\n${to}\n${body}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** How long after the first failed request a mail was sent, in words; `undefined` where no request failed. */
export function faultToMailText({ firstFailedMs, firstFailedBy, timeMs }: Mail): string | undefined {
  if (firstFailedMs === undefined) return undefined;
  const whose = firstFailedBy === "probe" ? "probe's first failed request" : "first failed request";
  return `${lengthText(timeMs - firstFailedMs)} after the ${whose}`;
}

/** How long after the first failed request a mail was sent; nothing where no request failed. */
export function FaultToMail({
  mail,
  nowMs,
}: {
  readonly mail: Mail;
  readonly nowMs: number;
}): ComponentChild {
  const { firstFailedMs } = mail;
  if (firstFailedMs === undefined) return null;
  return h("span", { class: "fault-to-mail" }, [
    faultToMailText(mail),
    h("span", { class: "hint" }, ` at ${secondTime(firstFailedMs, nowMs)}`),
  ]);
}
