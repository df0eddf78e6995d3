import { isComposite } from "@wrist-agent/cloudwatch/alarm";
import {
  requestTimes,
  healthyRequest,
  SIMULATION_START_MS,
  type SimulatedRequest,
} from "../local/rehearsal/synthetic-traffic.ts";
import { seededRandom } from "../local/random.ts";
import {
  AlarmTrial,
  firstAlarm,
  synthesisedAlarms,
  type AlarmsByKey,
  type Change,
} from "../test/support/alarm-trial.ts";
import type { Bench, Figure } from "./bench.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const PAGES = ["failing-now", "url-5xx", "fast-burn-long", "fast-burn-short", "fast-burn"];
const TICKETS = [
  "failing-share",
  "degraded-replies",
  "slow-burn-long",
  "slow-burn-short",
  "slow-burn",
  "unusual-traffic",
];

interface SimulatedTraffic {
  readonly requests: readonly SimulatedRequest[];
  readonly days: number;
}

/** Evaluates every five minutes: each period ends at one of these instants. */
function changesOf(
  alarms: AlarmsByKey,
  keys: readonly string[],
  { requests, days }: SimulatedTraffic,
): readonly Change[] {
  const definitions = keys.flatMap((key) => alarms.get(key) ?? []);
  const trial = new AlarmTrial(
    definitions.filter((each) => !isComposite(each)).concat(definitions.filter(isComposite)),
  );
  return trial.tell(requests).runTo(SIMULATION_START_MS + days * DAY, 5 * MINUTE);
}

function falseAlarms(alarms: AlarmsByKey, perDay: number, months: number): readonly Figure[] {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < months; seed += 1) {
    const random = seededRandom(9000 + seed);
    const requests = requestTimes({ random, perDay, days: 30 }).map((atMs) => healthyRequest(random, atMs));
    for (const { key, state } of changesOf(alarms, [...PAGES, ...TICKETS], { requests, days: 30 }))
      if (state === "ALARM") counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...PAGES, ...TICKETS].map((key) => ({
    name: `${perDay} a day: ${key}, false alarms in 30 days`,
    value: (counts.get(key) ?? 0) / months,
    unit: "alarms",
  }));
}

interface Fault {
  readonly key: string;
  readonly share: number;
}

const FAULTS: readonly Fault[] = [
  { key: "failing-now", share: 1 },
  { key: "url-5xx", share: 1 },
  { key: "fast-burn", share: 0.3 },
  { key: "fast-burn", share: 0.15 },
  { key: "slow-burn", share: 0.1 },
  { key: "slow-burn", share: 0.05 },
];

/** Hours from the begin of a fault to the alarm in one run. */
function hoursToAlarm(alarms: AlarmsByKey, perDay: number, fault: Fault & { readonly seed: number }): number {
  const { key, share, seed } = fault;
  const keys = key.endsWith("burn") ? [`${key}-long`, `${key}-short`, key] : [key];
  const random = seededRandom(100 + seed);
  const fromMs = SIMULATION_START_MS + DAY + random() * DAY;
  const requests = requestTimes({ random, perDay, days: 10 }).map((atMs) =>
    healthyRequest(random, atMs, atMs < fromMs ? 0.002 : share),
  );
  const changes = changesOf(alarms, keys, { requests, days: 10 }).filter((change) => change.key === key);
  const at = firstAlarm(changes, fromMs);
  return at === undefined ? Infinity : (at - fromMs) / HOUR;
}

function detection(alarms: AlarmsByKey, perDay: number, fault: Fault): readonly Figure[] {
  const runs = perDay > 1000 ? 3 : 20;
  const hours = Array.from({ length: runs }, (_, seed) => hoursToAlarm(alarms, perDay, { ...fault, seed }));
  hours.sort((a, b) => a - b);
  const at = (share: number): number => hours[Math.floor(share * (hours.length - 1))] ?? Infinity;
  const name = `${perDay} a day: ${fault.key} at ${fault.share * 100} %`;
  return [
    { name: `${name}, median`, value: at(0.5), unit: "h" },
    { name: `${name}, 95 % of runs`, value: at(0.95), unit: "h" },
  ];
}

/** The failure alarms of the full profile on seeded traffic; `npm run cli -- rehearse` covers every alarm. */
export const bench: Bench = {
  description:
    "failure alarms of the full profile: false alarms in 30 days, hours until shares of failures are found",
  run: async () => {
    const figures: Figure[] = [];
    for (const perDay of [10, 30, 100, 10_000]) {
      const alarms = await synthesisedAlarms(perDay);
      figures.push(...falseAlarms(alarms, perDay, perDay > 1000 ? 1 : 10));
      figures.push(...FAULTS.flatMap((fault) => detection(alarms, perDay, fault)));
    }
    return figures;
  },
};
