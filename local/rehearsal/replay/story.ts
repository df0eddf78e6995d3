import {
  dictatedAt,
  healthy,
  MONDAY_MS,
  type DictatedRequest,
  type Fate,
} from "../traffic/dictating-days.ts";
import { publishedOf, publishedOfProbe, type Published } from "../traffic/published-metrics.ts";
import { seeded, type Random } from "../traffic/random.ts";
import type { Scenario, Span } from "./scenario.ts";

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Days before a fault may begin, so that every window is full, and days after its end to come back in. */
const DAYS_BEFORE = 2;
const DAYS_AFTER = 2;

/** Share of requests, and of the probe's tries, that fail on any day. */
const BAD_LUCK = 0.01;

/** When the tries of a run begin: pauses of two and four seconds, and an answer of one. */
const PROBE_ANSWER_MS = SECOND_MS;
const PROBE_TRIES_MS = [0, 3 * SECOND_MS, 8 * SECOND_MS] as const;

/** Whoever gets no answer tries again so often, at most so many times, and so soon. */
const TRIES_AGAIN = 0.7;
const MOST_TRIES = 4;
const SOONEST_MS = 15 * SECOND_MS;
const LATEST_MS = 60 * SECOND_MS;

/** Fates after which a person holds no note in the hand. */
const UNANSWERED: ReadonlySet<Fate> = new Set(["failed", "crashed", "throttled", "unreachable"]);

/** What to tell a story of. */
export interface Plot {
  readonly scenario: Scenario;
  readonly perDay: number;
  readonly days: number;
  readonly seed: number;
  /** Minutes between two runs of the probe; 0 where there is none. */
  readonly probeMinutes: number;
  /** When the handler gives up, milliseconds after the request. */
  readonly deadlineMs: number;
}

/** Some days as CloudWatch hears of them. */
export interface Story {
  /** Oldest first. */
  readonly published: readonly Published[];
  readonly endMs: number;
  /** Missing where nothing goes wrong. */
  readonly fault?: Span;
  /** When the fault first touched a request of somebody; missing where it never did. */
  readonly firstWrongMs?: number;
}

/** The least days that hold a scenario with quiet days on both sides. */
export function leastDays({ lastsHours }: Scenario): number {
  return DAYS_BEFORE + Math.ceil(lastsHours / 24) + 1 + DAYS_AFTER;
}

/** Tells one story; the same plot is always the same story. */
export function storyOf(plot: Plot): Story {
  const random = seeded(plot.seed);
  const fault = faultSpan(plot, random);
  const day = { random, perDay: plot.perDay, days: plot.days };
  const person = dictatedAt(day).flatMap((atMs) => triesOf(atMs, { plot, fault, random }));
  const strangers = fault === undefined ? [] : (plot.scenario.intrudes?.(fault, random) ?? []);
  const requests = [...person, ...strangers];
  const touched = requests.filter(({ atMs }) => fault !== undefined && isWithin(fault, atMs));
  const { befalls, intrudes } = plot.scenario;
  const endMs = MONDAY_MS + plot.days * DAY_MS;
  const published = [
    ...requests.flatMap(publishedOf),
    ...probeRuns({ plot, fault, random }),
    ...chargesOf(requests, endMs),
  ];
  return {
    published: published.sort((a, b) => a.atMs - b.atMs),
    endMs,
    ...(fault && { fault }),
    ...((befalls ?? intrudes) && touched.length > 0 && { firstWrongMs: earliest(touched) }),
  };
}

function earliest(requests: readonly DictatedRequest[]): number {
  return requests.reduce((least, { atMs }) => Math.min(least, atMs), Infinity);
}

/** At any minute of any hour: faults do not wait for daylight. */
function faultSpan({ scenario, days }: Plot, random: Random): Span | undefined {
  if (scenario.lastsHours === 0) return undefined;
  const lastsMs = scenario.lastsHours * HOUR_MS;
  const free = (days - DAYS_BEFORE - DAYS_AFTER) * DAY_MS - lastsMs;
  const beginMs = MONDAY_MS + DAYS_BEFORE * DAY_MS + Math.floor(random() * Math.max(0, free));
  return { beginMs, endMs: beginMs + lastsMs };
}

function isWithin({ beginMs, endMs }: Span, atMs: number): boolean {
  return atMs >= beginMs && atMs < endMs;
}

interface Telling {
  readonly plot: Plot;
  readonly fault: Span | undefined;
  readonly random: Random;
}

/** A request, and the tries that follow while nothing comes back. */
function triesOf(firstMs: number, telling: Telling): readonly DictatedRequest[] {
  const { random } = telling;
  const tries = [toldAt(firstMs, telling)];
  for (let last = tries[0]; last !== undefined && tries.length < MOST_TRIES; last = tries.at(-1)) {
    if (!UNANSWERED.has(last.fate) || random() >= TRIES_AGAIN) break;
    const pauseMs = SOONEST_MS + Math.floor(random() * (LATEST_MS - SOONEST_MS));
    tries.push(toldAt(last.atMs + pauseMs, telling));
  }
  return tries;
}

function toldAt(atMs: number, { plot, fault, random }: Telling): DictatedRequest {
  const request = healthy(random, atMs, BAD_LUCK);
  const isWrong = fault !== undefined && isWithin(fault, atMs);
  const told = isWrong ? (plot.scenario.befalls?.(request, random) ?? request) : request;
  if (told.durationMs <= plot.deadlineMs) return told;
  return { ...told, durationMs: plot.deadlineMs, fate: "failed" };
}

const failed = (request: DictatedRequest): DictatedRequest => ({ ...request, fate: "failed" });

/** Chance that lets happen whatever may happen. */
const certainly: Random = () => 0;

/** The runs of the probe, and what the agent says of each try. */
function probeRuns(telling: Telling): readonly Published[] {
  const { plot, fault, random } = telling;
  if (plot.probeMinutes === 0) return [];
  const everyMs = plot.probeMinutes * MINUTE_MS;
  const published: Published[] = [];
  for (
    let atMs = MONDAY_MS + Math.floor(random() * everyMs);
    atMs < MONDAY_MS + plot.days * DAY_MS;
    atMs += everyMs
  ) {
    const isWrong = fault !== undefined && isWithin(fault, atMs);
    if (!isWrong || plot.scenario.probe !== "silent") published.push(...runAt(atMs, isWrong, telling));
  }
  return published;
}

/** Tries until one is answered; a run whose tries all fail says 1. */
function runAt(atMs: number, isWrong: boolean, { plot, random }: Telling): readonly Published[] {
  const { probe, befalls } = isWrong ? plot.scenario : {};
  const share = typeof probe === "number" ? probe : BAD_LUCK;
  const wrong = typeof probe === "number" ? (befalls ?? failed) : failed;
  const all = PROBE_TRIES_MS.map((afterMs): DictatedRequest => {
    const served = { atMs: atMs + afterMs, durationMs: PROBE_ANSWER_MS, costUsd: 0, fate: "served" } as const;
    return random() < share ? wrong(served, certainly) : served;
  });
  const answered = all.findIndex(({ fate }) => !UNANSWERED.has(fate));
  const tries = answered < 0 ? all : all.slice(0, answered + 1);
  const values = { Failure: answered < 0 ? 1 : 0 };
  return [...tries.flatMap(publishedOfProbe), { by: "probe", atMs, values }];
}

const CHARGES_EVERY_MS = 6 * HOUR_MS;

/** The month's charges so far, every six hours: what the model cost, from 0 on the first day. */
function chargesOf(requests: readonly DictatedRequest[], endMs: number): readonly Published[] {
  const figures: Published[] = [];
  const oldestFirst = requests.toSorted((a, b) => a.atMs - b.atMs);
  let usd = 0;
  let next = 0;
  for (let atMs = MONDAY_MS + CHARGES_EVERY_MS; atMs < endMs; atMs += CHARGES_EVERY_MS) {
    for (let paid = oldestFirst[next]; paid !== undefined && paid.atMs < atMs; paid = oldestFirst[next]) {
      usd += paid.fate === "served" || paid.fate === "degraded" ? paid.costUsd : 0;
      next += 1;
    }
    figures.push({ by: "billing", atMs, values: { EstimatedCharges: usd } });
  }
  return figures;
}
