import { durationText, html, type Html, joinedHtml, percentText, scrollTable } from "./html-text.ts";
import type { AlarmSummary, MonthlyRate, RehearsalReport, Share, TopicSummary } from "./rehearsal-report.ts";
import type { DurationSpread } from "./statistics.ts";

/** A row for each topic. */
export function topicTable(
  { topics, faultDurationMs }: RehearsalReport,
  nameOf: (name: string) => string,
): Html {
  const hasLater = topics.some(({ laterSpansNotified }) => laterSpansNotified !== undefined);
  const rows = topics.map((topic) => {
    const { notified, timeToNotify, laterSpansNotified, mails, falsePositives } = topic;
    const later = laterSpansNotified === undefined ? html`<td></td>` : shareCell(laterSpansNotified);
    const fault =
      faultDurationMs === 0
        ? html`<td colspan="${hasLater ? 7 : 6}"></td>`
        : html`${shareCell(notified)}${spreadCells(timeToNotify)}${hasLater ? later : ""}
            <td class="number">${mails.mean.toFixed(1)}</td>
            <td class="number">${mails.max}</td>`;
    return html`<tr>
      <td>${nameOf(topic.topic)}</td>
      ${fault}${rateCell(falsePositives)}
    </tr> `;
  });
  const later = hasLater ? html`<th class="number">later faults notified</th>` : "";
  return scrollTable(
    html`<th>topic</th>
      <th class="number">notified</th>
      ${SPREAD_HEADS} ${later}
      <th class="number">mails a run, mean</th>
      <th class="number">max</th>
      <th class="number">false positives in 30 days</th>`,
    rows,
  );
}

/** A row for each alarm. */
export function alarmTable(
  { alarms, faultDurationMs }: RehearsalReport,
  nameOf: (alarmName: string) => string,
): Html {
  const rows = alarms.map((alarm) => {
    const fault =
      faultDurationMs === 0
        ? html`<td colspan="7"></td>`
        : html`${shareCell(alarm.detected)}${spreadCells(alarm.timeToDetect)}${recoverCells(alarm)}${badCell(alarm.falseAllClears)}`;
    return html`<tr>
      <td>${nameOf(alarm.alarmName)}</td>
      ${fault}${rateCell(alarm.falsePositives)}
    </tr> `;
  });
  return scrollTable(
    html`<th>alarm</th>
      <th class="number">detected</th>
      ${SPREAD_HEADS}
      <th class="number">to recover, p50</th>
      <th class="number">max</th>
      <th class="number">false all-clears</th>
      <th class="number">false positives in 30 days</th>`,
    rows,
  );
}

function recoverCells({ timeToRecover, neverRecovered, detected }: AlarmSummary): Html {
  const { p50Ms, maxMs } = timeToRecover ?? {};
  const last =
    neverRecovered > 0 ? `never (${neverRecovered})` : maxMs === undefined ? "" : durationText(maxMs);
  return html`<td class="number">${p50Ms === undefined ? "" : durationText(p50Ms)}</td>
    <td class="number">${detected.count === 0 ? "" : last}</td>`;
}

/** A share with its interval. */
export function shareCell({ count, of, low, high }: Share): Html {
  return html`<td class="number">
    ${percentText(count / of)} <span class="interval">[${percentText(low)}, ${percentText(high)}]</span>
  </td>`;
}

/** Over {@link spreadCells}. */
export const SPREAD_HEADS = html`<th class="number">p50</th>
  <th class="number">p95</th>
  <th class="number">max</th>`;

/** p50, p95 and max. */
export function spreadCells(spread: DurationSpread | undefined): Html {
  const values =
    spread === undefined ? ["", "", ""] : [spread.p50Ms, spread.p95Ms, spread.maxMs].map(durationText);
  return joinedHtml(values.map((text) => html`<td class="number">${text}</td>`));
}

/** A count that should be 0. */
export function badCell(count: number): Html {
  return html`<td class="number${count > 0 ? " bad" : ""}">${count}</td>`;
}

/** A rate with its interval. */
export function rateCell({ in30Days, low, high }: MonthlyRate): Html {
  return html`<td class="number">
    ${in30Days.toFixed(2)} <span class="interval">[${low.toFixed(2)}, ${high.toFixed(2)}]</span>
  </td>`;
}

/** All topics together: intervals add up as their counts do, which is a little wider than needed. */
export function sumOfRates(topics: readonly TopicSummary[]): MonthlyRate {
  const sum = (read: (rate: MonthlyRate) => number): number =>
    topics.reduce((total, { falsePositives }) => total + read(falsePositives), 0);
  return {
    in30Days: sum((rate) => rate.in30Days),
    low: sum((rate) => rate.low),
    high: sum((rate) => rate.high),
  };
}
