import { type ComponentChild, h } from "preact";
import type { Mail } from "../../server/wire.ts";
import { AlarmLink } from "../alarms/alarm-badges.ts";
import { localHref, requestsHref } from "../format/local-links.ts";
import { LinkedText } from "../format/text-views.ts";
import { Timestamp } from "../format/time.ts";
import { type Route, routeHash } from "../state/route.ts";
import { FaultToMail } from "./fault-to-mail.ts";
import { SubscriptionLinks } from "./subscription-links.ts";

interface OpenMailProps {
  readonly mail: Mail;
  readonly route: Route;
  readonly nowMs: number;
  readonly stage: string;
}

/** A mail as plain text; what its links lead to on this machine is what they open. */
export function OpenMail({ mail, route, nowMs, stage }: OpenMailProps): ComponentChild {
  const { alarmName, body, timeMs } = mail;
  const fields: readonly (readonly [string, ComponentChild])[] = [
    ["From", mail.from],
    ["To", mail.to],
    ["Topic", mail.topicArn],
    ...(alarmName === undefined ? [] : [["Alarm", h(AlarmLink, { alarmName, stage })] as const]),
  ];
  const { item: _item, ...list } = route;
  return h("article", { class: "card mail" }, [
    h("p", { class: "back" }, h("a", { href: routeHash(list) }, "All mails")),
    h("h3", null, mail.subject),
    h("p", { class: "hint" }, h(Timestamp, { timeMs, nowMs })),
    h(FaultToMail, { mail, nowMs }),
    h(MailLinks, { mail }),
    h(
      "dl",
      null,
      fields.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
    ),
    h(
      "pre",
      { class: "mail-body", tabIndex: 0 },
      h(LinkedText, { text: body, localHref: (address) => mailHref(address, timeMs) }),
    ),
    h(SubscriptionLinks, { key: mail.id, mail }),
  ]);
}

/** A runbook of the project in a mail's text. */
const RUNBOOK = /^(?:- Description: +)?Runbook: (\S+)$/m;

/** SNS of AWS knows nothing of this machine's subscriptions: the button below the mail does what its link would. */
function mailHref(address: string, timeMs: number): string | null | undefined {
  return /^https:\/\/sns\.[\w.-]+\/unsubscribe\.html/.test(address) ? null : localHref(address, timeMs);
}

/** Where the reader of an alarm's mail goes next, within a thumb's reach. */
function MailLinks({ mail: { body, alarmName, timeMs } }: { readonly mail: Mail }): ComponentChild {
  if (alarmName === undefined) return null;
  const runbook = localHref(RUNBOOK.exec(body)?.[1] ?? "", timeMs);
  return h("p", { class: "alarm-links" }, [
    runbook === undefined ? null : h("a", { class: "button", href: runbook }, "Runbook"),
    h("a", { class: "button", href: routeHash({ section: "alarms", item: alarmName }) }, "Alarm"),
    h("a", { class: "button", href: requestsHref(timeMs) }, "Requests of that time"),
  ]);
}
