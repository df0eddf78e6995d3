import { type ComponentChild, h } from "preact";
import { useState } from "preact/hooks";
import type { Mail, SubscriptionRequest } from "../../server/wire.ts";
import { postApi } from "../state/live.ts";

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
export function SubscriptionLinks({ mail }: { readonly mail: Mail }): ComponentChild {
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
