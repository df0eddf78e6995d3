import { type ComponentChild, h } from "preact";
import { useEffect } from "preact/hooks";
import type { Mail } from "../../server/wire.ts";
import { AlarmLink, StateBadge } from "../alarms/alarm-badges.ts";
import { LinkedText } from "../format/text-views.ts";
import { Timestamp } from "../format/time.ts";
import type { AlarmState } from "../state/live.ts";
import type { ReadMails } from "../state/read-mails.ts";
import { routeHash } from "../state/route.ts";

interface InboxSectionProps {
  readonly mails: readonly Mail[];
  readonly readMails: ReadMails;
  readonly selected: string | undefined;
  readonly nowMs: number;
  readonly stage: string;
}

/** The mails that SNS would have sent, and the chosen one as plain text; opening a mail marks it as read. */
export function InboxSection({
  mails,
  readMails,
  selected,
  nowMs,
  stage,
}: InboxSectionProps): ComponentChild {
  const mail = mails.find((one) => one.id === selected);
  const { unread, markRead } = readMails;
  const isNew = mail !== undefined && unread.has(mail.id);
  useEffect(() => {
    if (isNew) markRead([mail.id]);
  }, [isNew, mail?.id]);
  if (mails.length === 0) return h(NoMail, null);
  return h("div", { class: `inbox${mail === undefined ? "" : " has-open"}` }, [
    h("div", { class: "mail-list" }, [
      h("p", { class: "mail-tools" }, [
        h("span", { class: "hint" }, unread.size === 0 ? "All read" : `${unread.size} unread`),
        h(
          "button",
          { type: "button", disabled: unread.size === 0, onClick: () => markRead([...unread]) },
          "Mark all as read",
        ),
      ]),
      h("ul", { class: "mails", "aria-label": "Mails" }, [
        mails.map((one) =>
          h(MailEntry, { key: one.id, mail: one, isOpen: one === mail, isUnread: unread.has(one.id), nowMs }),
        ),
      ]),
    ]),
    mail === undefined
      ? h("p", { class: "empty" }, "Choose a mail to read it.")
      : h(OpenMail, { mail, nowMs, stage }),
  ]);
}

function NoMail(): ComponentChild {
  return h("p", { class: "empty" }, [
    "No mail yet: an alarm that changes its state sends one. To see it happen, run ",
    h("code", null, "npm run cli -- fault throttle"),
    " and ask something.",
  ]);
}

interface MailEntryProps {
  readonly mail: Mail;
  readonly isOpen: boolean;
  readonly isUnread: boolean;
  readonly nowMs: number;
}

function MailEntry({ mail, isOpen, isUnread, nowMs }: MailEntryProps): ComponentChild {
  const { text, state } = parseMailSubject(mail.subject);
  const href = routeHash({ section: "inbox", item: mail.id });
  return h("li", { class: isUnread ? "unread" : "" }, [
    h("a", { href, "aria-current": isOpen ? "true" : undefined }, [
      h("span", { class: "mail-subject" }, [
        isUnread ? h("span", { class: "hidden" }, "Unread: ") : null,
        state === undefined ? null : [h(StateBadge, { state }), " "],
        text,
      ]),
      h("span", { class: "hint" }, h(Timestamp, { timeMs: mail.timeMs, nowMs })),
    ]),
  ]);
}

interface OpenMailProps {
  readonly mail: Mail;
  readonly nowMs: number;
  readonly stage: string;
}

function OpenMail({ mail, nowMs, stage }: OpenMailProps): ComponentChild {
  const { alarmName } = mail;
  const fields: readonly (readonly [string, ComponentChild])[] = [
    ["From", mail.from],
    ["To", mail.to],
    ["Topic", mail.topicArn],
    ...(alarmName === undefined ? [] : [["Alarm", h(AlarmLink, { alarmName, stage })] as const]),
  ];
  return h("article", { class: "card mail" }, [
    h("p", { class: "back" }, h("a", { href: routeHash({ section: "inbox" }) }, "All mails")),
    h("h3", null, mail.subject),
    h("p", { class: "hint" }, h(Timestamp, { timeMs: mail.timeMs, nowMs })),
    h(
      "dl",
      null,
      fields.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
    ),
    h("pre", { class: "mail-body", tabIndex: 0 }, h(LinkedText, { text: mail.body })),
  ]);
}

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
