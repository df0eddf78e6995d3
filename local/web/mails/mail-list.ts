import { type ComponentChild, h } from "preact";
import type { Mail } from "../../server/wire.ts";
import { SeverityBadge, StateBadge } from "../alarms/alarm-badges.ts";
import { nameWithoutStage } from "../format/text.ts";
import { Timestamp } from "../format/time.ts";
import { replaceRoute, type Route, routeHash } from "../state/route.ts";
import { faultToMailText } from "./fault-to-mail.ts";
import type { ReadMails } from "./read-mails.ts";
import { type MailKind, mailSeverity, parseMailSubject } from "./mail-kind.ts";

interface MailListProps {
  /** Newest first, as the search leaves them. */
  readonly mails: readonly Mail[];
  readonly kinds: ReadonlyMap<string, MailKind>;
  readonly readMails: ReadMails;
  readonly route: Route;
  readonly nowMs: number;
  readonly stage: string;
}

/** The mails of alarms one by one; confirmations and first OKs in groups. */
export function MailList({ mails, kinds, readMails, route, nowMs, stage }: MailListProps): ComponentChild {
  const { unread, markRead } = readMails;
  const ofKind = (...wanted: readonly MailKind[]): readonly Mail[] =>
    mails.filter(({ id }) => wanted.includes(kinds.get(id) ?? "other"));
  const entry = (mail: Mail): ComponentChild =>
    h(MailEntry, { key: mail.id, mail, isUnread: unread.has(mail.id), route, nowMs, stage });
  const group = (label: string, grouped: readonly Mail[]): ComponentChild =>
    grouped.length === 0 ? null : h(MailGroup, { label, mails: grouped, route, entry });
  const [shown, firstOks, confirmations] = [
    ofKind("alarm", "other"),
    ofKind("firstOk"),
    ofKind("confirmation"),
  ];
  return h("div", { class: "mail-list" }, [
    h("div", { class: "mail-tools" }, [
      h(MailSearch, { route }),
      h(
        "button",
        { type: "button", disabled: unread.size === 0, onClick: () => markRead([...unread]) },
        unread.size === 0 ? "All read" : "Mark all as read",
      ),
    ]),
    shown.length === 0
      ? h(
          "p",
          { class: "hint" },
          mails.length === 0 ? "No mail matches the search." : "No alarm has sent a mail.",
        )
      : h("ul", { class: "mails", "aria-label": "Mails" }, shown.map(entry)),
    group("First OK: alarms that have data now and were never raised", firstOks),
    group("Subscription confirmations", confirmations),
  ]);
}

function MailSearch({ route }: { readonly route: Route }): ComponentChild {
  const search = (event: Event): void => {
    const { q: _before, ...others } = route.filter ?? {};
    const q = (event.target as HTMLInputElement).value;
    replaceRoute({ ...route, filter: { ...others, ...(q !== "" && { q }) } });
  };
  return h("label", { role: "search" }, [
    h("span", { class: "hidden" }, "Search mails"),
    h("input", { type: "search", value: route.filter?.q ?? "", placeholder: "Search", onInput: search }),
  ]);
}

interface MailGroupProps {
  readonly label: string;
  readonly mails: readonly Mail[];
  readonly route: Route;
  readonly entry: (mail: Mail) => ComponentChild;
}

/** Closed until somebody opens it, searches, or follows a link to a mail in it. */
function MailGroup({ label, mails, route, entry }: MailGroupProps): ComponentChild {
  const isOpen = route.filter?.q !== undefined || mails.some(({ id }) => id === route.item);
  return h("details", { class: "mail-group", open: isOpen }, [
    h("summary", null, [label, h("span", { class: "count" }, mails.length)]),
    h("ul", { class: "mails", "aria-label": label }, mails.map(entry)),
  ]);
}

interface MailEntryProps {
  readonly mail: Mail;
  readonly isUnread: boolean;
  readonly route: Route;
  readonly nowMs: number;
  readonly stage: string;
}

function MailEntry({ mail, isUnread, route, nowMs, stage }: MailEntryProps): ComponentChild {
  const { alarmName, timeMs, topicArn, id } = mail;
  const faultText = faultToMailText(mail);
  const { text, state } = parseMailSubject(mail.subject);
  const severity = mailSeverity(mail);
  const topic = topicArn.split(":").at(-1) ?? "";
  return h("li", { class: isUnread ? "unread" : "" }, [
    h(
      "a",
      {
        href: routeHash({ ...route, item: id }),
        title: mail.subject,
        "aria-current": id === route.item ? "true" : undefined,
      },
      [
        h("span", { class: "mail-subject" }, [
          isUnread ? h("span", { class: "hidden" }, "Unread: ") : null,
          state === undefined ? null : h(StateBadge, { state }),
          h(
            "span",
            null,
            alarmName !== undefined
              ? nameWithoutStage(alarmName, stage)
              : `${text}${text.endsWith("Confirmation") ? ` of ${nameWithoutStage(topic, stage)}` : ""}`,
          ),
          severity === "mail" ? null : h(SeverityBadge, { severity }),
        ]),
        h("span", { class: "hint" }, [
          h(Timestamp, { timeMs, nowMs }),
          faultText === undefined ? "" : ` · ${faultText}`,
        ]),
      ],
    ),
  ]);
}
