import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Difference } from "./compare.ts";
import {
  alarmTable,
  badCell,
  rateCell,
  shareCell,
  SPREAD_HEADS,
  spreadCells,
  sumOfRates,
  topicTable,
} from "./html-tables.ts";
import {
  durationText,
  html,
  type Html,
  joinedHtml,
  harmlessHtml,
  scrollTable,
  valueText,
} from "./html-text.ts";
import { timelineFigure } from "./html-timeline.ts";
import { type RehearsalReport, REHEARSED } from "./rehearsal-report.ts";
import type { Timeline } from "./record-timeline.ts";

/** A rehearsal with the run that its page draws. */
export interface ReportedScenario {
  readonly report: RehearsalReport;
  /** Missing of a baseline: its figures are enough. */
  readonly timeline?: Timeline;
}

/** What a page is made of. */
export interface PageContent {
  readonly title: string;
  /** A line under the title: what was rehearsed with which options. */
  readonly subtitle: string;
  readonly scenarios: readonly ReportedScenario[];
  /** Of two rehearsals; missing where nothing was compared. */
  readonly differences?: readonly Difference[];
  readonly nameOf: (alarmName: string) => string;
}

/** A page that needs nothing but itself: style and drawings are in it, and it asks nobody for anything. */
export async function htmlReport(content: PageContent): Promise<string> {
  const style = await readFile(join(import.meta.dirname, "html-report.css"), "utf8");
  const own = content.scenarios.filter(({ report }) => report.alarmSet === REHEARSED);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${content.title}</title>
        <style>
          ${harmlessHtml(style)}
        </style>
      </head>
      <body>
        <main>
          <h1>${content.title}</h1>
          <p class="hint">${content.subtitle}</p>
          ${overviewSection(content)}
          ${content.differences === undefined ? "" : differenceSection(content.differences, content.nameOf)}
          ${joinedHtml(own.map((scenario) => scenarioSection(scenario, content)))}
        </main>
      </body>
    </html> `;
  return page.markup;
}

function overviewSection({ scenarios }: PageContent): Html {
  const hasBaselines = scenarios.some(({ report }) => report.alarmSet !== REHEARSED);
  const rows = scenarios.map(({ report }) => overviewRow(report, hasBaselines));
  return html`<section>
    <h2>All faults</h2>
    <p class="hint">
      Times run from the begin of the fault to the first mail about an ALARM; brackets hold the limits between
      which 95 % of such measurements lie.
    </p>
    ${scrollTable(
      html`<th>fault</th>
        ${hasBaselines ? html`<th>alarms</th>` : ""}
        <th class="number">notified</th>
        ${SPREAD_HEADS}
        <th class="number">false all-clears</th>
        <th class="number">mails a run, max</th>
        <th class="number">false positives in 30 days</th>`,
      rows,
    )}
  </section>`;
}

function overviewRow(report: RehearsalReport, hasBaselines: boolean): Html {
  const { scenario, alarmSet, firstNotification, topics, alarms, faultDurationMs } = report;
  const { notified, timeToNotify } = firstNotification;
  const mails = topics.reduce((sum, topic) => sum + topic.mails.max, 0);
  const clears = alarms.reduce((sum, { falseAllClears }) => sum + falseAllClears, 0);
  const name = alarmSet === REHEARSED ? html`<a href="#${scenario}">${scenario}</a>` : scenario;
  const fault =
    faultDurationMs === 0
      ? html`<td colspan="6"></td>`
      : html`${shareCell(notified)}${spreadCells(timeToNotify)}${badCell(clears)}
          <td class="number">${mails}</td>`;
  return html`<tr>
    <td>${name}</td>
    ${hasBaselines ? html`<td>${alarmSet}</td>` : ""}${fault}${rateCell(sumOfRates(topics))}
  </tr> `;
}

function scenarioSection({ report, timeline }: ReportedScenario, { nameOf }: PageContent): Html {
  const { scenario, description, runs, settings } = report;
  return html`<section id="${scenario}">
    <h2>${scenario}</h2>
    <p>${description}. ${runs} runs of ${settings.days ?? ""} days.</p>
    ${figureList(report)} ${timeline === undefined ? "" : timelinePart(timeline, report, nameOf)}
    <h3>Topics</h3>
    ${topicTable(report, nameOf)}
    <details>
      <summary>Alarms</summary>
      ${alarmTable(report, nameOf)}
      ${report.unpublished.length === 0 ? "" : html`<p class="hint">Not part of this: alarms on ${report.unpublished.join(", ")} saw no data.</p>`}
    </details>
  </section>`;
}

/** The figures that decide, large. */
function figureList({ firstNotification, alarms, topics, faultDurationMs }: RehearsalReport): Html {
  const { notified, timeToNotify } = firstNotification;
  const clears = alarms.reduce((sum, { falseAllClears }) => sum + falseAllClears, 0);
  const rate = sumOfRates(topics).in30Days.toFixed(2);
  const fault: readonly (readonly [string, string])[] =
    faultDurationMs === 0
      ? []
      : [
          [`${notified.count} of ${notified.of}`, "runs with a mail about an ALARM"],
          [timeToNotify === undefined ? "never" : durationText(timeToNotify.p50Ms), "to the first mail, p50"],
          [timeToNotify === undefined ? "never" : durationText(timeToNotify.maxMs), "to the first mail, max"],
          [String(clears), "false all-clears in all runs"],
        ];
  const items = [...fault, [rate, "false positives in 30 days"] as const];
  return html`<ul class="figures">
    ${joinedHtml(items.map(([value, what]) => html`<li><b>${value}</b>${what}</li>`))}
  </ul>`;
}

function timelinePart(timeline: Timeline, report: RehearsalReport, nameOf: PageContent["nameOf"]): Html {
  const which = report.faultDurationMs === 0 ? "the first run" : "the run with the latest first mail";
  return html`<figure>
      <figcaption>
        Seed ${timeline.seed}, ${which}, from ${utcText(timeline.shown.beginMs)} to
        ${utcText(timeline.shown.endMs)}; the fault begins at 0.
        <span class="legend"
          ><span><i style="background:var(--shade)"></i>fault</span
          ><span><i style="background:var(--answered)"></i>answered</span
          ><span><i style="background:var(--unsure)"></i>refused</span
          ><span><i style="background:var(--alarm)"></i>failed; ALARM</span
          ><span><i style="background:var(--ok);height:3px"></i>OK</span
          ><span>line: newest value that the alarm saw, dashed: its threshold</span></span
        >
      </figcaption>
      ${timelineFigure(timeline, nameOf)}
    </figure>
    <details>
      <summary>What happened when</summary>
      ${timelineEvents(timeline, nameOf)}
    </details>`;
}

function utcText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

const VERDICT_MARKS: Readonly<Record<Difference["verdict"], string>> = {
  slower: "bad",
  noisier: "bad",
  missed: "bad",
  faster: "",
  quieter: "",
  new: "",
};

function differenceSection(differences: readonly Difference[], nameOf: PageContent["nameOf"]): Html {
  const rows = differences.map(
    ({ scenario, subject, figure, verdict, before, after, kind }) =>
      html`<tr>
        <td class="${VERDICT_MARKS[verdict]}">${verdict}</td>
        <td>${scenario}</td>
        <td>${nameOf(subject)}</td>
        <td>${figure}</td>
        <td class="number">${valueText(before, kind)}</td>
        <td class="number">${valueText(after, kind)}</td>
      </tr> `,
  );
  if (rows.length === 0)
    return html`<section>
      <h2>Compared</h2>
      <p>Nothing differs.</p>
    </section>`;
  return html`<section>
    <h2>Compared</h2>
    ${scrollTable(
      html`<th></th>
        <th>fault</th>
        <th>alarm or topic</th>
        <th>figure</th>
        <th class="number">before</th>
        <th class="number">now</th>`,
      rows,
    )}
  </section>`;
}

/** Every change of state and every mail of a timeline, in the order of time. */
function timelineEvents(timeline: Timeline, nameOf: (alarmName: string) => string): Html {
  const zeroMs = timeline.faults[0]?.beginMs ?? timeline.shown.beginMs;
  const changes = timeline.alarms.flatMap(({ alarmName, states }) =>
    states
      .slice(1)
      .map(({ atMs, state, reason }) => ({ atMs, alarmName, what: state as string, text: reason })),
  );
  const mails = timeline.mails.map(({ atMs, alarmName, state, topic }) => {
    return { atMs, alarmName, what: `mail: ${state}`, text: `to ${topic}` };
  });
  const events = [...changes, ...mails].sort((a, b) => a.atMs - b.atMs);
  if (events.length === 0) return html`<p>No alarm changed its state.</p>`;
  const rows = events.slice(0, MAX_EVENTS).map(
    ({ atMs, alarmName, what, text }) =>
      html`<tr>
        <td class="number">${sinceText(atMs - zeroMs)}</td>
        <td>${nameOf(alarmName)}</td>
        <td>${what}</td>
        <td class="reason">${text}</td>
      </tr> `,
  );
  const rest = events.length - MAX_EVENTS;
  const more = rest > 0 ? html`<p>${rest} more are left out.</p>` : harmlessHtml("");
  return html`${scrollTable(
    html`<th class="number">since the fault</th>
      <th>alarm</th>
      <th>event</th>
      <th>what was evaluated</th>`,
    rows,
  )}
  ${more}`;
}

const MAX_EVENTS = 200;

function sinceText(ms: number): string {
  return ms === 0 ? "0" : `${ms < 0 ? "−" : "+"}${durationText(Math.abs(ms))}`;
}
