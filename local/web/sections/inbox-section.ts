import { h, type ComponentChild } from "preact";
import { useEffect } from "preact/hooks";
import type { Mail } from "../../server/wire.ts";
import { AlarmLink } from "../alarms/alarm-link.ts";
import { StateBadge } from "../alarms/badges.ts";
import { readSubject } from "../mail/mail-subject.ts";
import type { ReadMails } from "../mail/use-read-mails.ts";
import { hashOf } from "../route.ts";
import { LinkedText } from "../words/text-views.ts";
import { When } from "../words/when.ts";

interface Props {
  readonly mails: readonly Mail[];
  readonly readMails: ReadMails;
  readonly selected: string | undefined;
  readonly nowMs: number;
  readonly stage: string;
}

/** The mails that SNS would have sent, and the chosen one as plain text; opening a mail marks it as read. */
export function InboxSection({ mails, readMails, selected, nowMs, stage }: Props): ComponentChild {
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
          h(Entry, { key: one.id, mail: one, isOpen: one === mail, isUnread: unread.has(one.id), nowMs }),
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

interface EntryProps {
  readonly mail: Mail;
  readonly isOpen: boolean;
  readonly isUnread: boolean;
  readonly nowMs: number;
}

function Entry({ mail, isOpen, isUnread, nowMs }: EntryProps): ComponentChild {
  const { text, state } = readSubject(mail.subject);
  const href = hashOf({ section: "inbox", item: mail.id });
  return h("li", { class: isUnread ? "unread" : "" }, [
    h("a", { href, "aria-current": isOpen ? "true" : undefined }, [
      h("span", { class: "mail-subject" }, [
        isUnread ? h("span", { class: "hidden" }, "Unread: ") : null,
        state === undefined ? null : [h(StateBadge, { state }), " "],
        text,
      ]),
      h("span", { class: "hint" }, h(When, { timeMs: mail.timeMs, nowMs })),
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
    h("p", { class: "back" }, h("a", { href: hashOf({ section: "inbox" }) }, "All mails")),
    h("h3", null, mail.subject),
    h("p", { class: "hint" }, h(When, { timeMs: mail.timeMs, nowMs })),
    h(
      "dl",
      null,
      fields.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
    ),
    h("pre", { class: "mail-body", tabIndex: 0 }, h(LinkedText, { text: mail.body })),
  ]);
}
