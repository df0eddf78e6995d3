import { USUAL_CONDITIONS } from "../local/rehearsal/conditions.ts";
import type { FaultScenario } from "../local/rehearsal/scenario.ts";
import { type SimulatedTraffic, simulateTraffic } from "../local/rehearsal/simulation.ts";
import { scenarioNamed } from "../test/support/alarm-aims.ts";
import type { Bench, Figure } from "./bench.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Faults of each kind, and healthy months. */
const RUNS = 200;

interface CountedFault {
  readonly name: string;
  readonly hours: number;
}

const FAULTS: readonly CountedFault[] = [
  { name: "failing-share", hours: 24 },
  { name: "research-fails", hours: 48 },
];

/** A request of a user when it has ended. */
interface EndedRequest {
  readonly endMs: number;
  readonly isFailed: boolean;
}

/** What users asked in some days, as a rule sees it. */
interface Days {
  /** By their ends. */
  readonly ended: readonly EndedRequest[];
  /** When the fault begins; 0 where there is none. */
  readonly faultMs: number;
}

/** Whether a rule is met by what has ended up to a request, itself included: its place among them. */
type IsMet = (ended: readonly EndedRequest[], place: number) => boolean;

/** What could raise a ticket by users' failures alone, by what it is called. */
const RULES: Readonly<Record<string, IsMet>> = {
  ...counts({ minutes: 1, most: 5 }),
  ...counts({ minutes: 5, most: 4 }),
  "2 in a row": inARow(2, 2),
  "2 of 3 in a row": inARow(2, 3),
  "2 within 5 min, half of them": shareWithin({ count: 2, share: 0.5, withinMs: 5 * MINUTE_MS }),
  "2 within 3 h, half of them": shareWithin({ count: 2, share: 0.5, withinMs: 3 * HOUR_MS }),
  "2 of a day, a fifth of them": shareWithin({ count: 2, share: 0.2, withinMs: DAY_MS }),
  "3 of 1 min, or 2 in a row": either(countWithin(3, MINUTE_MS), inARow(2, 2)),
  "3 of 1 min, or 2 within 5 min": either(
    countWithin(3, MINUTE_MS),
    shareWithin({ count: 2, share: 0.5, withinMs: 5 * MINUTE_MS }),
  ),
  "4 of 1 min, or 2 within 5 min": either(
    countWithin(4, MINUTE_MS),
    shareWithin({ count: 2, share: 0.5, withinMs: 5 * MINUTE_MS }),
  ),
};

/** So many failing periods within 24 hours: one failure makes a period a failing one. */
function counts({
  minutes,
  most,
}: {
  readonly minutes: number;
  readonly most: number;
}): Record<string, IsMet> {
  const numbers = Array.from({ length: most }, (_, at) => at + 1);
  return Object.fromEntries(
    numbers.map((count) => [`${count} of ${minutes} min`, countWithin(count, minutes * MINUTE_MS)]),
  );
}

function countWithin(count: number, periodMs: number): IsMet {
  return (ended, place) => {
    const failed = within(ended, place, DAY_MS).filter(({ isFailed }) => isFailed);
    return new Set(failed.map(({ endMs }) => Math.floor(endMs / periodMs))).size >= count;
  };
}

/** So many failures among the newest requests. */
function inARow(count: number, of: number): IsMet {
  return (ended, place) => {
    const newest = ended.slice(Math.max(0, place + 1 - of), place + 1);
    return newest.filter(({ isFailed }) => isFailed).length >= count;
  };
}

function shareWithin(rule: {
  readonly count: number;
  readonly share: number;
  readonly withinMs: number;
}): IsMet {
  return (ended, place) => {
    const all = within(ended, place, rule.withinMs);
    const failed = all.filter(({ isFailed }) => isFailed).length;
    return failed >= rule.count && failed >= rule.share * all.length;
  };
}

function either(one: IsMet, other: IsMet): IsMet {
  return (ended, place) => one(ended, place) || other(ended, place);
}

function within(ended: readonly EndedRequest[], place: number, spanMs: number): readonly EndedRequest[] {
  const endMs = ended[place]?.endMs ?? 0;
  let first = place;
  while ((ended[first - 1]?.endMs ?? -Infinity) > endMs - spanMs) first -= 1;
  return ended.slice(first, place + 1);
}

/** What each rule would find by users' requests alone, and how often it would rise by chance. */
export const bench: Bench = {
  description: `rules that count users' failures: what ${RUNS} faults on weekdays and ${RUNS} healthy months give`,
  run: () => Promise.resolve([10, 30].flatMap((perDay) => figuresAt(perDay))),
};

function figuresAt(perDay: number): readonly Figure[] {
  const healthy = simulatedDays(perDay, { scenario: scenarioNamed("healthy"), days: 30 });
  const faulty = FAULTS.map(({ name, hours }) => ({
    name,
    hours,
    made: simulatedDays(perDay, { scenario: scenarioNamed(name, { durationHours: hours }), days: 5 }),
  }));
  return Object.entries(RULES).flatMap(([rule, isMet]) => {
    const title = `${perDay} a day, ${rule}`;
    const raised = healthy.reduce((sum, { ended }) => sum + rises(ended, isMet).length, 0);
    return [
      ...faulty.map(({ name, hours, made }) => ({
        name: `${title}: ${name} found in ${hours} h`,
        value: (100 * made.filter((days) => isFound(days, isMet, hours)).length) / RUNS,
        unit: "%",
      })),
      { name: `${title}: false in 30 days`, value: raised / RUNS, unit: "tickets" },
    ];
  });
}

function simulatedDays(
  perDay: number,
  plan: { readonly scenario: FaultScenario; readonly days: number },
): readonly Days[] {
  const common = { perDay, deadlineMs: 29_000, conditions: USUAL_CONDITIONS, quietHours: 24 };
  return Array.from({ length: RUNS }, (_, run) => {
    const traffic = simulateTraffic({ ...common, ...plan, seed: run + 1 });
    return { ended: endedRequests(traffic), faultMs: traffic.fault?.beginMs ?? 0 };
  });
}

/** Refused requests are neither a failure nor a success. */
function endedRequests({ requests }: SimulatedTraffic): readonly EndedRequest[] {
  return requests
    .filter(({ outcome }) => outcome !== "rejected" && outcome !== "unauthorized")
    .map(({ atMs, durationMs, outcome }) => ({ endMs: atMs + durationMs, isFailed: outcome === "failed" }))
    .sort((a, b) => a.endMs - b.endMs);
}

/** Ends of failed requests by which the rule is met, and was not before. */
function rises(ended: readonly EndedRequest[], isMet: IsMet): readonly number[] {
  return ended.flatMap(({ endMs, isFailed }, place) =>
    isFailed && isMet(ended, place) && (place === 0 || !isMet(ended, place - 1)) ? [endMs] : [],
  );
}

/** Whether the rule is met while the fault lasts; what was counted before it helps. */
function isFound({ ended, faultMs }: Days, isMet: IsMet, hours: number): boolean {
  return ended.some(
    ({ endMs, isFailed }, place) =>
      isFailed && endMs > faultMs && endMs <= faultMs + hours * HOUR_MS && isMet(ended, place),
  );
}
