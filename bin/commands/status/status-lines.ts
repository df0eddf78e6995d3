import { durationText, latencyText } from "../../cli/duration.ts";
import { sparkline } from "../../cli/plot.ts";
import { cutText, type TableColumn, tableLines, wrapText } from "../../cli/table.ts";
import { localTime, type Terminal } from "../../cli/terminal.ts";
import type { FailedRequest, Spending, StatusAlarm, StatusReport, Traffic } from "./status-report.ts";

/** The status as one screen, no line wider than the terminal. */
export function statusLines(terminal: Terminal, report: StatusReport): readonly string[] {
  return [
    ...headLines(terminal, report),
    "",
    ...alarmPart(terminal, report),
    ...section(trafficLines(terminal, report)),
    ...section(failureLines(terminal, report)),
    ...section(mailLines(terminal, report)),
    ...section(unreadableLines(terminal, report)),
  ];
}

function section(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", ...lines];
}

function headLines(terminal: Terminal, report: StatusReport): readonly string[] {
  const { bold } = terminal.colours;
  const head = `Wrist Agent ${report.where}, ${report.region}, at ${localTime(report.atMs)}`;
  const facts = [
    versionText(terminal, report),
    modelText(terminal, report),
    tokenText(terminal, report),
  ].filter((line) => line !== undefined);
  return [bold(fit(terminal, head)), availabilityLine(terminal, report), ...facts];
}

function fit({ columns }: Terminal, line: string): string {
  return columns === undefined ? line : cutText(line, columns);
}

const STATE_WORDS = { up: "UP", down: "DOWN", unknown: "UNKNOWN" } as const;

function availabilityLine(terminal: Terminal, { availability, atMs }: StatusReport): string {
  const { green, red, yellow } = terminal.colours;
  const { state, sinceMs, by } = availability;
  const paint = { up: green, down: red, unknown: yellow }[state];
  const since =
    sinceMs === undefined
      ? "for longer than 24 hours"
      : `since ${localTime(sinceMs)} (${durationText(atMs - sinceMs)})`;
  const silent =
    state === "unknown" && sinceMs !== undefined ? `, the probe is silent ${since}` : ` ${since}`;
  const shown = state === "unknown" && sinceMs === undefined ? ", nothing was measured yet" : silent;
  return paint(fit(terminal, `${STATE_WORDS[state]}${shown}, by the ${by}`));
}

function versionText(terminal: Terminal, { version, atMs }: StatusReport): string | undefined {
  if (version === undefined) return undefined;
  const { publishedMs, weights, deployedMs, stackStatus } = version;
  const shifting = Object.entries(weights).map(
    ([other, share]) => `, ${Math.round(share * 100)} % to version ${other}`,
  );
  const published = Number.isNaN(publishedMs) ? "" : ` of ${localTime(publishedMs)}`;
  const text = `version ${version.version}${published}${shifting.join("")}; deployed ${localTime(deployedMs)} (${durationText(atMs - deployedMs)} ago, ${stackStatus})`;
  return fit(terminal, text);
}

function modelText(terminal: Terminal, { model, where }: StatusReport): string | undefined {
  if (model === undefined) return undefined;
  const { modelId, lifecycle, endOfLifeMs, setBy } = model;
  const unknown = where.endsWith("on this machine") ? "a stand-in has no lifecycle" : "lifecycle not known";
  const end = endOfLifeMs === undefined ? "" : `, ends ${localTime(endOfLifeMs).slice(0, 10)}`;
  const state = lifecycle === undefined ? unknown : `${lifecycle}${end}`;
  const by = setBy === "parameter" ? ", set at run time" : "";
  const text = fit(terminal, `model ${modelId} (${state}${by})`);
  return lifecycle === undefined || lifecycle === "ACTIVE" ? text : terminal.colours.yellow(text);
}

function tokenText(terminal: Terminal, { token }: StatusReport): string | undefined {
  if (token === undefined) return undefined;
  if (token === null)
    return terminal.colours.red(
      fit(terminal, "there is no token, so every request is refused; npm run cli -- rotate-token makes one"),
    );
  const days = Math.floor(token.ageDays);
  return fit(
    terminal,
    `token ${days} ${days === 1 ? "day" : "days"} old, changed ${localTime(token.changedMs)}`,
  );
}

function alarmPart(terminal: Terminal, { alarms, missingAlarms, atMs }: StatusReport): readonly string[] {
  const { bold, red, yellow, dim } = terminal.colours;
  const count = (state: StatusAlarm["state"]): number =>
    alarms.filter((alarm) => alarm.state === state).length;
  const raised = alarms.filter(({ state }) => state === "ALARM");
  const held = alarms.filter(({ suppressed }) => suppressed !== undefined);
  const pages = raised.filter(({ severity }) => severity === "page").length;
  const counts = `Alarms: ${raised.length} in ALARM (${pages} page), ${count("INSUFFICIENT_DATA")} INSUFFICIENT_DATA, ${count("OK")} OK`;
  const head = held.length === 0 ? counts : `${counts}; ${held.length} suppressed`;
  const shown = alarms.filter(({ state, suppressed }) => state === "ALARM" || suppressed !== undefined);
  const columns: readonly TableColumn<StatusAlarm>[] = [
    { head: "state", cell: ({ state }) => state },
    { head: "severity", cell: ({ severity }) => (severity === "none" ? "" : severity) },
    { head: "alarm", cell: ({ alarmName }) => alarmName, keeps: "end" },
    { head: "for", cell: ({ sinceMs }) => durationText(atMs - sinceMs), align: "right" },
    {
      head: "why",
      cell: ({ suppressed, reason }) =>
        suppressed === undefined ? shortReason(reason) : `suppressed: ${suppressed}`,
      narrow: "wrap",
    },
  ];
  const paintRow = (text: string, { state, severity, suppressed }: StatusAlarm): string => {
    if (state === "ALARM" && severity === "page") return red(text);
    return suppressed === undefined ? yellow(text) : dim(text);
  };
  return [
    bold(fit(terminal, head)),
    ...indented(terminal, (width) => tableLines({ columns, paintRow }, shown, width)),
    ...missingAlarms.map((name) =>
      red(fit(terminal, `${INDENT}${name} is not there any more: deploy the stack again to have it back`)),
    ),
  ];
}

/** What CloudWatch adds about the smallest number of points is the alarm's own condition. */
function shortReason(reason: string): string {
  return reason.replace(/ \(minimum \d+ datapoints? for [^)]*\)\.?$/, "");
}

const INDENT = "  ";

function indented(
  { columns }: Terminal,
  lines: (width: number | undefined) => readonly string[],
): readonly string[] {
  const width = columns === undefined ? undefined : columns - INDENT.length;
  return lines(width).map((line) => `${INDENT}${line}`);
}

interface Figure {
  readonly name: string;
  readonly value: string;
  readonly line: string;
  readonly isBad?: true;
}

/** Figures with a sparkline each: an hour a bar, and a day a bar for the month. */
function trafficLines(terminal: Terminal, { traffic, spending }: StatusReport): readonly string[] {
  const figures = [
    ...(traffic === undefined ? [] : trafficFigures(traffic)),
    ...(spending === undefined ? [] : spendingFigures(spending)),
  ];
  if (figures.length === 0) return [];
  const { bold, red, cyan } = terminal.colours;
  const columns: readonly TableColumn<Figure>[] = [
    { head: "", cell: ({ name }) => name },
    {
      head: "",
      cell: ({ value }) => value,
      align: "right",
      paint: (text, { isBad }) => (isBad ? red(text) : text),
    },
    { head: "", cell: ({ line }) => line, narrow: "cut", paint: (text) => cyan(text) },
  ];
  return [
    bold("Last 24 hours, and dollars of the model"),
    ...indented(terminal, (width) => tableLines({ columns }, figures, width)),
  ];
}

function trafficFigures({ requests, failures, p50Ms, p90Ms, hourly }: Traffic): readonly Figure[] {
  const line = (values: readonly (number | null)[]): string =>
    sparkline(values.map((value) => value ?? undefined));
  const latency = (value: number | null): string => (value === null ? "none" : latencyText(value));
  return [
    { name: "requests", value: String(requests), line: line(hourly.requests) },
    {
      name: "failures",
      value: String(failures),
      line: line(hourly.failures),
      ...(failures > 0 && { isBad: true }),
    },
    { name: "p50", value: latency(p50Ms), line: line(hourly.p50Ms) },
    { name: "p90", value: latency(p90Ms), line: line(hourly.p90Ms) },
  ];
}

function spendingFigures({ timeZone, todayUsd, monthUsd, hourlyUsd, dailyUsd }: Spending): readonly Figure[] {
  return [
    { name: `today (${timeZone})`, value: usd(todayUsd), line: sparkline(hourlyUsd) },
    { name: "this month", value: usd(monthUsd), line: sparkline(dailyUsd) },
  ];
}

/** Thousandths of a cent matter here: a request costs less than a cent. */
function usd(value: number): string {
  return `$${value.toFixed(value !== 0 && value < 0.1 ? 4 : 2)}`;
}

function failureLines(terminal: Terminal, { failures }: StatusReport): readonly string[] {
  if (failures === undefined) return [];
  if (failures.length === 0) return ["No request failed in the last 7 days."];
  const { bold } = terminal.colours;
  const columns: readonly TableColumn<FailedRequest>[] = [
    { head: "time", cell: ({ timeMs }) => localTime(timeMs) },
    { head: "outcome", cell: ({ outcome }) => outcome, paint: (text) => terminal.colours.red(text) },
    { head: "reason", cell: ({ reason }) => reason, narrow: "cut" },
    { head: "mode", cell: ({ mode }) => mode },
    { head: "status", cell: ({ httpStatus }) => httpStatus },
    { head: "request", cell: ({ requestId }) => requestId, narrow: "cut" },
  ];
  return [bold("Last failures"), ...indented(terminal, (width) => tableLines({ columns }, failures, width))];
}

/** Who does not get the mails that are meant for them; one line where everybody does. */
function mailLines(
  terminal: Terminal,
  { subscriptions, silentTopics = [] }: StatusReport,
): readonly string[] {
  if (subscriptions === undefined) return [];
  const { red } = terminal.colours;
  const bad = subscriptions.filter(({ state }) => state !== "confirmed");
  const silent = silentTopics.map((topic) => `${topic}: nobody is subscribed`);
  const confirmed = subscriptions.length - bad.length;
  if (subscriptions.length + silent.length === 0) return [];
  if (bad.length + silent.length === 0)
    return [`Mail: ${confirmed} ${confirmed === 1 ? "subscription" : "subscriptions"}, all confirmed.`];
  return [
    terminal.colours.bold("Mail"),
    ...[...bad.map(({ topic, address, state }) => `${topic}: ${address} is ${state}`), ...silent].map(
      (line) => red(fit(terminal, `${INDENT}${line}`)),
    ),
  ];
}

function unreadableLines(terminal: Terminal, { unreadable }: StatusReport): readonly string[] {
  if (unreadable.length === 0) return [];
  const { yellow } = terminal.colours;
  const width = terminal.columns === undefined ? undefined : terminal.columns - INDENT.length;
  const lines = unreadable.flatMap((sentence) =>
    width === undefined ? [sentence] : wrapText(sentence, width),
  );
  return [terminal.colours.bold("Not read"), ...lines.map((line) => yellow(`${INDENT}${line}`))];
}
