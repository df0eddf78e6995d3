import { expect, test } from "vitest";
import type { Mail } from "../../../../local/server/wire.ts";
import { faultToMailText } from "../../../../local/web/inbox/mail-facts.ts";

const NOW = Date.UTC(2026, 10, 23, 9);
const mail = (over: Partial<Mail>): Mail => ({
  id: "m-1",
  timeMs: NOW,
  from: "a@example.com",
  to: "b@example.com",
  subject: "ALARM",
  body: "",
  topicArn: "arn",
  ...over,
});

test.each<[Partial<Mail>, string | undefined]>([
  [{}, undefined],
  [{ firstFailedMs: NOW - 250_000 }, "4 min 10 s after the first failed request"],
  [
    { firstFailedMs: NOW - 90_000, firstFailedBy: "probe" },
    "1 min 30 s after the probe's first failed request",
  ],
])("a mail with %j was sent %s", (over, text) => {
  expect(faultToMailText(mail(over))).toBe(text);
});
