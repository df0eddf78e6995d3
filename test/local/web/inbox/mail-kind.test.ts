import { expect, test } from "vitest";
import type { Mail } from "../../../../local/server/wire.ts";
import { mailKinds, mailSeverity, searchMails } from "../../../../local/web/inbox/mail-facts.ts";

function change(id: string, from: string, to: string): Mail {
  return {
    id,
    timeMs: Number(id),
    from: "sns",
    to: "you@example.com",
    subject: `${to}: "failing" in US West (Oregon)`,
    body: `- State Change:               ${from} -> ${to}`,
    topicArn: "arn:aws:sns:us-west-2:123456789012:wrist-agent-dev-page",
    alarmName: "failing",
  };
}

const NO_DATA = "INSUFFICIENT_DATA";

test("an OK after no data is a first one, unless the alarm was raised and never came back", () => {
  const mails = [
    change("5", NO_DATA, "OK"),
    change("4", "ALARM", "OK"),
    change("3", NO_DATA, "OK"),
    change("2", "OK", "ALARM"),
    change("1", NO_DATA, "OK"),
  ];
  expect([...mailKinds(mails)]).toEqual([
    ["1", "firstOk"],
    ["2", "alarm"],
    ["3", "alarm"],
    ["4", "alarm"],
    ["5", "firstOk"],
  ]);
});

test("a confirmation is one, and a mail of no alarm is neither", () => {
  const { alarmName: _none, ...message } = change("1", "OK", "ALARM");
  const confirmation = { ...message, id: "2", subject: "AWS Notification - Subscription Confirmation" };
  expect([...mailKinds([confirmation, message]).values()]).toEqual(["other", "confirmation"]);
});

test("a mail is as urgent as its topic, and found by any of its words", () => {
  const mail = change("1", "OK", "ALARM");
  expect(mailSeverity(mail)).toBe("page");
  expect(mailSeverity({ topicArn: "arn:aws:sns:us-west-2:1:wrist-agent-dev-ticket" })).toBe("ticket");
  expect(mailSeverity({ topicArn: "arn:aws:sns:us-west-2:1:owner" })).toBe("mail");
  expect(searchMails([mail], "OREGON  state you@")).toEqual([mail]);
  expect(searchMails([mail], "oregon elsewhere")).toEqual([]);
});
