import { Command, InvalidArgumentError, Option } from "commander";
import type { Mail } from "../../local/server/wire.ts";
import { UsageError } from "../cli/failure.ts";
import { dataOption, readPage, runningSystem } from "../cli/running-system.ts";
import { type TableColumn, tableLines } from "../cli/table.ts";
import { localTime, type Terminal } from "../cli/terminal.ts";

interface InboxOptions {
  readonly data: string;
  readonly aws?: true;
  readonly json?: true;
}

const INBOX_HELP = `
Examples:
  npm run cli -- inbox
  npm run cli -- inbox 1
  npm run -s cli -- inbox --json | jq -r '.[0].body'`;

/** `inbox [N]`: the mail that SNS would have sent, newest first. */
export function inboxCommand(terminal: Terminal): Command {
  return new Command("inbox")
    .description("list the mail that the running system delivered, or print one")
    .argument("[number]", "the mail to print, as numbered in the list (1 is the newest)", parseMailNumber)
    .addOption(dataOption())
    .option("--json", "print mails as JSON: [{id, timeMs, from, to, subject, body, topicArn, alarmName}]")
    .addOption(
      new Option("--aws", "refused: the mails of a deployed stage are with who gets them").hideHelp(),
    )
    .addHelpText("after", INBOX_HELP)
    .action(async (number: number | undefined, options: InboxOptions) => {
      if (options.aws === true)
        throw new UsageError(
          "the inbox is of the system on this machine alone: the mails of a deployed stage are in the mailboxes that its topics have; npm run cli -- status --aws names those that get none",
        );
      const mails = await readPage(await runningSystem(options.data), "/api/mails");
      const shown = number === undefined ? mails : [mailAt(mails, number)];
      if (options.json === true) terminal.out(JSON.stringify(shown, null, 2));
      else if (number === undefined) mailListLines(terminal, mails).forEach(terminal.out);
      else shown.flatMap(mailLines).forEach(terminal.out);
    });
}

function mailAt(mails: readonly Mail[], number: number): Mail {
  const mail = mails[number - 1];
  if (mail !== undefined) return mail;
  const most = mails.length === 0 ? "the inbox is empty" : `the inbox holds 1 to ${mails.length}`;
  throw new UsageError(`there is no mail ${number}: ${most}`);
}

function mailListLines(terminal: Terminal, mails: readonly Mail[]): string[] {
  if (mails.length === 0) return ["the inbox is empty"];
  const columns: readonly TableColumn<NumberedMail>[] = [
    { head: "", cell: ({ number }) => String(number), align: "right" },
    { head: "", cell: ({ timeMs }) => localTime(timeMs) },
    { head: "", cell: ({ to }) => to, narrow: "cut" },
    { head: "", cell: ({ subject }) => subject, narrow: "cut" },
  ];
  const rows = mails.map((mail, at) => ({ ...mail, number: at + 1 }));
  return tableLines({ columns }, rows, terminal.columns);
}

interface NumberedMail extends Mail {
  readonly number: number;
}

function mailLines(mail: Mail): string[] {
  return [
    `From:    ${mail.from}`,
    `To:      ${mail.to}`,
    `Date:    ${localTime(mail.timeMs)}`,
    `Subject: ${mail.subject}`,
    "",
    mail.body.trimEnd(),
  ];
}

function parseMailNumber(value: string): number {
  if (!/^[1-9]\d*$/.test(value)) throw new InvalidArgumentError("give the number of a mail, 1 or more.");
  return Number(value);
}
