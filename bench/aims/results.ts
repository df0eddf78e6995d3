import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "oxfmt";
import { simulate } from "../../local/rehearsal/simulation.ts";
import {
  type MeasuredStage,
  notifying,
  scenarioNamed,
  stageUnderTest,
  type StageUnderTest,
} from "../../test/support/alarm-aims.ts";
import type { Finding, Findings, MeasurementName } from "./measurements.ts";

/** The committed file that the tables of documents are made from. */
const RESULTS_FILE = join(import.meta.dirname, "results.json");

/** One measurement of one stage. */
export interface MeasuredAim {
  readonly stage: MeasuredStage;
  readonly measurement: MeasurementName;
  readonly runs: number;
  readonly findings: Findings;
}

/** Which alarms and which simulated days figures are of: those of others are stale. */
export interface Fingerprints {
  /** Of the alarms that page. */
  readonly pages: string;
  /** Of every alarm. */
  readonly all: string;
}

/** Measurements for which nothing but the alarms that page is replayed. */
const OF_PAGES: ReadonlySet<MeasurementName> = new Set(["outages", "second-outage", "probe-dead"]);

/** Whether a figure is of the alarms and days that were looked at. */
export function isCurrent(
  { measurement }: Pick<MeasuredAim, "measurement">,
  of: AimResults,
  now: Fingerprints,
) {
  const group = OF_PAGES.has(measurement) ? "pages" : "all";
  return of.fingerprints[group] === now[group];
}

/** Everything that was measured, all of it with seeds from 1 on. */
export interface AimResults {
  readonly fingerprints: Fingerprints;
  readonly measuredOn: string;
  readonly node: string;
  readonly aims: readonly MeasuredAim[];
}

/** Stages whose alarms the fingerprint is of: every kind of window that the traffic decides. */
const FINGERPRINTED: readonly MeasuredStage[] = [
  { profile: "full", perDay: 10, delays: "usual" },
  { profile: "default", perDay: 30, delays: "usual" },
  { profile: "full", perDay: 1000, delays: "slow" },
];

/**
 * Says which alarms and which simulated days there are: every condition, and what is published in some days.
 */
export async function fingerprints(): Promise<Fingerprints> {
  const [pages, all] = [createHash("sha256"), createHash("sha256")];
  for (const measured of FINGERPRINTED) {
    const stage = await stageUnderTest(measured);
    const published = JSON.stringify(publishedIn(stage));
    pages.update(conditionsText(notifying(stage, "page"))).update(published);
    all.update(conditionsText(stage)).update(published);
  }
  return { pages: pages.digest("hex").slice(0, 16), all: all.digest("hex").slice(0, 16) };
}

function conditionsText({ alarms }: StageUnderTest): string {
  return JSON.stringify(alarms.definitions, (key, value: unknown) =>
    key === "alarmDescription" ? undefined : value,
  );
}

function publishedIn({ plan }: StageUnderTest): unknown {
  const scenario = scenarioNamed("failing-share", { durationHours: 12 });
  const { published, faults } = simulate({ ...plan, scenario, seed: 1, days: 1, quietHours: 6 });
  return [faults, published];
}

/** Reads {@link RESULTS_FILE}. */
export async function readResults(): Promise<AimResults> {
  const text = await readFile(RESULTS_FILE, "utf8");
  // JSON has no infinity: a time that never came is null there.
  return JSON.parse(text, (_key, value: unknown) => (value === null ? Infinity : value)) as AimResults;
}

/** Writes {@link RESULTS_FILE}, with no more digits than mean something. */
export async function writeResults(results: AimResults): Promise<void> {
  const text = JSON.stringify(results, (_key, value: unknown) =>
    typeof value === "number" ? Math.round(value * 1000) / 1000 : value,
  );
  const { code } = await format(RESULTS_FILE, text, { printWidth: 110 });
  await writeFile(RESULTS_FILE, code);
}

/** Findings of one name over many stages, joined: the worst of each. */
export function worstOf(found: readonly Finding[]): Finding | undefined {
  return found.reduce<Finding | undefined>((worst, finding) => joinedFinding(worst, finding), undefined);
}

function joinedFinding(one: Finding | undefined, other: Finding): Finding {
  if (one === undefined) return other;
  if (one.kind === "minutes" && other.kind === "minutes")
    return {
      kind: "minutes",
      p50: Math.max(one.p50, other.p50),
      max: Math.max(one.max, other.max),
      of: one.of + other.of,
    };
  if (one.kind === "share" && other.kind === "share")
    return { kind: "share", count: one.count + other.count, of: one.of + other.of };
  if (one.kind === "rate" && other.kind === "rate")
    return { kind: "rate", count: one.count + other.count, months: one.months + other.months };
  if (one.kind === "count" && other.kind === "count")
    return {
      kind: "count",
      mean: (one.mean * one.of + other.mean * other.of) / Math.max(1, one.of + other.of),
      max: Math.max(one.max, other.max),
      of: one.of + other.of,
    };
  throw new Error(`${one.kind} and ${other.kind} are no figures of one thing`);
}
