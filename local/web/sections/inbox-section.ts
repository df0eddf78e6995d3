import { h, type ComponentChild } from "preact";
import type { Mail } from "../../server/wire.ts";
import { hashOf } from "../route.ts";
import { LinkedText } from "../words/text-views.ts";
import { When } from "../words/when.ts";

interface Props {
  readonly mails: readonly Mail[];
  readonly selected: string | undefined;
  readonly nowMs: number;
}

/** The mails that SNS would have sent, and the chosen one as plain text. */
export function InboxSection({ mails, selected, nowMs }: Props): ComponentChild {
  if (mails.length === 0)
    return h("p", { class: "empty" }, [
      "No mail yet: an alarm that changes its state sends one. To see it happen, run ",
      h("code", null, "npm run cli -- fault throttle"),
      " and ask something.",
    ]);
  const mail = mails.find((one) => one.id === selected);
  const entry = (one: Mail): ComponentChild =>
    h("li", { key: one.id }, [
      h(
        "a",
        {
          href: hashOf({ section: "inbox", item: one.id }),
          "aria-current": one.id === selected ? "true" : undefined,
        },
        [
          h("strong", null, one.subject),
          h("span", { class: "hint" }, h(When, { timeMs: one.timeMs, nowMs })),
        ],
      ),
    ]);
  return h("div", { class: "inbox" }, [
    h("ul", { class: "mails", "aria-label": "Mails" }, mails.map(entry)),
    mail === undefined
      ? h("p", { class: "empty" }, "Choose a mail to read it.")
      : h(OpenMail, { mail, nowMs }),
  ]);
}

function OpenMail({ mail, nowMs }: { readonly mail: Mail; readonly nowMs: number }): ComponentChild {
  const fields = [
    ["From", mail.from],
    ["To", mail.to],
    ["Topic", mail.topicArn],
  ] as const;
  return h("article", { class: "card mail" }, [
    h("h3", null, mail.subject),
    h("p", { class: "hint" }, h(When, { timeMs: mail.timeMs, nowMs })),
    h(
      "dl",
      null,
      fields.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]),
    ),
    h("pre", { class: "mail-body" }, h(LinkedText, { text: mail.body })),
  ]);
}
