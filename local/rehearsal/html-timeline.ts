import type { AlarmState } from "@wrist-agent/cloudwatch/alarm";
import type { TimeRange } from "./scenario.ts";
import { durationText, html, type Html, joinedHtml, harmlessHtml } from "./html-text.ts";
import type { AlarmTimeline, Timeline, TimelineMail, TimelineRequest } from "./record-timeline.ts";
import type { RequestOutcome } from "./synthetic-traffic.ts";

/** The width of a drawing in its own units; it is stretched to the width of the page. */
const WIDTH = 1000;

const HOUR_MS = 3_600_000;

/** What became of a request, as the figure shows it. */
const OUTCOME_CLASSES: Readonly<Record<RequestOutcome, "answered" | "refused" | "failed">> = {
  served: "answered",
  degraded: "answered",
  unreadable: "answered",
  rejected: "refused",
  unauthorized: "refused",
  anonymous: "refused",
  failed: "failed",
  crashed: "failed",
  throttled: "failed",
  unreachable: "failed",
};

/** The timeline of one run: requests, the probe, every alarm that changed, and the mails, on one axis. */
export function timelineFigure(timeline: Timeline, nameOf: (alarmName: string) => string): Html {
  const axis = new TimeAxis(timeline.shown, timeline.faults[0]?.beginMs);
  const shade = faultShade(timeline.faults, axis);
  const rows = [
    row({
      name: "Requests",
      note: requestLegend(timeline.requests),
      drawing: html`${shade}${requestBars(timeline.requests, axis)}`,
      height: 44,
    }),
    ...(timeline.probeRuns.length === 0
      ? []
      : [
          row({
            name: "Probe",
            note: probeText(timeline),
            drawing: html`${shade}${probeTicks(timeline, axis)}`,
            height: 18,
          }),
        ]),
    ...timeline.alarms.map((alarm) => alarmRow(alarm, { name: nameOf(alarm.alarmName), axis, shade })),
    mailRow(timeline.mails, { axis, shade, nameOf }),
  ];
  return html`<div class="timeline">${joinedHtml(rows)}${axisRow(axis)}</div>`;
}

/** Instants as places on the drawing. */
class TimeAxis {
  readonly #range: TimeRange;
  readonly #zeroMs: number;

  constructor(range: TimeRange, zeroMs: number | undefined) {
    this.#range = range;
    this.#zeroMs = zeroMs ?? range.beginMs;
  }

  /** From 0 to {@link WIDTH}. */
  place(atMs: number): number {
    const { beginMs, endMs } = this.#range;
    const share = (atMs - beginMs) / (endMs - beginMs);
    return Math.round(Math.min(1, Math.max(0, share)) * WIDTH * 10) / 10;
  }

  percent(atMs: number): string {
    return `${(this.place(atMs) / (WIDTH / 100)).toFixed(2)}%`;
  }

  /** Bins of equal length that fill the range. */
  bins(count: number): readonly TimeRange[] {
    const { beginMs, endMs } = this.#range;
    const size = (endMs - beginMs) / count;
    return Array.from({ length: count }, (_, at) => ({
      beginMs: beginMs + at * size,
      endMs: beginMs + (at + 1) * size,
    }));
  }

  /** Round instants around the begin of the fault. */
  ticks(): readonly { readonly atMs: number; readonly text: string }[] {
    const { beginMs, endMs } = this.#range;
    const step = TICK_STEPS.find((ms) => (endMs - beginMs) / ms <= 9) ?? 7 * 24 * HOUR_MS;
    const first = Math.ceil((beginMs - this.#zeroMs) / step);
    const count = Math.floor((endMs - this.#zeroMs) / step) - first + 1;
    return Array.from({ length: count }, (_, at) => (first + at) * step).map((ms) => ({
      atMs: this.#zeroMs + ms,
      text: ms === 0 ? "0" : `${ms < 0 ? "−" : "+"}${durationText(Math.abs(ms)).replace(".0", "")}`,
    }));
  }
}

const TICK_STEPS = [
  ...[10, 30].map((minutes) => minutes * 60_000),
  ...[1, 2, 3, 6, 12, 24, 48].map((hours) => hours * HOUR_MS),
];

interface Row {
  readonly name: string;
  readonly note: string;
  readonly drawing: Html;
  readonly height: number;
}

function row({ name, note, drawing, height }: Row): Html {
  return html`<div class="row">
    <div class="name"><b>${name}</b> <span class="note">${note}</span></div>
    <svg
      viewBox="0 0 ${WIDTH} ${height}"
      height="${height}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${name}: ${note}"
    >
      ${drawing}
    </svg>
  </div> `;
}

/** As high as any row: what hangs over the edge is cut off. */
function faultShade(faults: readonly TimeRange[], axis: TimeAxis): Html {
  return joinedHtml(
    faults.map(({ beginMs, endMs }) => {
      const from = axis.place(beginMs);
      return html`<rect class="fault" x="${from}" y="0" width="${axis.place(endMs) - from}" height="100" />`;
    }),
  );
}

const OUTCOME_ORDER = ["failed", "refused", "answered"] as const;

function requestLegend(requests: readonly TimelineRequest[]): string {
  const counts = OUTCOME_ORDER.map((kind) => ({ kind, count: requests.filter(isOutcome(kind)).length }));
  return counts
    .filter(({ count }) => count > 0)
    .reverse()
    .map(({ kind, count }) => `${count} ${kind}`)
    .join(", ");
}

const isOutcome =
  (kind: (typeof OUTCOME_ORDER)[number]) =>
  ({ outcome }: TimelineRequest): boolean =>
    OUTCOME_CLASSES[outcome] === kind;

const REQUEST_BINS = 160;

/** A bar of each outcome for each bin, the failed ones at the bottom. */
function requestBars(requests: readonly TimelineRequest[], axis: TimeAxis): Html {
  const bins = axis.bins(REQUEST_BINS).map(({ beginMs, endMs }) => {
    const here = requests.filter(({ atMs }) => atMs >= beginMs && atMs < endMs);
    return {
      x: axis.place(beginMs),
      counts: OUTCOME_ORDER.map((kind) => here.filter(isOutcome(kind)).length),
    };
  });
  const most = Math.max(1, ...bins.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0)));
  const width = Math.max(1, WIDTH / REQUEST_BINS - 1);
  return joinedHtml(
    bins.flatMap(({ x, counts }) => {
      let top = 44;
      return counts.flatMap((count, at) => {
        const height = (count / most) * 42;
        top -= height;
        return count === 0
          ? []
          : [
              html`<rect
                class="${OUTCOME_ORDER[at] ?? ""}"
                x="${x}"
                y="${top.toFixed(1)}"
                width="${width}"
                height="${height.toFixed(1)}"
              />`,
            ];
      });
    }),
  );
}

function probeText({ probeRuns }: Timeline): string {
  const failed = probeRuns.filter(({ hasFailed }) => hasFailed).length;
  return `${probeRuns.length} runs, ${failed} failed`;
}

/** Failed runs as full strokes in one path, the others as short ones in another. */
function probeTicks({ probeRuns }: Timeline, axis: TimeAxis): Html {
  const strokes = (hasFailed: boolean, from: number): string =>
    probeRuns
      .filter((run) => run.hasFailed === hasFailed)
      .map(({ atMs }) => `M${axis.place(atMs)} ${from}V18`)
      .join("");
  return html`<path class="stroke ok" d="${strokes(false, 12)}" /><path
      class="stroke failed"
      d="${strokes(true, 0)}"
    />`;
}

interface AlarmRowSetting {
  readonly name: string;
  readonly axis: TimeAxis;
  readonly shade: Html;
}

const BAND_HEIGHT = 14;
const SEEN_HEIGHT = 26;

function alarmRow(alarm: AlarmTimeline, { name, axis, shade }: AlarmRowSetting): Html {
  const raised = alarm.states.slice(1).filter(({ state }) => state === "ALARM").length;
  const note = raised === 0 ? "" : raised === 1 ? "1 time in ALARM" : `${raised} times in ALARM`;
  const hasValues = alarm.seen.some(({ value }) => value !== undefined);
  const height = hasValues ? BAND_HEIGHT + SEEN_HEIGHT : BAND_HEIGHT;
  const seen = hasValues ? seenLine(alarm, axis) : harmlessHtml("");
  return row({ name, note, drawing: html`${shade}${stateBand(alarm, axis)}${seen}`, height });
}

/** ALARM is a full band, OK a thin line, INSUFFICIENT_DATA a broken one: told apart without colour too. */
const STATE_BANDS: Readonly<Record<AlarmState, { readonly y: number; readonly height: number }>> = {
  ALARM: { y: 0, height: BAND_HEIGHT - 2 },
  OK: { y: 5, height: 3 },
  INSUFFICIENT_DATA: { y: 6, height: 1 },
};

function stateBand({ states }: AlarmTimeline, axis: TimeAxis): Html {
  return joinedHtml(
    states.map(({ atMs, state }, at) => {
      const from = axis.place(atMs);
      const until = axis.place(states[at + 1]?.atMs ?? Infinity);
      const { y, height } = STATE_BANDS[state];
      const width = Math.max(state === "ALARM" ? 1.5 : 0, until - from);
      return html`<rect
        class="state-${state}"
        x="${from}"
        y="${y}"
        width="${width.toFixed(1)}"
        height="${height}"
      />`;
    }),
  );
}

/** The newest value of each evaluation as steps, with the threshold. */
function seenLine({ seen, threshold }: AlarmTimeline, axis: TimeAxis): Html {
  const values = seen.flatMap(({ value }) => value ?? []);
  const most = Math.max(...values, threshold ?? 0) * 1.1 || 1;
  const least = Math.min(0, ...values);
  const y = (value: number): string =>
    (BAND_HEIGHT + SEEN_HEIGHT - 1 - ((value - least) / (most - least)) * (SEEN_HEIGHT - 3)).toFixed(1);
  const steps = seen.map(({ atMs, value }, at) => {
    if (value === undefined) return "";
    const join = seen[at - 1]?.value === undefined ? `M${axis.place(atMs)} ${y(value)}` : `V${y(value)}`;
    return `${join}H${axis.place(seen[at + 1]?.atMs ?? Infinity)}`;
  });
  const limit =
    threshold === undefined
      ? harmlessHtml("")
      : html`<path class="threshold" d="M0 ${y(threshold)}H${WIDTH}" />`;
  return html`${limit}<path class="seen" d="${steps.join("")}" />`;
}

interface MailRowSetting {
  readonly axis: TimeAxis;
  readonly shade: Html;
  readonly nameOf: (alarmName: string) => string;
}

/** Above so many mails single marks would hide each other. */
const MAX_MAIL_MARKS = 60;

function mailRow(mails: readonly TimelineMail[], { axis, shade, nameOf }: MailRowSetting): Html {
  const alarms = mails.filter(({ state }) => state === "ALARM").length;
  const note = mails.length === 0 ? "none" : `${mails.length}, of them ${alarms} about an ALARM`;
  const marks = mails
    .slice(0, MAX_MAIL_MARKS)
    .map(
      (mail) =>
        html`<span
          class="mail mail-${mail.state}"
          style="left:${axis.percent(mail.atMs)}"
          title="${mail.state}: ${nameOf(mail.alarmName)} (${mail.topic})"
        ></span>`,
    );
  const shown = mails.length > MAX_MAIL_MARKS ? ` (the first ${MAX_MAIL_MARKS} are drawn)` : "";
  return html`<div class="row">
    <div class="name"><b>Mails</b> <span class="note">${note}${shown}</span></div>
    <div class="marks">
      <svg viewBox="0 0 ${WIDTH} 20" height="20" preserveAspectRatio="none" aria-hidden="true">${shade}</svg
      >${joinedHtml(marks)}
    </div>
  </div> `;
}

function axisRow(axis: TimeAxis): Html {
  const ticks = axis.ticks().map(({ atMs, text }, at) => {
    const kind = at % 2 === 1 && text !== "0" ? " minor" : "";
    return html`<span class="tick${kind}" style="left:${axis.percent(atMs)}">${text}</span>`;
  });
  return html`<div class="row axis" aria-hidden="true">
    <div class="name"></div>
    <div class="ticks">${joinedHtml(ticks)}</div>
  </div> `;
}
