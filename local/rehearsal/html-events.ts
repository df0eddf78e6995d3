import { durationText, html, type Html, joined, raw } from "./html-text.ts";
import type { Timeline } from "./timeline.ts";

/** Every change of state and every mail of a timeline, in the order of time. */
export function timelineEvents(timeline: Timeline, nameOf: (alarmName: string) => string): Html {
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
  const more = rest > 0 ? html`<p>${rest} more are left out.</p>` : raw("");
  return html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th class="number">since the fault</th>
            <th>alarm</th>
            <th>event</th>
            <th>what was evaluated</th>
          </tr>
        </thead>
        <tbody>
          ${joined(rows)}
        </tbody>
      </table>
    </div>
    ${more}`;
}

const MAX_EVENTS = 200;

function sinceText(ms: number): string {
  return ms === 0 ? "0" : `${ms < 0 ? "−" : "+"}${durationText(Math.abs(ms))}`;
}
