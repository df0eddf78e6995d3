import { expect, test } from "vitest";
import type { Mail } from "../../../../local/server/wire.ts";
import { parseMailSubject } from "../../../../local/web/inbox/mail-facts.ts";
import {
  parseReadIds,
  unreadMails,
  addReadIds,
  serializeReadIds,
} from "../../../../local/web/inbox/read-mails.ts";

const mail = (id: string): Mail => ({ id, timeMs: 0, from: "", to: "", subject: "", body: "", topicArn: "" });

test("mails that came since are unread until they are marked", () => {
  const read = addReadIds(new Set(), ["a"], [mail("a")]);
  const later = [mail("b"), mail("a")];
  expect(unreadMails(later, read)).toEqual([mail("b")]);
  expect(unreadMails(later, addReadIds(read, ["b"], later))).toEqual([]);
});

test("mails that are gone are forgotten", () => {
  expect([...addReadIds(new Set(["gone", "a"]), ["b", "never"], [mail("a"), mail("b")])]).toEqual(["a", "b"]);
});

test("what is read survives being kept", () => {
  expect(parseReadIds(serializeReadIds(new Set(["a", "b"])))).toEqual(new Set(["a", "b"]));
});

test.each([[null], [""], ["{"], ['"a"'], ["{}"], ["[1]"]])("kept as %j nothing is read", (text) => {
  expect(parseReadIds(text).size).toBe(0);
});

test.each([
  ['ALARM: "a" in EU (Ireland)', { state: "ALARM", text: '"a" in EU (Ireland)' }],
  ["OK: b", { state: "OK", text: "b" }],
  ["AWS Notification", { text: "AWS Notification" }],
  ["ALARM", { text: "ALARM" }],
])("the subject %j reads as %j", (subject, read) => {
  expect(parseMailSubject(subject)).toEqual(read);
});
