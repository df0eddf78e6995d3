import { type ComponentChild, h } from "preact";
import type { Mail } from "../../server/wire.ts";
import { secondTime } from "../format/time.ts";
import { FaultToMail } from "../mails/fault-to-mail.ts";
import { routeHash } from "../state/route.ts";

/** Mails that are listed; the inbox has the others. */
const MAX_MAILS = 6;

/** The mails that an alarm caused, newest first, each with the time from the fault to it. */
export function AlarmMails({ mails, nowMs }: { mails: readonly Mail[]; nowMs: number }): ComponentChild {
  if (mails.length === 0) return h("p", { class: "hint" }, "It has caused no mail.");
  const more = mails.length - MAX_MAILS;
  return h("div", null, [
    h(
      "ul",
      { class: "alarm-mails" },
      mails
        .slice(0, MAX_MAILS)
        .map((mail) =>
          h("li", { key: mail.id }, [
            h("a", { href: routeHash({ section: "inbox", item: mail.id }) }, mail.subject),
            h("span", { class: "hint" }, ` ${secondTime(mail.timeMs, nowMs)} to ${mail.to}`),
            h(FaultToMail, { mail, nowMs }),
          ]),
        ),
    ),
    more > 0 ? h("p", { class: "hint" }, `and ${more} more in the inbox`) : null,
  ]);
}
