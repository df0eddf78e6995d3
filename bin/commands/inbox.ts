import { Command, InvalidArgumentError } from "commander";
import type { Mail } from "../../local/server/wire.ts";
import { UsageError } from "../cli/failure.ts";
import { dataOption, readPage, runningSystem } from "../cli/running-system.ts";
import { alignedColumns, localTime, type Terminal } from "../cli/terminal.ts";

interface InboxOptions {
  readonly data: string;
  readonly json?: true;
}

/** `inbox [N]`: the mail that SNS would have sent, newest first. */
export function inboxCommand(terminal: Terminal): Command {
  return new Command("inbox")
    .description("list the mail that the running system delivered, or print one")
    .argument("[number]", "the mail to print, as numbered in the list (1 is the newest)", parseMailNumber)
    .addOption(dataOption())
    .option("--json", "print mails as JSON")
    .action(async (number: number | undefined, options: InboxOptions) => {
      const mails = await readPage(await runningSystem(options.data), "/api/mails");
      const shown = number === undefined ? mails : [mailAt(mails, number)];
      if (options.json === true) terminal.out(JSON.stringify(shown, null, 2));
      else if (number === undefined) mailListLines(mails).forEach(terminal.out);
      else shown.flatMap(mailLines).forEach(terminal.out);
    });
}

function mailAt(mails: readonly Mail[], number: number): Mail {
  const mail = mails[number - 1];
  if (mail !== undefined) return mail;
  const most = mails.length === 0 ? "the inbox is empty" : `the inbox holds 1 to ${mails.length}`;
  throw new UsageError(`there is no mail ${number}: ${most}`);
}

function mailListLines(mails: readonly Mail[]): string[] {
  if (mails.length === 0) return ["the inbox is empty"];
  return alignedColumns(
    mails.map((mail, at) => [String(at + 1), localTime(mail.timeMs), mail.to, mail.subject]),
    ["right"],
  );
}

function mailLines(mail: Mail): string[] {
  return [
    `From:    ${mail.from}`,
    `To:      ${mail.to}`,
    `Date:    ${localTime(mail.timeMs)}`,
    `Subject: ${mail.subject}`,
    "",
    mail.body,
  ];
}

function parseMailNumber(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError("give the number of a mail, 1 or more.");
  return Number(value);
}
