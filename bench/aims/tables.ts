import { poissonInterval, wilsonInterval } from "../../local/rehearsal/statistics.ts";
import { type MeasuredStage, OUTAGES } from "../../test/support/alarm-aims.ts";
import type { Figure } from "../bench.ts";
import type { Finding, MeasurementName } from "./measurements.ts";
import { type AimResults, type MeasuredAim, worstOf } from "./results.ts";

type Row = readonly string[];

/** Every finding of a measurement that is about something, whatever the stage. */
function findingsOf({ aims }: AimResults, measurement: MeasurementName, about: string): readonly Finding[] {
  return aims
    .filter((aim) => aim.measurement === measurement)
    .flatMap(({ findings }) => findings[about] ?? []);
}

function worst(results: AimResults, measurement: MeasurementName, about: string): Finding | undefined {
  return worstOf(findingsOf(results, measurement, about));
}

function minutesText(minutes: number): string {
  return Number.isFinite(minutes) ? `${minutes.toFixed(1)} min` : "never";
}

/** A finding as a document says it, with the interval of 95 % and what it is out of. */
function findingText(finding: Finding | undefined): string {
  switch (finding?.kind) {
    case undefined:
      return "not measured";
    case "minutes":
      return `p50 ${minutesText(finding.p50)}, max ${minutesText(finding.max)} (n = ${finding.of.toLocaleString("en-US")})`;
    case "share":
      return shareText(finding);
    case "rate":
      return rateText(finding);
    case "count":
      return `mean ${finding.mean.toFixed(1)}, max ${finding.max} (n = ${finding.of.toLocaleString("en-US")})`;
  }
}

function shareText({ count, of }: Extract<Finding, { readonly kind: "share" }>): string {
  const { low, high } = wilsonInterval(count, of);
  const percent = (share: number): string => (100 * share).toFixed(1);
  return `${percent(count / of)} % (${percent(low)} to ${percent(high)}, n = ${of.toLocaleString("en-US")})`;
}

function rateText({ count, months }: Extract<Finding, { readonly kind: "rate" }>): string {
  const { low, high } = poissonInterval(count);
  const monthly = (happened: number): string => (happened / months).toFixed(2);
  return `${monthly(count)} (${monthly(low)} to ${monthly(high)}, n = ${months})`;
}

/** Total outages: what is joined is the worst over all traffics and delays. */
export function outageTable(results: AimResults): readonly Row[] {
  const rows = OUTAGES.map((name) => [
    `\`${name}\``,
    findingText(worst(results, "outages", `${name}: minutes to the page`)),
    findingText(worst(results, "outages", `${name}: false all-clears`)),
    findingText(worst(results, "outage-day", `${name}: mails to a topic within a day`)),
  ]);
  return [["Outage", "Mail to the page topic", "False all-clears", "Mails to a topic within a day"], ...rows];
}

function stageText({ profile, perDay, delays }: MeasuredStage): string {
  return `\`${profile}\`, ${perDay.toLocaleString("en-US")} a day, \`${delays}\``;
}

/** A share or a rate of fewer runs says little: it stays in the file of results. */
const LEAST_RUNS: Readonly<Partial<Record<MeasurementName, number>>> = {
  "thirty-percent": 20,
  "ten-percent": 20,
  research: 20,
  quiet: 5,
};

/** What was measured of a measurement in runs enough, each stage by itself. */
function stagesOf({ aims }: AimResults, measurement: MeasurementName): readonly MeasuredAim[] {
  const least = LEAST_RUNS[measurement] ?? 1;
  return aims.filter((aim) => aim.measurement === measurement && aim.runs >= least);
}

const PARTIAL = [
  ["thirty-percent", "30 % fail, notified in 24 h"],
  ["ten-percent", "10 % fail, notified in 24 h"],
  ["research", "research fails, notified in 48 h"],
] as const satisfies readonly (readonly [MeasurementName, string])[];

/** Partial faults by stage: each with the probe, and by users' requests alone. */
export function partialTable(results: AimResults): readonly Row[] {
  const rows = PARTIAL.flatMap(([measurement, title]) =>
    stagesOf(results, measurement).map(({ stage, findings }) => [
      title,
      stageText(stage),
      ...Object.values(findings).map(findingText),
    ]),
  );
  return [["Fault", "Stage", "With the probe", "Users alone"], ...rows];
}

/** Thirty quiet days by stage. */
export function quietTable(results: AimResults): readonly Row[] {
  const rows = stagesOf(results, "quiet").map(({ stage, findings }) => [
    stageText(stage),
    findingText(findings["false pages"]),
    findingText(findings["false tickets"]),
  ]);
  return [["Stage", "False pages in 30 days", "False tickets in 30 days"], ...rows];
}

const INCIDENT = "failing-share";

/** What else must hold, the worst over every stage. */
export function otherTable(results: AimResults): readonly Row[] {
  const ofIncident = (about: string): string =>
    findingText(worst(results, "partial-incident", `${INCIDENT}: ${about}`));
  const ofOutages = (about: string): string =>
    findingText(worstOf(OUTAGES.flatMap((name) => findingsOf(results, "outage-day", `${name}: ${about}`))));
  return [
    ["What", "Aim", "Measured"],
    [
      "a second outage, half an hour to six hours later, is paged",
      "every run",
      findingText(
        worstOf(
          ["crash", "outage"].flatMap((name) => findingsOf(results, "second-outage", `${name}: paged again`)),
        ),
      ),
    ],
    ["a dead probe is paged", "12 min", findingText(worst(results, "probe-dead", "minutes to the page"))],
    ["three of ten requests fail for two days: mails to the page topic", "12", ofIncident("mails to page")],
    ["the same: mails to the ticket topic", "12", ofIncident("mails to ticket")],
    ["the same: false all-clears", "2", ofIncident("false all-clears")],
    [
      "the same: times that one alarm rises within a day",
      "3",
      ofIncident("times that one alarm rises within a day"),
    ],
    [
      "a day of a total outage: times that one alarm rises within a day",
      "3",
      ofOutages("times that one alarm rises within a day"),
    ],
    [
      "from the first evidence of the end to OK of what paged",
      "15 min",
      ofOutages("minutes from the evidence to OK of what pages"),
    ],
  ];
}

/** Figures of a bench, a row for each variant: what stands before the colon of their names. */
export function variantTable(head: Row, figures: readonly Figure[]): readonly Row[] {
  const values = new Map<string, string[]>();
  for (const { name, value, unit } of figures) {
    const variant = name.slice(0, name.indexOf(": "));
    const cells = values.get(variant) ?? [];
    cells.push(unit === "%" ? `${value.toFixed(1)} %` : value.toFixed(2));
    values.set(variant, cells);
  }
  return [head, ...[...values].map(([variant, cells]) => [variant, ...cells])];
}

/** How the figures were made, for whoever wants to make them again. */
export function measuredLine({ measuredOn, node, fingerprints }: AimResults): string {
  return `Measured on ${measuredOn} with Node ${node}, seeds from 1 on, alarms and simulated days \`${fingerprints.all}\`.`;
}
