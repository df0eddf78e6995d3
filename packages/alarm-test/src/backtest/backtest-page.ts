import { isComposite, type MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { evaluationRange, planAlarm } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import { seriesPoints } from "@wrist-agent/cloudwatch/alarms/alarm-points";
import { readSeriesFrom } from "@wrist-agent/cloudwatch/math/read-series";
import type { ReadSeries } from "@wrist-agent/cloudwatch/metric";
import { durationText } from "../alarm-test.ts";
import type { TemplateAlarm } from "../template-alarms.ts";
import { type ComparedAlarm, utc } from "./backtest-report.ts";
import { type RecordedMetrics, RecordedStore } from "./recorded-metrics.ts";
import type { AlarmBacktest, AlarmSpan, BacktestResult } from "./replay-metrics.ts";

/** What the page shows. */
export interface BacktestPage {
  readonly result: BacktestResult;
  readonly compared: readonly ComparedAlarm[];
  readonly recorded: RecordedMetrics;
  /** The alarms of both templates, for their metrics and thresholds. */
  readonly alarms: readonly TemplateAlarm[];
}

/** Reads the recorded metrics of a Region. */
type RegionalReader = (region: string) => ReadSeries;

interface DrawnPage extends BacktestPage {
  readonly readIn: RegionalReader;
}

/** One store a Region, whatever the number of its alarms: it keeps totals that they share. */
function regionalReader({ series }: RecordedMetrics): RegionalReader {
  const known = new Map<string, ReadSeries>();
  return (region) => {
    const readSeries = known.get(region) ?? readSeriesFrom(new RecordedStore(series, region));
    known.set(region, readSeries);
    return readSeries;
  };
}

const WIDTH = 1000;
const HEIGHT = 140;
const COLUMNS = 500;

/**
 * A page that stands alone: one timeline an alarm, with the metric, the threshold and the states of both
 * templates.
 */
export function backtestPage(page: BacktestPage): string {
  const { result, compared } = page;
  const shown =
    compared.length > 0
      ? compared
      : result.alarms.map((after): ComparedAlarm => ({ name: after.alarmName, after }));
  const isCompared = compared.length > 0;
  const drawn = { ...page, readIn: regionalReader(page.recorded) };
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
${shown.map((alarm) => timeline(alarm, drawn)).join("\n")}
${incidents(result)}
</html>
`;
}

const STYLE = `:root{color-scheme:light dark;--text:#1a1a1a;--back:#fff;--line:#2563a8;--alarm:#c62828;--quiet:#d7dde3;--limit:#8a5a00}
@media(prefers-color-scheme:dark){:root{--text:#e8e8e8;--back:#16181b;--line:#7fb4ef;--alarm:#ff7b72;--quiet:#3a4149;--limit:#e3b341}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back);max-width:70rem;margin:0 auto;padding:1rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--quiet);vertical-align:top}
th.n,td.n{text-align:right;white-space:nowrap}h2{overflow-wrap:anywhere;font-size:1.1rem;margin:2rem 0 .2rem}
td:first-child{overflow-wrap:anywhere}p{margin:.2rem 0;overflow-wrap:anywhere}
svg{width:100%;display:block}svg path{fill:none;stroke-width:1.5;vector-effect:non-scaling-stroke;stroke-linecap:round}
.chart{position:relative;margin-top:1.6rem}.chart svg{height:${HEIGHT}px;overflow:visible}.chart span{position:absolute;right:0;transform:translateY(-100%);background:var(--back);padding:0 .3rem;font-size:.8rem;line-height:1.2}
.lane{display:flex;align-items:center;gap:.5rem;font-size:.8rem}.lane b{flex:0 0 3.2rem;font-weight:400}.lane svg{height:12px}
.chart,.axis{margin-left:3.7rem}.axis{display:flex;justify-content:space-between;font-size:.8rem}
@media(max-width:40rem){th,td{padding:.3rem .2rem}th.n,td.n{white-space:normal}}`;

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function table(alarms: readonly ComparedAlarm[], isCompared: boolean): string {
  const heads = ["In ALARM", "Time", "Mails"].map((head) => `<th class="n">${head}</th>`);
  const cells = (alarm: AlarmBacktest | undefined): readonly string[] =>
    alarm?.replayedFromMs === undefined
      ? ["–", "–", "–"]
      : [String(alarm.spans.length), durationText(alarm.alarmMs), String(alarm.mails.length)];
  const rows = alarms.map(({ name, before, after }) => {
    const [old, fresh] = [cells(before), cells(after)];
    const values = isCompared ? fresh.map((cell, index) => `${old[index] ?? ""} → ${cell}`) : fresh;
    return `<tr><td>${escape(name)}</td>${values.map((value) => `<td class="n">${value}</td>`).join("")}</tr>`;
  });
  const legend = isCompared ? "<p>before → after</p>" : "";
  return `${legend}<div class="scroll"><table><tr><th>Alarm</th>${heads.join("")}</tr>${rows.join("")}</table></div>`;
}

function timeline(
  { name, before, after }: ComparedAlarm,
  { recorded, alarms, result, readIn }: DrawnPage,
): string {
  const shown = after ?? before;
  const own = alarms.filter((alarm) => alarm.definition.alarmName === shown?.alarmName);
  const { fromMs, toMs } = result;
  const lanes = [
    ...(before === undefined ? [] : [{ label: "before", spans: before.spans }]),
    ...(after === undefined ? [] : [{ label: before === undefined ? "state" : "after", spans: after.spans }]),
  ];
  const drawn = lanes.map(({ label, spans }) => lane(label, spans, { fromMs, toMs }));
  const conditions = [before, after].flatMap((alarm) =>
    alarm === undefined ? [] : [`<p>${escape(alarm.condition)}</p>`],
  );
  return `<h2>${escape(name)}</h2>
${[...new Set(conditions)].join("")}
<div role="img" aria-label="${escape(`${name}: ${shown?.spans.length ?? 0} times in ALARM`)}">${curve(own, recorded, readIn)}${drawn.join("")}</div>
<div class="axis"><span>${utc(fromMs)}</span><span>${utc(toMs)}</span></div>`;
}

interface LanePlace {
  readonly fromMs: number;
  readonly toMs: number;
}

function lane(label: string, spans: readonly AlarmSpan[], { fromMs, toMs }: LanePlace): string {
  const x = (ms: number): number => ((ms - fromMs) / (toMs - fromMs)) * WIDTH;
  const bars = spans.map((span) => {
    const width = Math.max(2, x(span.toMs) - x(span.fromMs));
    return `<rect x="${x(span.fromMs).toFixed(1)}" y="0" width="${width.toFixed(1)}" height="10" fill="var(--alarm)"><title>${utc(span.fromMs)} for ${durationText(span.toMs - span.fromMs)}</title></rect>`;
  });
  const picture = `<rect width="${WIDTH}" height="10" fill="var(--quiet)"/>${bars.join("")}`;
  return `<div class="lane"><b>${label}</b><svg viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none">${picture}</svg></div>`;
}

/** What the alarms judged, and their thresholds; nothing for a composite. */
function curve(alarms: readonly TemplateAlarm[], recorded: RecordedMetrics, readIn: RegionalReader): string {
  const metricAlarms = alarms.flatMap(({ definition }) => (isComposite(definition) ? [] : [definition]));
  const [shown] = metricAlarms.slice(-1);
  if (shown === undefined) return "";
  const values = judgedColumns(shown, recorded, readIn(alarms[0]?.region ?? ""));
  const thresholds = metricAlarms.flatMap(({ threshold }) => threshold ?? []);
  const known = values.flatMap((value) => value ?? []);
  const [bottom, top] = [Math.min(0, ...known, ...thresholds), Math.max(0, ...known, ...thresholds) || 1];
  const y = (value: number): number => 130 - ((value - bottom) / (top - bottom)) * 120;
  const limits = [...new Set(thresholds)];
  const lines = limits.map(
    (value) => `<path d="M0 ${y(value).toFixed(1)}H${WIDTH}" stroke="var(--limit)" stroke-dasharray="6 4"/>`,
  );
  const labels = limits.map((value) => `<span style="top:${y(value).toFixed(1)}px">${value}</span>`);
  return `<div class="chart"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none"><path d="${linePath(values, y)}" stroke="var(--line)"/>${lines.join("")}</svg>${labels.join("")}</div>`;
}

/** A line that has gaps where there is no datapoint; one that stands alone is a dot. */
function linePath(values: readonly (number | undefined)[], y: (value: number) => number): string {
  return values
    .map((value, index) => {
      if (value === undefined) return "";
      const place = `${((index / COLUMNS) * WIDTH).toFixed(1)} ${y(value).toFixed(1)}`;
      return index > 0 && values[index - 1] !== undefined ? `L${place}` : `M${place}h0`;
    })
    .join("");
}

/** So many windows that slide over one period are read at most: a day has 1,440 of them. */
const MAX_PHASES = 12;

/**
 * What the alarm compared with its threshold, its period and its metric math applied: the highest of each
 * column.
 */
function judgedColumns(
  definition: MetricAlarmDefinition,
  { fromMs, toMs }: RecordedMetrics,
  readSeries: ReadSeries,
): readonly (number | undefined)[] {
  const plan = planAlarm(definition, evaluationRange);
  const periodMs = plan.periodSeconds * 1000;
  const phases = Math.min(MAX_PHASES, Math.max(1, Math.floor(plan.periodSeconds / 60)));
  const columns = new Array<number | undefined>(COLUMNS).fill(undefined);
  for (let phase = 0; phase < phases; phase += 1) {
    const startMs = fromMs + Math.floor(((phase / phases) * periodMs) / 60_000) * 60_000;
    const slots = Math.floor((toMs - startMs) / periodMs);
    if (slots < 1) continue;
    const grid = { startMs, periodSeconds: plan.periodSeconds, slots };
    seriesPoints(plan, readSeries(plan.queries, grid)).values.forEach((value, slot) => {
      // A window is seen when it is over, as the states below it are.
      const column = Math.floor(((startMs + (slot + 1) * periodMs - fromMs) / (toMs - fromMs)) * COLUMNS);
      if (value !== undefined && column < COLUMNS)
        columns[column] = Math.max(columns[column] ?? -Infinity, value);
    });
  }
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
