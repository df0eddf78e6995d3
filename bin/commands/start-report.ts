import type { Clock } from "@wrist-agent/cloudwatch/clock";
import { systemClock } from "../../local/clock.ts";
import type { AlarmRow, Overview } from "../../local/server/wire.ts";
import { alarmStateLines } from "../cli/alarm-states.ts";
import { alignedColumns, type Terminal } from "../cli/terminal.ts";
import type { CheckRow } from "./self-check.ts";

/** Names of metrics seen so far, by namespace. */
export type MetricsSeen = Readonly<Record<string, readonly string[]>>;

/** Everything that the report of a start says. */
export interface StartReport {
  readonly overview: Overview;
  readonly page: string;
  /** Where the commands find the system, if it is not where they look by themselves. */
  readonly dataDirectory?: string;
  readonly stackNames: readonly string[];
  readonly check: readonly CheckRow[];
  readonly metricsSeen: MetricsSeen;
  readonly alarms: readonly AlarmRow[];
}

/** The short report in the terminal: what answered, what was measured, and where to go on. */
export function reportLines(terminal: Terminal, report: StartReport): string[] {
  return [
    ...headLines(terminal, report),
    "",
    ...reportSection(addressLines(report)),
    ...reportSection(checkLines(terminal, report.check)),
    ...reportSection(metricLines(report.metricsSeen)),
    ...reportSection(["Alarms", ...indentLines(alarmStateLines(terminal, report.alarms))]),
    ...reportSection(noticeLines(report.overview.notices)),
    ...tryLines(report),
  ];
}

function reportSection(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [...lines, ""];
}

function indentLines(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** As wide as a terminal may be expected to be. */
const COLUMNS = 100;

/** A text in lines that fit, broken between words and indented from the second line on. */
function wrapLine(text: string, indent: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 1 <= COLUMNS)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `${indent}${word}`);
  }
  return lines;
}

/** An indented line's beginning: a title is as long as the model likes. */
function fittingLine(line: string): string {
  const most = COLUMNS - 2;
  return line.length <= most ? line : `${line.slice(0, most - 1)}…`;
}

function headLines(terminal: Terminal, { overview, stackNames }: StartReport): string[] {
  const { bold, yellow } = terminal.colours;
  const head = bold(
    isAgent(overview)
      ? `Wrist Agent, stage ${overview.stage}, runs on this machine`
      : `A preview of ${overview.stage} runs on this machine`,
  );
  const stacks = `from the synthesised templates of ${stackNames.join(", ")}`;
  return [
    head,
    ...wrapLine(stacks, "  "),
    ...(isAgent(overview) ? [yellow(modelSentence(overview))] : []),
    ...faultSentence(overview).map(yellow),
  ];
}

/** Whether the assembly is of this project, whose agent can be asked. */
function isAgent({ askModes }: Overview): boolean {
  return askModes.length > 0;
}

function modelSentence({ model }: Overview): string {
  return model === "scripted"
    ? "The model is a stand-in: its answers follow a script (--model bedrock asks the real model)."
    : "The model is the real one: requests go to Amazon Bedrock and are billed to your account.";
}

function faultSentence({ fault }: Overview): string[] {
  if (fault.kind === "off") return [];
  return [
    `The stand-in still shows the fault "${fault.kind}" in ${fault.rate * 100} % of its calls${fault.mode === undefined ? "" : ` for ${fault.mode}`}: npm run cli -- fault off`,
  ];
}

function checkLines(terminal: Terminal, rows: readonly CheckRow[]): string[] {
  if (rows.length === 0) return [];
  const head = ["mode", "status", "ms", "input tokens", "output tokens", "USD", "title"];
  const body = rows.map((row) => [
    row.mode,
    row.status === 0 ? "none" : String(row.status),
    String(row.milliseconds),
    String(row.inputTokens ?? "-"),
    String(row.outputTokens ?? "-"),
    row.costUsd?.toFixed(5) ?? "-",
    row.title,
  ]);
  const lines = alignedColumns(
    [head, ...body],
    ["left", "right", "right", "right", "right", "right", "left"],
  );
  const painted = lines
    .map(fittingLine)
    .map((line, at) => (rows[at - 1]?.status === 200 || at === 0 ? line : terminal.colours.red(line)));
  return ["One request per mode, through the Function URL", ...indentLines(painted)];
}

function metricLines(seen: MetricsSeen): string[] {
  const namespaces = Object.entries(seen).toSorted(([a], [b]) => a.localeCompare(b));
  if (namespaces.length === 0) return [];
  const lines = namespaces.flatMap(([namespace, names]) =>
    wrapLine(`  ${namespace}  ${names.toSorted().join(", ")}`, "    "),
  );
  return ["Metrics seen", ...lines];
}

function addressLines({ page, overview }: StartReport): string[] {
  const rows = [
    ["Page", page],
    ...(overview.functionUrl === "" ? [] : [["Function URL", overview.functionUrl]]),
    ["AWS endpoint", overview.awsEndpoint],
  ];
  return indentLines(alignedColumns(rows)).map((line, at) => (at === 0 ? `Addresses\n${line}` : line));
}

function noticeLines(notices: readonly string[]): string[] {
  return notices.length === 0
    ? []
    : ["Not emulated here", ...notices.flatMap((notice) => wrapLine(`  ${notice}`, "    "))];
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Lines to copy; the shell fetches the token, so that it stands in no terminal's history. */
export function startCurlLines({ functionUrl, tokenCommand }: Overview): readonly string[] {
  const body = JSON.stringify({ text: "dentist friday at two", mode: "event" });
  return [
    `curl -sS ${functionUrl} -H 'content-type: application/json' \\`,
    `  -H "x-client-token: $(${tokenCommand})" \\`,
    `  -d '${body}'`,
  ];
}

function tryLines({ overview, dataDirectory }: StartReport): string[] {
  const data = dataDirectory === undefined ? "" : ` --data ${shellWord(dataDirectory)}`;
  if (!isAgent(overview))
    return ["Try", ...indentLines([`npm run cli -- feed metrics.json${data}`, "Ctrl-C stops everything"])];
  const fault = `npm run cli -- fault throttle${data}`;
  return [
    "Try",
    ...indentLines([
      ...startCurlLines(overview),
      `npm run cli -- ask "dentist friday at two" --mode event${data}`,
      ...(overview.model === "scripted" ? [fault] : []),
      "Ctrl-C stops everything",
    ]),
  ];
}

const SECOND_MS = 1000;
/** Nothing is silent for longer, on a terminal, where a spinner turns, and elsewhere. */
const SILENT_SECONDS = 2;
/** How often the time is looked at, seconds: by whole ones of the clock a line could come one late. */
const LOOK_SECONDS = 0.5;

/** Where a phase reports. */
interface PhaseReporting {
  readonly terminal: Terminal;
  /** The system's own when missing. */
  readonly clock?: Clock;
}

/**
 * Works on a phase of the start and says how long it took. Where no terminal shows that it goes on, a line
 * every two seconds does.
 */
export async function timedPhase<T>(
  { terminal, clock = systemClock() }: PhaseReporting,
  text: string,
  work: Promise<T>,
): Promise<T> {
  const started = clock.now();
  const seconds = (): number => (clock.now() - started) / SECOND_MS;
  let saidAt = SILENT_SECONDS;
  const cancel = clock.every(LOOK_SECONDS * SECOND_MS, () => {
    if (terminal.columns !== undefined || seconds() <= saidAt - LOOK_SECONDS) return;
    terminal.err(`${text}: ${Math.round(seconds())} s so far`);
    saidAt += SILENT_SECONDS;
  });
  try {
    const result = await terminal.progress(text, work);
    terminal.err(`${text}: ${seconds().toFixed(1)} s`);
    return result;
  } finally {
    cancel();
  }
}
