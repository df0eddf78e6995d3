import { Failure } from "../../failure.ts";
import { restoreLatest, whenReady } from "./settle.ts";
import { timingOf, type Timing } from "./timing.ts";
import { markedDescription, versionDescription, type Before } from "./traces.ts";
import { LATEST, type Asked, type Bench } from "./tuned-function.ts";

/** What is measured. */
export interface MeasurementPlan {
  /** Megabytes, ascending. */
  readonly sizes: readonly number[];
  /** Questions that meet a new environment each, asked at the same time. */
  readonly cold: number;
  /** Questions one after the other. */
  readonly warm: number;
}

/** The requests of one memory size. */
export interface Measurement {
  readonly memoryMb: number;
  readonly timings: readonly Timing[];
  /** Questions that the agent answered with an error of the model, or Lambda with a throttle. */
  readonly unanswered: number;
  /** Why the function failed in this memory. */
  readonly fault?: string;
}

interface Version {
  readonly memoryMb: number;
  readonly version: string;
}

/** Statuses with which the agent tells of Bedrock's troubles, which say nothing of memory. */
const OF_THE_MODEL = new Set([429, 503, 504]);

/** A version for each size; `$LATEST` is as it was afterwards, and so is the alias all the time. */
export async function publishSizes(bench: Bench, sizes: readonly number[]): Promise<readonly Version[]> {
  const { tuned, signal } = bench;
  const before = await whenReady(bench, LATEST);
  const versions: Version[] = [];
  for (const memoryMb of sizes) {
    signal.throwIfAborted();
    await configureAs(bench, before, memoryMb);
    versions.push({ memoryMb, version: await tuned.publish(versionDescription(memoryMb)) });
  }
  await restoreLatest(bench);
  return versions;
}

async function configureAs(bench: Bench, before: Before, memoryMb: number): Promise<void> {
  const { tuned } = bench;
  const description = markedDescription(before);
  if (description === undefined)
    throw new Failure(
      `the description of ${tuned.name} leaves no room to note its memory: shorten it in the template`,
    );
  const { revisionId } = await whenReady(bench, LATEST);
  if ((await tuned.configure({ memoryMb, description }, revisionId)) !== "changed")
    throw new Failure(
      `somebody else changed ${tuned.name} meanwhile: measure when no deployment is under way`,
    );
  await whenReady(bench, LATEST);
}

/** Asks a version: first several times at once, so that each question starts an environment, then one by one. */
export async function measureVersion(
  bench: Bench,
  { memoryMb, version }: Version,
  { cold, warm }: MeasurementPlan,
): Promise<Measurement> {
  const { tuned, signal } = bench;
  await whenReady(bench, version);
  const asked: Asked[] = await Promise.all(Array.from({ length: cold }, () => tuned.ask(version, signal)));
  for (let count = 0; count < warm && !asked.some(hasFailed); count += 1)
    asked.push(await tuned.ask(version, signal));
  return measurementOf(memoryMb, asked);
}

function hasFailed({ kind }: Asked): boolean {
  return kind === "failed";
}

function measurementOf(memoryMb: number, asked: readonly Asked[]): Measurement {
  const refused = asked.find(
    (one) => one.kind === "answered" && one.status !== 200 && !OF_THE_MODEL.has(one.status),
  );
  if (refused?.kind === "answered")
    throw new Failure(
      `with ${memoryMb} MB the agent answered ${refused.status}: ${refused.error === "" ? "it gave no reason" : refused.error}`,
    );
  const answered = asked.flatMap((one) => (one.kind === "answered" && one.status === 200 ? [one] : []));
  const failed = asked.find((one) => one.kind === "failed");
  return {
    memoryMb,
    timings: answered.map(({ log }) => requiredTiming(log)),
    unanswered: asked.length - answered.length - asked.filter(hasFailed).length,
    ...(failed?.kind === "failed" && { fault: failed.error }),
  };
}

function requiredTiming(log: string): Timing {
  const timing = timingOf(log);
  if (timing !== undefined) return timing;
  throw new Failure(
    "Lambda's report is not in the log of the request: the function's system log level must be INFO or DEBUG",
  );
}
