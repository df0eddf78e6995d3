import type { AlarmDefinition, AlarmState } from "@wrist-agent/cloudwatch/alarm";
import { isAnswered } from "../../local/rehearsal/synthetic-traffic.ts";
import type { SentMail } from "../../local/rehearsal/replay.ts";
import type { TimeRange } from "../../local/rehearsal/scenario.ts";
import {
  aimRun,
  type AimRun,
  allClears,
  minutesToPage,
  notifying,
  OUTAGES,
  type RunChanges,
  scenarioNamed,
  type StageUnderTest,
} from "../../test/support/alarm-aims.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_HOURS = 24;

/**
 * Quiet hours around a fault of hours: longer than the warm-up of any alarm, so that no first OK is among its
 * mails.
 */
const QUIET_HOURS = 50;

/** What was found of one thing that must hold, with everything that an interval needs. */
export type Finding =
  | { readonly kind: "minutes"; readonly p50: number; readonly max: number; readonly of: number }
  | { readonly kind: "share"; readonly count: number; readonly of: number }
  | { readonly kind: "rate"; readonly count: number; readonly months: number }
  | { readonly kind: "count"; readonly mean: number; readonly max: number; readonly of: number };

/** Findings of a measurement by what they are about. */
export type Findings = Readonly<Record<string, Finding>>;

/** Measures one line of the table of aims, in so many runs. */
export type Measurement = (stage: StageUnderTest, runs: number) => Findings;

function runsOf<Result>(runs: number, make: (seed: number) => Result): readonly Result[] {
  return Array.from({ length: runs }, (_, run) => make(run + 1));
}

function minutesFound(given: readonly number[]): Finding {
  const sorted = given.toSorted((a, b) => a - b);
  const p50 = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return { kind: "minutes", p50, max: sorted.at(-1) ?? 0, of: sorted.length };
}

function countFound(given: readonly number[]): Finding {
  const mean = given.reduce((sum, count) => sum + count, 0) / Math.max(1, given.length);
  return { kind: "count", mean, max: Math.max(0, ...given), of: given.length };
}

function shareFound(given: readonly boolean[]): Finding {
  return { kind: "share", count: given.filter(Boolean).length, of: given.length };
}

/** A total outage of each kind for half an hour, with the alarms that page. */
const outages: Measurement = (stage, runs) => {
  const pages = notifying(stage, "page");
  const found: Record<string, Finding> = {};
  for (const name of OUTAGES) {
    const scenario = scenarioNamed(name, { durationHours: 0.5 });
    const made = runsOf(runs, (seed) => aimRun(pages, { scenario, seed, days: 0.25, quietHours: 1 }));
    found[`${name}: minutes to the page`] = minutesFound(
      made.flatMap((run) => minutesToPage(run).map((minutes = Infinity) => minutes)),
    );
    found[`${name}: false all-clears`] = countFound(made.map((run) => allClears(run).length));
  }
  return found;
};

/** Two outages of half an hour, half an hour to six hours apart. */
const secondOutage: Measurement = (stage, runs) => {
  const pages = notifying(stage, "page");
  const { repeats = { times: 2, gapMinutes: [30, 360] as const } } = scenarioNamed("second-outage");
  return Object.fromEntries(
    ["crash", "outage"].map((name) => {
      const scenario = scenarioNamed(name, { durationHours: 0.5, repeats });
      const made = runsOf(runs, (seed) => aimRun(pages, { scenario, seed, days: 0.5, quietHours: 1 }));
      return [`${name}: paged again`, shareFound(made.map((run) => minutesToPage(run)[1] !== undefined))];
    }),
  );
};

/** A share of the requests, or one mode, fails: whether anybody is notified in time. */
function partial(name: string, hours: number): Measurement {
  return (stage, runs) => {
    const failures = aboutFailures(stage);
    const users = withoutProbe(failures);
    const told = (of: StageUnderTest): Finding =>
      shareFound(runsOf(runs, (seed) => isNotified(aimRun(of, partialFault(name, { hours, seed })), hours)));
    return {
      [`notified within ${hours} h`]: told(failures),
      [`notified within ${hours} h without the probe`]: told(users),
    };
  };
}

/** A fault that begins at any time of a day, and on each weekday as often: requests are fewer at weekends. */
function partialFault(
  name: string,
  { hours, seed }: { readonly hours: number; readonly seed: number },
): RunChanges {
  const quietHours = DAY_HOURS * (1 + (seed % 7));
  const scenario = scenarioNamed(name, {
    durationHours: hours,
    beginsAt: ({ beginMs }, random) => beginMs + random() * DAY_HOURS * HOUR_MS,
  });
  return { scenario, seed, quietHours, days: Math.ceil((quietHours + DAY_HOURS + hours) / DAY_HOURS) };
}

function isNotified({ mails, simulation }: AimRun, hours: number): boolean {
  const beginMs = simulation.fault?.beginMs ?? 0;
  return mails.some(
    ({ state, atMs }) => state === "ALARM" && atMs > beginMs && atMs <= beginMs + hours * HOUR_MS,
  );
}

const ABOUT_FAILURES = /-(probe-failing|intermittent-failures|failing-[a-z]+|(fast|slow)-burn[a-z-]*)$/;
const OF_PROBE = /-(probe-failing|intermittent-failures)$/;

function withDefinitions(
  stage: StageUnderTest,
  isKept: (definition: AlarmDefinition) => boolean,
): StageUnderTest {
  return { ...stage, alarms: { ...stage.alarms, definitions: stage.alarms.definitions.filter(isKept) } };
}

function aboutFailures(stage: StageUnderTest): StageUnderTest {
  return withDefinitions(stage, ({ alarmName }) => ABOUT_FAILURES.test(alarmName));
}

/**
 * The same alarms where the probe never fails: those that read it say nothing, and composites of them what is
 * left.
 */
function withoutProbe(stage: StageUnderTest): StageUnderTest {
  const { probe: _, ...plan } = stage.plan;
  const silenced = stage.alarms.definitions.map((definition) =>
    OF_PROBE.test(definition.alarmName) ? { ...definition, alarmActions: [], okActions: [] } : definition,
  );
  return {
    plan,
    alarms: {
      ...stage.alarms,
      definitions: silenced.filter(({ alarmName }) => !alarmName.endsWith("probe-failing")),
    },
  };
}

/**
 * A day of a total outage of each kind with every alarm: mails, flapping, false all-clears, and when the
 * pages end.
 */
const outageDay: Measurement = (stage, runs) =>
  joined(OUTAGES.map((name) => incident(stage, { name, runs, hours: DAY_HOURS })));

/** Three of ten requests fail for two days, with every alarm. */
const partialIncident: Measurement = (stage, runs) =>
  incident(stage, { name: "failing-share", runs, hours: 2 * DAY_HOURS });

function joined(all: readonly Findings[]): Findings {
  return Object.assign({}, ...all) as Findings;
}

interface Incident {
  readonly name: string;
  readonly runs: number;
  readonly hours: number;
}

function incident(stage: StageUnderTest, { name, runs, hours }: Incident): Findings {
  const scenario = scenarioNamed(name, { durationHours: hours });
  const days = Math.ceil((2 * QUIET_HOURS + hours) / DAY_HOURS) + 1;
  const made = runsOf(runs, (seed) => aimRun(stage, { scenario, seed, days, quietHours: QUIET_HOURS }));
  return {
    [`${name}: mails to page`]: countFound(made.map((run) => mailsOf(run, run.pages).length)),
    [`${name}: mails to ticket`]: countFound(made.map((run) => mailsOf(run, run.tickets).length)),
    [`${name}: mails to a topic within a day`]: countFound(
      made.map((run) =>
        Math.max(mostWithinDay(mailsOf(run, run.pages)), mostWithinDay(mailsOf(run, run.tickets))),
      ),
    ),
    [`${name}: times that one alarm rises within a day`]: countFound(made.map(mostOfOneAlarm)),
    [`${name}: false all-clears`]: countFound(made.map((run) => allClears(run).length)),
    [`${name}: minutes from the evidence to OK of what pages`]: minutesFound(made.flatMap(minutesToOk)),
  };
}

/** Mails from the begin on; those of the day after the end belong to the incident. */
function mailsOf({ simulation: { fault } }: AimRun, mails: readonly SentMail[]): readonly SentMail[] {
  const { beginMs = 0, endMs = 0 } = fault ?? {};
  return mails.filter(({ atMs }) => atMs > beginMs && atMs < endMs + DAY_HOURS * HOUR_MS);
}

/** The most mails that lie within 24 hours of each other. */
function mostWithinDay(mails: readonly SentMail[]): number {
  const times = mails.map(({ atMs }) => atMs).sort((a, b) => a - b);
  const within = times.map(
    (fromMs) => times.filter((atMs) => atMs >= fromMs && atMs < fromMs + DAY_HOURS * HOUR_MS).length,
  );
  return Math.max(0, ...within);
}

function mostOfOneAlarm(run: AimRun): number {
  const rising = mailsOf(run, run.mails).filter(({ state }) => state === "ALARM");
  const names = new Set(rising.map(({ alarmName }) => alarmName));
  return Math.max(
    0,
    ...[...names].map((name) => mostWithinDay(rising.filter(({ alarmName }) => alarmName === name))),
  );
}

/**
 * From the first sign that it is over, a good run of the probe or an answer to a user, to the OK of each
 * alarm that paged.
 */
function minutesToOk(run: AimRun): readonly number[] {
  const { fault, endMs: lastMs } = run.simulation;
  if (fault === undefined) return [];
  const names = new Set(run.pages.map(({ alarmName }) => alarmName));
  return [...names].flatMap((alarmName) => {
    if (stateAt(run, alarmName, fault) !== "ALARM") return [];
    const evidenceMs = alarmName.endsWith("probe-failing") ? fault.endMs : firstAnswerMs(run, fault);
    if (evidenceMs > lastMs - HOUR_MS) return [];
    const ok = run.pages.find(
      (mail) => mail.alarmName === alarmName && mail.state === "OK" && mail.atMs > fault.endMs,
    );
    return [((ok?.atMs ?? Infinity) - evidenceMs) / MINUTE_MS];
  });
}

function stateAt({ changes }: AimRun, alarmName: string, { endMs }: TimeRange): AlarmState | undefined {
  return changes.findLast((change) => change.alarmName === alarmName && change.atMs < endMs)?.state;
}

function firstAnswerMs({ simulation: { requests } }: AimRun, { endMs }: TimeRange): number {
  const answers = requests.filter(({ atMs, outcome }) => atMs >= endMs && isAnswered(outcome));
  return Math.min(...answers.map(({ atMs, durationMs }) => atMs + durationMs));
}

/** Thirty days in which 1 % of the requests fail by chance, with every alarm. */
const quiet: Measurement = (stage, months) => {
  const made = runsOf(months, (seed) =>
    aimRun(stage, { scenario: scenarioNamed("healthy"), seed, days: 30 }),
  );
  const alarming = (mails: readonly SentMail[]): number =>
    mails.filter(({ state }) => state === "ALARM").length;
  const total = (of: (run: AimRun) => readonly SentMail[]): Finding => ({
    kind: "rate",
    count: made.reduce((sum, run) => sum + alarming(of(run)), 0),
    months,
  });
  return { "false pages": total(({ pages }) => pages), "false tickets": total(({ tickets }) => tickets) };
};

/** The probe does not run for an hour, and the agent is well. */
const probeDead: Measurement = (stage, runs) => {
  const pages = notifying(stage, "page");
  const scenario = scenarioNamed("probe-dead", { durationHours: 1 });
  const made = runsOf(runs, (seed) => aimRun(pages, { scenario, seed, days: 0.25, quietHours: 1 }));
  return {
    "minutes to the page": minutesFound(
      made.flatMap((run) => minutesToPage(run).map((each = Infinity) => each)),
    ),
  };
};

/** What is measured, by a name for options and files. */
export const MEASUREMENTS = {
  outages,
  "second-outage": secondOutage,
  "thirty-percent": partial("failing-share", DAY_HOURS),
  "ten-percent": partial("failing-tenth", DAY_HOURS),
  research: partial("research-fails", 2 * DAY_HOURS),
  "outage-day": outageDay,
  "partial-incident": partialIncident,
  quiet,
  "probe-dead": probeDead,
} as const satisfies Readonly<Record<string, Measurement>>;

/** One of {@link MEASUREMENTS}. */
export type MeasurementName = keyof typeof MEASUREMENTS;
