import { describe, expect, test } from "vitest";
import { htmlReport, type PageContent } from "../../../local/rehearsal/html-report.ts";
import type { Timeline } from "../../../local/rehearsal/record-timeline.ts";
import {
  alarmSummary,
  rate,
  rehearsalReport,
  share,
  spread,
  topicSummary,
} from "../../support/rehearsal-report.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const BEGIN = Date.UTC(2026, 8, 17, 12);

const TIMELINE: Timeline = {
  seed: 7,
  shown: { beginMs: BEGIN - HOUR, endMs: BEGIN + 3 * HOUR },
  faults: [{ beginMs: BEGIN, endMs: BEGIN + HOUR }],
  requests: [
    { atMs: BEGIN - MINUTE, outcome: "served" },
    { atMs: BEGIN + MINUTE, outcome: "failed" },
    { atMs: BEGIN + 2 * MINUTE, outcome: "anonymous" },
  ],
  probeRuns: [
    { atMs: BEGIN - MINUTE, hasFailed: false },
    { atMs: BEGIN + MINUTE, hasFailed: true },
  ],
  alarms: [
    {
      alarmName: "wrist-agent-production-failing-now",
      threshold: 2,
      states: [
        { atMs: BEGIN - HOUR, state: "OK", reason: "" },
        { atMs: BEGIN + 5 * MINUTE, state: "ALARM", reason: "Threshold Crossed: <3> & more" },
        { atMs: BEGIN + HOUR, state: "OK", reason: "Threshold Crossed: no datapoints" },
      ],
      seen: [
        { atMs: BEGIN - HOUR, value: 0 },
        { atMs: BEGIN + 4 * MINUTE, value: 3 },
        { atMs: BEGIN + HOUR },
      ],
    },
  ],
  mails: [
    {
      atMs: BEGIN + 6 * MINUTE,
      alarmName: "wrist-agent-production-failing-now",
      state: "ALARM",
      topic: "page",
    },
  ],
};

const REPORT = rehearsalReport({
  firstNotification: { notified: share(4, 4), timeToNotify: spread(3.5, 8) },
  topics: [
    topicSummary({ notified: share(4, 4), timeToNotify: spread(3.5, 8), mails: { mean: 2.5, max: 4 } }),
  ],
  alarms: [
    alarmSummary({
      detected: share(3, 4),
      timeToDetect: spread(90, 300),
      falseAllClears: 2,
      falsePositives: rate(0.08),
    }),
  ],
  unpublished: ["AnomalyScore"],
});

/** The page without the blanks around its tags. */
async function page(changes: Partial<PageContent> = {}): Promise<string> {
  const text = await htmlReport({
    title: "Rehearsal",
    subtitle: "runs 4",
    scenarios: [{ report: REPORT, timeline: TIMELINE }],
    nameOf: (name) => name.replace("wrist-agent-production-", ""),
    ...changes,
  });
  return text.replaceAll(/\s+/g, " ").replaceAll(/ *(<[^>]+>) */g, "$1");
}

describe("the page of a rehearsal", () => {
  test("asks nobody for anything, and forbids that anything in it does", async () => {
    const text = await page();
    expect(text).not.toMatch(/<script|<link|<img|src=|@import|url\(|https?:\/\//);
    expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(text).toContain('name="viewport" content="width=device-width, initial-scale=1"');
    expect(text).toContain("color-scheme: light dark");
  });

  test("has the figures of each fault, with their intervals", async () => {
    const text = await page();
    expect(text).toContain(`100 %<span class="interval">[51.0 %, 100 %]</span>`);
    expect(text).toContain(`75 %<span class="interval">[30.1 %, 95.4 %]</span>`);
    expect(text).toContain(`<td class="number bad">2</td>`);
    for (const figure of ["3.5 min", "8.0 min", "1.5 h", "5.0 h", "2.5", "0.08"])
      expect(text).toContain(`>${figure}<`);
    expect(text).toContain("alarms on AnomalyScore saw no data");
  });

  test("draws requests, probe, states, what the alarm saw and mails on one axis", async () => {
    const text = await page();
    expect(text).toContain("1 answered, 1 refused, 1 failed");
    expect(text).toContain("2 runs, 1 failed");
    // The range is four hours, so that an hour is a quarter of the drawing; ALARM begins after 65 minutes.
    expect(text).toContain(`<rect class="fault" x="250" y="0" width="250" height="100" />`);
    expect(text).toContain(`<rect class="state-ALARM" x="270.8" y="0" width="229.2" height="12" />`);
    expect(text).toMatch(/<path class="seen" d="M0 39\.0H266\.7V\d+\.\dH500" \/>/);
    expect(text).toContain(`class="threshold"`);
    expect(text).toContain(`style="left:27.50%" title="ALARM: failing-now (page)"`);
    expect(text).toContain(">+1 h<");
  });

  test("says what happened when, and escapes what it says", async () => {
    const text = await page();
    expect(text).toContain("Threshold Crossed: &lt;3&gt; &amp; more");
    expect(text).toMatch(/\+5\.0 min<\/td><td>failing-now<\/td><td>ALARM<\/td>/);
    expect(text).toMatch(
      /\+6\.0 min<\/td><td>failing-now<\/td><td>mail: ALARM<\/td><td class="reason">to page/,
    );
    expect(await page({ title: '<b>"x"' })).toContain("<title>&lt;b&gt;&quot;x&quot;</title>");
  });

  test("sets baselines beside the alarms that are rehearsed, without a section of their own", async () => {
    const baseline = { report: { ...REPORT, alarmSet: "slic-watch" } };
    const text = await page({ scenarios: [{ report: REPORT, timeline: TIMELINE }, baseline] });
    expect(text).toContain("<td>slic-watch</td>");
    expect(text.match(/<section id=/g)).toHaveLength(1);
  });

  test("says what got slower since another rehearsal", async () => {
    const difference = {
      scenario: "outage",
      subject: "page",
      figure: "time to notify, max",
      kind: "time",
    } as const;
    const text = await page({
      differences: [{ ...difference, verdict: "slower", before: 300_000, after: 540_000 }],
    });
    expect(text).toMatch(/<td class="bad">slower<\/td>.*5\.0 min.*9\.0 min/);
    expect(await page({ differences: [] })).toContain("Nothing differs.");
  });

  test("of healthy days has no times", async () => {
    const healthy = rehearsalReport({ scenario: "healthy", faultDurationMs: 0 });
    const { faults: _none, ...rest } = TIMELINE;
    const text = await page({ scenarios: [{ report: healthy, timeline: { ...rest, faults: [] } }] });
    expect(text).toContain("false positives in 30 days");
    expect(text).not.toContain("to the first mail, p50");
    expect(text).toContain("the first run");
  });
});
