import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { Mail, SubscriptionRequest } from "../../server/wire.ts";
import { AlarmLink } from "../format/alarm-urgency.ts";
import { localHref, requestsHref } from "../format/local-links.ts";
import { LinkedText } from "../format/text.ts";
import { Timestamp } from "../format/time.ts";
import { postApi } from "../state/live.ts";
import { type Route, routeHash } from "../state/route.ts";
import { FaultToMail } from "./mail-facts.ts";

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

/**
 * SNS of AWS knows nothing of this machine's subscriptions: the button below the mail does what its link
 * would.
 */
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

const CONFIRM_CALL = /^aws sns confirm-subscription --topic-arn (\S+) --token (\S+)$/m;
const UNSUBSCRIBE_LINK = /https:\/\/sns\.[\w.-]+\/unsubscribe\.html\?(\S+)/;

/** What the links of a mail of SNS do on AWS: confirm a subscription, or end it. */
export function subscriptionRequest({ body }: Pick<Mail, "body">): SubscriptionRequest | undefined {
  const [, topicArn, token] = CONFIRM_CALL.exec(body) ?? [];
  if (topicArn !== undefined && token !== undefined) return { action: "confirm", topicArn, token };
  const subscriptionArn = new URLSearchParams(UNSUBSCRIBE_LINK.exec(body)?.[1] ?? "").get("SubscriptionArn");
  return subscriptionArn === null ? undefined : { action: "unsubscribe", subscriptionArn };
}

type Step = "offered" | "asking" | "done";

/** The button in place of the link; ending a subscription asks first, as nothing here subscribes again. */
function SubscriptionLinks({ mail }: { readonly mail: Mail }): ComponentChild {
  const [step, setStep] = useState<Step>("offered");
  const [said, setSaid] = useState("");
  const request = subscriptionRequest(mail);
  if (request === undefined) return null;
  const isConfirm = request.action === "confirm";
  const send = (): void => {
    postApi("/api/subscription", request).then(
      () => {
        setStep("done");
        setSaid(isConfirm ? "Confirmed: alarms of this topic reach the mailbox now." : "Unsubscribed.");
      },
      (cause: unknown) => setSaid((cause as Error).message),
    );
  };
  const button = (label: string, onClick: () => void): ComponentChild =>
    h("button", { type: "button", onClick }, label);
  return h("div", { class: "subscription" }, [
    step === "offered"
      ? isConfirm
        ? button("Confirm subscription", send)
        : button("Unsubscribe…", () => setStep("asking"))
      : null,
    step === "asking"
      ? [
          h("p", null, `No mail of ${mail.topicArn.split(":").at(-1) ?? ""} goes to ${mail.to} any more.`),
          button("Unsubscribe", send),
          button("Cancel", () => setStep("offered")),
        ]
      : null,
    h("span", { role: "status" }, said),
  ]);
}
