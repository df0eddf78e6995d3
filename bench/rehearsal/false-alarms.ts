import { parseArgs } from "node:util";
import { isComposite } from "../../local/cloudwatch/alarm/alarm-status.ts";
import {
  AlarmTrial,
  firstAlarm,
  synthesisedAlarms,
  type AlarmsByKey,
  type Change,
} from "../../test/support/alarm-trial.ts";
import {
  dictatedAt,
  healthy,
  MONDAY_MS,
  seeded,
  type DictatedRequest,
} from "../../test/support/dictating-days.ts";

/**
 * Rehearses the alarms of the full profile on seeded traffic: false alarms in 30 days at 1 % random failures, and how long a
 * fault of some percent takes to be found. `node --import tsx bench/rehearsal/false-alarms.ts --months 20`.
 */
const { values } = parseArgs({
  options: {
    months: { type: "string", default: "10" },
    traffic: { type: "string", default: "10,30,100,10000" },
  },
});
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

interface Lived {
  readonly requests: readonly DictatedRequest[];
  readonly days: number;
}

/** Evaluates every five minutes: each period ends at one of these instants. */
function changesOf(
  alarms: AlarmsByKey,
  keys: readonly string[],
  { requests, days }: Lived,
): readonly Change[] {
  const definitions = keys.flatMap((key) => alarms.get(key) ?? []);
  const trial = new AlarmTrial(
    definitions.filter((each) => !isComposite(each)).concat(definitions.filter(isComposite)),
  );
  return trial.tell(requests).runTo(MONDAY_MS + days * DAY, 5 * MINUTE);
}

function falseAlarms(alarms: AlarmsByKey, perDay: number, months: number): string {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < months; seed += 1) {
    const random = seeded(9000 + seed);
    const requests = dictatedAt({ random, perDay, days: 30 }).map((atMs) => healthy(random, atMs));
    for (const { key, state } of changesOf(alarms, [...PAGES, ...TICKETS], { requests, days: 30 }))
      if (state === "ALARM") counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...PAGES, ...TICKETS]
    .map((key) => `${key} ${((counts.get(key) ?? 0) / months).toFixed(2)}`)
    .join(", ");
}

function detection(
  alarms: AlarmsByKey,
  perDay: number,
  { share, key, runs }: { share: number; key: string; runs: number },
): string {
  const hours: number[] = [];
  const keys = key.endsWith("burn") ? [`${key}-long`, `${key}-short`, key] : [key];
  for (let seed = 0; seed < runs; seed += 1) {
    const random = seeded(100 + seed);
    const fromMs = MONDAY_MS + DAY + random() * DAY;
    const requests = dictatedAt({ random, perDay, days: 10 }).map((atMs) =>
      healthy(random, atMs, atMs < fromMs ? 0.002 : share),
    );
    const at = firstAlarm(
      changesOf(alarms, keys, { requests, days: 10 }).filter((change) => change.key === key),
      fromMs,
    );
    hours.push(at === undefined ? Infinity : (at - fromMs) / HOUR);
  }
  hours.sort((a, b) => a - b);
  const at = (q: number): string => (hours[Math.floor(q * (hours.length - 1))] ?? Infinity).toFixed(1);
  return `${key} at ${share * 100} %: median ${at(0.5)} h, 95 % ${at(0.95)} h`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

for (const perDay of values.traffic.split(",").map(Number)) {
  const alarms = await synthesisedAlarms(perDay);
  const months = perDay > 1000 ? 1 : Number(values.months);
  say(`${perDay} a day, false alarms in 30 days (${months} months): ${falseAlarms(alarms, perDay, months)}`);
  const runs = perDay > 1000 ? 3 : 20;
  for (const [key, share] of [
    ["failing-now", 1],
    ["url-5xx", 1],
    ["fast-burn", 0.3],
    ["fast-burn", 0.15],
    ["slow-burn", 0.1],
    ["slow-burn", 0.05],
  ] as const)
    say(`  ${detection(alarms, perDay, { share, key, runs })}`);
}
