import { parseArgs } from "node:util";
import type { DelayModel } from "../../local/rehearsal/conditions.ts";
import { type MeasuredStage, stageUnderTest, type StageUnderTest } from "../../test/support/alarm-aims.ts";
import { MEASUREMENTS, type MeasurementName } from "./measurements.ts";
import {
  type AimResults,
  type Fingerprints,
  fingerprints,
  isCurrent,
  type MeasuredAim,
  readResults,
  writeResults,
} from "./results.ts";
import { runProgram } from "../program.ts";

const HELP = `usage: npm run measure:aims -- [--effort SHARE] [--only NAME…]

Measures what must hold of the alarms over simulated days, and writes bench/aims/results.json, which the tables of
docs/alarm-design.md are made from (npm run docs). What was measured of the same alarms and days is kept, so that a run
that was stopped goes on where it was.

  --effort SHARE  share of the usual number of runs, 1 when not given: about an hour on one core; at least 50
                  quiet months in the stages where a rate is promised
  --only NAME     only measurements of this name; give it several times for several
  --again         measure again what was measured
`;

/** The stages that the issue of these aims names: both profiles, four traffics, two delays. */
const STAGES: readonly MeasuredStage[] = (["usual", "slow"] satisfies DelayModel[]).flatMap((delays) =>
  [30, 10, 100, 1000].flatMap((perDay) =>
    (["default", "full"] as const).map((profile) => ({ profile, perDay, delays })),
  ),
);

/** Runs in the stages where a share is promised, and in the others. */
interface Effort {
  readonly promised: number;
  readonly others: number;
  /**
   * Runs in the stages where something is promised, however small the share of the effort is; one when
   * missing.
   */
  readonly leastPromised?: number;
  /** The alarms that page are the same in both profiles. */
  readonly onlyPages?: true;
}

const EFFORT: Readonly<Record<MeasurementName, Effort>> = {
  outages: { promised: 1000, others: 1000, onlyPages: true },
  "second-outage": { promised: 1000, others: 300, onlyPages: true },
  "probe-dead": { promised: 1000, others: 300, onlyPages: true },
  "thirty-percent": { promised: 1000, others: 60 },
  "ten-percent": { promised: 1000, others: 60 },
  research: { promised: 1000, others: 60 },
  "partial-incident": { promised: 100, others: 30 },
  // A rate of 0.1 a month says nothing in ten months.
  quiet: { promised: 100, others: 20, leastPromised: 50 },
  "outage-day": { promised: 20, others: 5 },
};

/** Where shares are promised: the traffic that a stage has when nobody states one, and the sparsest. */
function isPromised({ profile, perDay, delays }: MeasuredStage): boolean {
  return delays === "usual" && (perDay === 30 || (perDay === 10 && profile === "default"));
}

interface Job {
  readonly stage: MeasuredStage;
  readonly measurement: MeasurementName;
  readonly runs: number;
}

function jobsOf(only: readonly string[] | undefined, share: number): readonly Job[] {
  const names = (Object.keys(EFFORT) as MeasurementName[]).filter((name) => only?.includes(name) ?? true);
  const jobs = names.flatMap((measurement) => {
    const { promised, others, onlyPages, leastPromised = 1 } = EFFORT[measurement];
    const stages = STAGES.filter(({ profile }) => onlyPages === undefined || profile === "default");
    return stages.map((stage) => {
      const [runs, least] = isPromised(stage) ? [promised, leastPromised] : [others, 1];
      return { stage, measurement, runs: Math.max(least, Math.round(runs * share)) };
    });
  });
  const isFirst = ({ stage }: Job): boolean => isPromised(stage);
  return [...jobs.filter(isFirst), ...jobs.filter((job) => !isFirst(job))];
}

function isOf({ stage, measurement }: MeasuredAim, job: Job): boolean {
  return measurement === job.measurement && stageTitle(stage) === stageTitle(job.stage);
}

function stageTitle({ profile, perDay, delays }: MeasuredStage): string {
  return `${profile}, ${perDay} a day, ${delays}`;
}

/** Stages that were synthesised, by their title. */
const SYNTHESISED = new Map<string, Promise<StageUnderTest>>();

async function measure(job: Job): Promise<MeasuredAim> {
  const title = stageTitle(job.stage);
  const synthesised = SYNTHESISED.get(title) ?? stageUnderTest(job.stage);
  SYNTHESISED.set(title, synthesised);
  return { ...job, findings: MEASUREMENTS[job.measurement](await synthesised, job.runs) };
}

/** What is there of the same alarms; nothing where there is none, or where all is to be measured again. */
async function keptAims(now: Fingerprints, isAgain: boolean): Promise<readonly MeasuredAim[]> {
  if (isAgain) return [];
  const results = await readResults().catch(() => undefined);
  return results?.aims.filter((aim) => isCurrent(aim, results, now)) ?? [];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", short: "h" },
      effort: { type: "string", default: "1" },
      only: { type: "string", multiple: true },
      again: { type: "boolean", default: false },
    },
  });
  const share = Number(values.effort);
  const unknown = values.only?.find((name) => !(name in EFFORT));
  if (values.help === true || !(share > 0) || unknown !== undefined) {
    process.stderr.write(unknown === undefined ? HELP : `no measurement is called "${unknown}"\n\n${HELP}`);
    return values.help === true ? 0 : 2;
  }
  const now = await fingerprints();
  let aims = await keptAims(now, values.again);
  const jobs = jobsOf(values.only, share).filter(
    (job) => !aims.some((aim) => isOf(aim, job) && aim.runs >= job.runs),
  );
  for (const [done, job] of jobs.entries()) {
    process.stderr.write(
      `${done + 1} of ${jobs.length}: ${job.measurement}, ${stageTitle(job.stage)}, ${job.runs} runs\n`,
    );
    const measured = await measure(job);
    aims = [...aims.filter((aim) => !isOf(aim, job)), measured];
    const results: AimResults = {
      fingerprints: now,
      measuredOn: new Date().toISOString().slice(0, 10),
      node: process.version,
      aims,
    };
    await writeResults(results);
  }
  return 0;
}

await runProgram(main);
