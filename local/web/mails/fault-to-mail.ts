import { type ComponentChild, h } from "preact";
import type { Mail } from "../../server/wire.ts";
import { lengthText, secondTime } from "../format/time.ts";

/** How long after the first failed request a mail was sent, in words; `undefined` where no request failed. */
export function faultToMailText({ firstFailedMs, firstFailedBy, timeMs }: Mail): string | undefined {
  if (firstFailedMs === undefined) return undefined;
  const whose = firstFailedBy === "probe" ? "probe's first failed request" : "first failed request";
  return `${lengthText(timeMs - firstFailedMs)} after the ${whose}`;
}

/** How long after the first failed request a mail was sent; nothing where no request failed. */
export function FaultToMail({
  mail,
  nowMs,
}: {
  readonly mail: Mail;
  readonly nowMs: number;
}): ComponentChild {
  const { firstFailedMs } = mail;
  if (firstFailedMs === undefined) return null;
  return h("span", { class: "fault-to-mail" }, [
    faultToMailText(mail),
    h("span", { class: "hint" }, ` at ${secondTime(firstFailedMs, nowMs)}`),
  ]);
}
