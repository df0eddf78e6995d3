import { readPage, runningSystem } from "../../cli/running-system.ts";
import type { AskOperator } from "../../cli/terminal.ts";
import type { AskForMail, DrillPorts } from "./drill-ports.ts";
import type { DrilledMail } from "./drill-record.ts";
import type { AlarmMail } from "./real-drill.ts";

/** Mails of alarms in the inbox of the system on this machine, oldest first. */
export async function inboxMails(dataDirectory: string, sinceMs: number): Promise<readonly AlarmMail[]> {
  const mails = await readPage(await runningSystem(dataDirectory), "/api/mails");
  return mails
    .filter(({ timeMs, alarmName }) => timeMs >= sinceMs && alarmName !== undefined)
    .map(({ timeMs, subject, topicArn, alarmName = "" }) => ({
      alarmName,
      subject,
      atMs: timeMs,
      topic: topicArn.split(":").at(-1) ?? "",
    }))
    .reverse();
}

/** On this machine a mail is in the inbox at once, or never. */
const INBOX_LIMIT_MS = 10_000;
const INBOX_POLL_MS = 1_000;

interface Looking extends Pick<DrillPorts, "now" | "wait" | "signal"> {
  readonly dataDirectory: string;
}

/** Looks in the inbox until the mail is there, or no mail will come any more. */
export async function lookInInbox(
  { dataDirectory, now, wait, signal }: Looking,
  alarmName: string,
  sinceMs: number,
): Promise<DrilledMail> {
  const limitMs = now() + INBOX_LIMIT_MS;
  for (;;) {
    const mails = await inboxMails(dataDirectory, sinceMs);
    const mail = mails.find((each) => each.alarmName === alarmName && each.subject.startsWith("ALARM"));
    if (mail !== undefined) return { state: "arrived", afterMs: mail.atMs - sinceMs };
    if (now() >= limitMs || signal.aborted) return { state: "did not arrive" };
    await wait(INBOX_POLL_MS, signal);
  }
}

/** Asks whether the mail came, and when; nobody is asked where there is no terminal. */
export function askPerson(
  ask: AskOperator | undefined,
  { now, signal }: Pick<DrillPorts, "now" | "signal">,
): AskForMail {
  return async (alarmName, sinceMs) => {
    if (ask === undefined) return { state: "nobody was asked" };
    const question = `Has the mail ALARM: "${alarmName}" arrived? (n, y, or the time that it shows, such as 14:03:20) `;
    return mailOf(await ask(question, signal), sinceMs, now());
  };
}

/** What the person said of the mail. A time without a day is the first one after the drill began. */
export function mailOf(answer: string, sinceMs: number, nowMs: number): DrilledMail {
  const text = answer.trim();
  if (text === "") return { state: "nobody was asked" };
  const [, hours, minutes, seconds = "0"] = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined)
    return /^y(es)?$/i.test(text) ? { state: "arrived" } : { state: "did not arrive" };
  const shown = new Date(sinceMs);
  shown.setHours(Number(hours), Number(minutes), Number(seconds), 0);
  // A clock that shows no seconds may be up to a minute before the drill; further back it is the next day's time.
  if (shown.getTime() <= sinceMs - 60_000) shown.setDate(shown.getDate() + 1);
  const afterMs = shown.getTime() - sinceMs;
  const isCredible = shown.getTime() <= nowMs + 60_000;
  return { state: "arrived", ...(isCredible && { afterMs: Math.max(0, afterMs) }) };
}
