import { tableLines } from "../../cli/table.ts";
import { alignedColumns, localTime, type Terminal } from "../../cli/terminal.ts";
import type { RealDrillResult } from "./real-drill.ts";
import type { DrilledMail, DrillRecord } from "./drill-record.ts";

/** A span of time as a person reads it: `4.2 s`, `3 min 20 s`. */
export function spanText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

/** How a drill ended, line by line. */
export function drillLines({ colours }: Pick<Terminal, "colours">, record: DrillRecord): readonly string[] {
  const actions = record.actions.map(({ arn, afterMs, isExecuted }) =>
    isExecuted
      ? `${shortArn(arn)} was notified after ${spanText(afterMs)}`
      : colours.red(`${shortArn(arn)} was NOT notified: CloudWatch failed to execute the action`),
  );
  const none = record.actions.length === 0 ? [colours.red("no action ran")] : [];
  return [
    colours.bold(record.alarm),
    ...[
      ...actions,
      ...none,
      mailText({ colours }, record.mail),
      `put back: ${record.putBack ?? "nobody has"}`,
    ].map((line) => `  ${line}`),
    ...(record.stopped === undefined ? [] : [colours.red(`  ${record.stopped}`)]),
  ];
}

function mailText({ colours }: Pick<Terminal, "colours">, mail: DrilledMail): string {
  if (mail.state === "did not arrive")
    return colours.red("the mail did not arrive: npm run cli -- subscribers says who gets it");
  if (mail.state === "nobody was asked") return "whether the mail arrived was not asked";
  return mail.afterMs === undefined ? "the mail arrived" : `the mail arrived after ${spanText(mail.afterMs)}`;
}

/** What a real drill measured, line by line. */
export function realDrillLines(
  { colours }: Pick<Terminal, "colours">,
  { record, failedAfterMs }: RealDrillResult,
): readonly string[] {
  const { mail } = record;
  const rows = [
    [
      "fault to the first failed answer",
      failedAfterMs === undefined ? "none failed" : spanText(failedAfterMs),
    ],
    [
      "fault to the mail",
      mail.state === "arrived" && mail.afterMs !== undefined ? spanText(mail.afterMs) : mail.state,
    ],
    [
      "end of the fault to the mail that says OK",
      record.okAfterMs === undefined ? "not seen" : spanText(record.okAfterMs),
    ],
  ];
  const stopped = record.stopped === undefined ? [] : [colours.red(record.stopped)];
  return [colours.bold(record.alarm), ...alignedColumns(rows).map((line) => `  ${line}`), ...stopped];
}

function shortArn(arn: string): string {
  return arn.split(":").slice(5).join(":") || arn;
}

/** Whether a drill showed that everybody who should be notified is notified. */
export function isSound({ kind, actions, mail, stopped }: DrillRecord): boolean {
  const isTold = kind === "real" || (actions.length > 0 && actions.every(({ isExecuted }) => isExecuted));
  return isTold && stopped === undefined && mail.state !== "did not arrive";
}

/** The drills that are kept, newest first, within the terminal. */
export function historyLines(
  { colours, columns }: Pick<Terminal, "colours" | "columns">,
  records: readonly DrillRecord[],
): readonly string[] {
  if (records.length === 0)
    return ["no drill was made from this machine: npm run cli -- drill --help says how"];
  const sorted = records.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  return tableLines(
    {
      paintHead: colours.dim,
      paintRow: (text, record) => (isSound(record) ? text : colours.red(text)),
      columns: [
        { head: "WHEN", cell: ({ startedAt }) => localTime(Date.parse(startedAt)) },
        { head: "KIND", cell: ({ kind }) => kind },
        { head: "ALARM", cell: ({ alarm }) => alarm, narrow: "cut" },
        {
          head: "TOLD AFTER",
          cell: ({ actions: [first] }) => (first === undefined ? "" : spanText(first.afterMs)),
        },
        { head: "MAIL", cell: ({ mail }) => mailCell(mail) },
        { head: "BROKEN OFF", cell: stopCell, narrow: "wrap" },
      ],
    },
    sorted,
    columns,
  );
}

function mailCell(mail: DrilledMail): string {
  return mail.state === "arrived" && mail.afterMs !== undefined
    ? `after ${spanText(mail.afterMs)}`
    : mail.state;
}

function stopCell({ stopped, endedAt }: DrillRecord): string {
  return stopped ?? (endedAt === undefined ? "not finished" : "");
}
