import { isComposite, type MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { alarmMetrics, metricKey } from "../alarm-metrics.ts";
import { durationText } from "../alarm-test.ts";
import type { TemplateAlarm } from "../template-alarms.ts";
import { type ComparedAlarm, utc } from "./backtest-report.ts";
import type { RecordedMetrics } from "./recorded-metrics.ts";
import type { AlarmBacktest, AlarmSpan, BacktestResult } from "./replay-metrics.ts";

/** What the page shows. */
export interface BacktestPage {
  readonly result: BacktestResult;
  readonly compared: readonly ComparedAlarm[];
  readonly recorded: RecordedMetrics;
  /** The alarms of both templates, for their metrics and thresholds. */
  readonly alarms: readonly TemplateAlarm[];
}

const WIDTH = 1000;
const HEIGHT = 140;
const COLUMNS = 500;

/** A page that stands alone: one timeline an alarm, with the metric, the threshold and the states of both templates. */
export function backtestPage(page: BacktestPage): string {
  const { result, compared } = page;
  const shown =
    compared.length > 0
      ? compared
      : result.alarms.map((after): ComparedAlarm => ({ name: after.alarmName, after }));
  const isCompared = compared.length > 0;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Backtest of alarms</title>
<style>${STYLE}</style>
<h1>Backtest of alarms</h1>
<p>${utc(result.fromMs)} to ${utc(result.toMs)} (UTC), evaluated minute by minute.</p>
${table(shown, isCompared)}
${shown.map((alarm) => timeline(alarm, page)).join("\n")}
${incidents(result)}
</html>
`;
}

const STYLE = `:root{color-scheme:light dark;--text:#1a1a1a;--back:#fff;--line:#2563a8;--alarm:#c62828;--quiet:#d7dde3;--limit:#8a5a00}
@media(prefers-color-scheme:dark){:root{--text:#e8e8e8;--back:#16181b;--line:#7fb4ef;--alarm:#ff7b72;--quiet:#3a4149;--limit:#e3b341}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);max-width:70rem;margin:0 auto;padding:1rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--quiet);vertical-align:top}
td.n{text-align:right;white-space:nowrap}svg{width:100%;height:auto;display:block}h2{overflow-wrap:anywhere;font-size:1.1rem;margin:2rem 0 .2rem}
p{margin:.2rem 0;overflow-wrap:anywhere}svg text{fill:var(--text);font:14px system-ui,sans-serif}`;

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function table(alarms: readonly ComparedAlarm[], isCompared: boolean): string {
  const heads = isCompared
    ? [
        "Alarm",
        "Before: in ALARM",
        "After: in ALARM",
        "Before: time",
        "After: time",
        "Before: mails",
        "After: mails",
      ]
    : ["Alarm", "In ALARM", "Time", "Mails"];
  const cells = (alarm: AlarmBacktest | undefined): readonly string[] =>
    alarm?.replayedFromMs === undefined
      ? ["–", "–", "–"]
      : [String(alarm.spans.length), durationText(alarm.alarmMs), String(alarm.mails.length)];
  const rows = alarms.map(({ name, before, after }) => {
    const [old, fresh] = [cells(before), cells(after)];
    const values = isCompared ? fresh.flatMap((cell, index) => [old[index] ?? "", cell]) : fresh;
    return `<tr><td>${escape(name)}</td>${values.map((value) => `<td class="n">${value}</td>`).join("")}</tr>`;
  });
  return `<div class="scroll"><table><tr>${heads.map((head) => `<th>${head}</th>`).join("")}</tr>${rows.join("")}</table></div>`;
}

function timeline(
  { name, before, after }: ComparedAlarm,
  { recorded, alarms, result }: BacktestPage,
): string {
  const shown = after ?? before;
  const own = alarms.filter((alarm) => alarm.definition.alarmName === shown?.alarmName);
  const { fromMs, toMs } = result;
  const lanes = [
    ...(before === undefined ? [] : [{ label: "before", spans: before.spans }]),
    ...(after === undefined ? [] : [{ label: before === undefined ? "state" : "after", spans: after.spans }]),
  ];
  const height = HEIGHT + lanes.length * 26;
  const drawn = lanes.map(({ label, spans }, index) =>
    lane(label, spans, { y: HEIGHT + index * 26 + 6, fromMs, toMs }),
  );
  const conditions = [before, after].flatMap((alarm) =>
    alarm === undefined ? [] : [`<p>${escape(alarm.condition)}</p>`],
  );
  return `<h2>${escape(name)}</h2>
${[...new Set(conditions)].join("")}
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escape(`${name}: ${shown?.spans.length ?? 0} times in ALARM`)}">${curve(own, recorded)}${drawn.join("")}</svg>`;
}

interface LanePlace {
  readonly y: number;
  readonly fromMs: number;
  readonly toMs: number;
}

function lane(label: string, spans: readonly AlarmSpan[], { y, fromMs, toMs }: LanePlace): string {
  const x = (ms: number): number => ((ms - fromMs) / (toMs - fromMs)) * WIDTH;
  const bars = spans.map((span) => {
    const width = Math.max(2, x(span.toMs) - x(span.fromMs));
    return `<rect x="${x(span.fromMs).toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="10" fill="var(--alarm)"><title>${utc(span.fromMs)} for ${durationText(span.toMs - span.fromMs)}</title></rect>`;
  });
  return `<rect x="0" y="${y}" width="${WIDTH}" height="10" fill="var(--quiet)"/>${bars.join("")}<text x="4" y="${y + 22}">${label}</text>`;
}

/** The first metric of the alarms and their thresholds; nothing for a composite. */
function curve(alarms: readonly TemplateAlarm[], recorded: RecordedMetrics): string {
  const [alarm] = alarms;
  const [stat] = alarm === undefined ? [] : alarmMetrics(alarm.definition);
  if (alarm === undefined || stat === undefined) return "";
  const values = columnsOf(metricKey(stat.metric), recorded, alarm.region);
  const thresholds = alarms.flatMap(({ definition }) => thresholdOf(definition as MetricAlarmDefinition));
  const known = values.flatMap((value) => value ?? []);
  const top = Math.max(1, ...known, ...thresholds);
  const y = (value: number): number => 130 - (Math.max(0, value) / top) * 120;
  const points = values.map((value, index) =>
    value === undefined ? "" : `${((index / COLUMNS) * WIDTH).toFixed(1)},${y(value).toFixed(1)}`,
  );
  const marks = points.flatMap((point) =>
    point === ""
      ? []
      : [
          `<circle cx="${point.split(",")[0] ?? ""}" cy="${point.split(",")[1] ?? ""}" r="1.5" fill="var(--line)"/>`,
        ],
  );
  const limits = [...new Set(thresholds)].map(
    (value) =>
      `<line x1="0" x2="${WIDTH}" y1="${y(value).toFixed(1)}" y2="${y(value).toFixed(1)}" stroke="var(--limit)" stroke-dasharray="6 4"/><text x="${WIDTH - 4}" y="${(y(value) - 4).toFixed(1)}" text-anchor="end">${value}</text>`,
  );
  return `${marks.join("")}${limits.join("")}`;
}

function thresholdOf(definition: MetricAlarmDefinition): readonly number[] {
  return isComposite(definition) || definition.threshold === undefined ? [] : [definition.threshold];
}

/** The highest value in each column of the picture. */
function columnsOf(
  key: string,
  { series, fromMs, toMs }: RecordedMetrics,
  region: string,
): readonly (number | undefined)[] {
  const columns = new Array<number | undefined>(COLUMNS).fill(undefined);
  for (const recorded of series.filter(
    (each) => metricKey(each) === key && each.region === region && each.statistic !== "SampleCount",
  ))
    recorded.values.forEach((value, index) => {
      const at = recorded.startMs + index * recorded.stepSeconds * 1000;
      const column = Math.floor(((at - fromMs) / (toMs - fromMs)) * COLUMNS);
      if (value !== null && column >= 0 && column < COLUMNS)
        columns[column] = Math.max(columns[column] ?? -Infinity, value);
    });
  return columns;
}

function incidents({ incidents: all, falsePositives }: BacktestResult): string {
  if (all.length === 0) return "";
  const rows = all.map(({ name, found }) => {
    const list = found
      .map(({ alarmName, afterMs }) => `${alarmName} after ${durationText(afterMs)}`)
      .join(", ");
    return `<tr><td>${escape(name)}</td><td>${escape(list) || "no alarm found it"}</td></tr>`;
  });
  const others = falsePositives.map(
    ({ alarmName, fromMs, toMs }) =>
      `<li>${escape(alarmName)} ${utc(fromMs)} for ${durationText(toMs - fromMs)}</li>`,
  );
  return `<h2>Incidents</h2><div class="scroll"><table>${rows.join("")}</table></div><h2>In ALARM outside of incidents</h2><ul>${others.join("") || "<li>none</li>"}</ul>`;
}
