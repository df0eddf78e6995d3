import { type ComponentChild, h } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { Mail } from "../../server/wire.ts";
import { mailKinds, searchMails } from "../mails/mail-kind.ts";
import { MailList } from "../mails/mail-list.ts";
import { OpenMail } from "../mails/open-mail.ts";
import type { ReadMails } from "../mails/read-mails.ts";
import type { Route } from "../state/route.ts";

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
    "No mail yet: an alarm that changes its state sends one. To see it happen, run ",
    h("code", null, "npm run cli -- fault throttle"),
    " and ask something.",
  ]);
}
