import { type ComponentChild, h } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { Mail } from "../../server/wire.ts";
import { SeverityBadge, StateBadge } from "../format/alarm-urgency.ts";
import { nameWithoutStage } from "../format/text.ts";
import { Timestamp } from "../format/time.ts";
import { type Route, replaceRoute, routeHash } from "../state/route.ts";
import {
  mailKinds,
  searchMails,
  faultToMailText,
  type MailKind,
  mailSeverity,
  parseMailSubject,
} from "./mail-facts.ts";
import { OpenMail } from "./open-mail.ts";
import type { ReadMails } from "./read-mails.ts";

interface InboxSectionProps {
  readonly mails: readonly Mail[];
  readonly readMails: ReadMails;
  readonly route: Route;
  readonly nowMs: number;
  readonly stage: string;
}

/** The mails that SNS would have sent, and the chosen one as plain text; opening a mail marks it as read. */
export function InboxSection({ mails, readMails, route, nowMs, stage }: InboxSectionProps): ComponentChild {
  const mail = mails.find((one) => one.id === route.item);
  const { unread, markRead } = readMails;
  const isNew = mail !== undefined && unread.has(mail.id);
  useEffect(() => {
    if (isNew) markRead([mail.id]);
  }, [isNew, mail?.id]);
  const kinds = useMemo(() => mailKinds(mails), [mails]);
  const search = route.filter?.q ?? "";
  const found = useMemo(() => searchMails(mails, search), [mails, search]);
  if (mails.length === 0) return h(NoMail, null);
  const hasAlarmMail = [...kinds.values()].includes("alarm");
  return h("div", { class: `inbox${mail === undefined ? "" : " has-open"}` }, [
    h(MailList, { mails: found, kinds, readMails, route, nowMs, stage }),
    mail === undefined
      ? hasAlarmMail
        ? h("p", { class: "empty" }, "Choose a mail to read it.")
        : h(NoMail, null)
      : h(OpenMail, { mail, route, nowMs, stage }),
  ]);
}

function NoMail(): ComponentChild {
  return h("p", { class: "empty" }, [
    "No alarm has sent a mail yet. To see one, start the fault throttle and ask a few times: under Faults and Requests here, or by ",
    h("code", null, "npm run cli -- fault throttle"),
    ".",
  ]);
}

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
function MailList({ mails, kinds, readMails, route, nowMs, stage }: MailListProps): ComponentChild {
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
      ? emptyList(mails, route)
      : h("ul", { class: "mails", "aria-label": "Mails" }, shown.map(entry)),
    group("First OK: alarms that have data now and were never raised", firstOks),
    group("Subscription confirmations", confirmations),
  ]);
}

/** Beside no opened mail, the place for one says that no alarm has sent any. */
function emptyList(mails: readonly Mail[], { item }: Route): ComponentChild {
  if (mails.length === 0) return h("p", { class: "hint" }, "No mail matches the search.");
  return item === undefined ? null : h("p", { class: "hint" }, "No alarm has sent a mail yet.");
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
