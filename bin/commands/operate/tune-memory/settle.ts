import { Failure } from "../../failure.ts";
import { beforeMeasurement, isMeasurementVersion, type Before } from "./traces.ts";
import { LATEST, type Bench, type FunctionState } from "./tuned-function.ts";

const PAUSE_MS = 1_000;

/** Lambda makes a change of memory within seconds; in a VPC it may take a minute or two. */
const PATIENCE_MS = 300_000;

/** What was put back, in words; nothing when nothing was left. */
export type PutBack = readonly string[];

/** Waits until Lambda has made the last change of a version. */
export async function whenReady({ tuned, wait, signal }: Bench, qualifier: string): Promise<FunctionState> {
  for (let waitedMs = 0; waitedMs <= PATIENCE_MS; waitedMs += PAUSE_MS) {
    const state = await tuned.read(qualifier);
    if (state.progress === "ready") return state;
    if (state.progress !== "changing")
      throw new Failure(`Lambda could not set up ${tuned.name}:${qualifier}: ${state.progress.failed}`);
    await wait(PAUSE_MS, signal);
  }
  throw new Failure(
    `${tuned.name}:${qualifier} is still being changed after ${PATIENCE_MS / 60_000} minutes: try again later`,
  );
}

/** Puts back what a measurement changed and removes its versions, whatever it got to and whoever wants to stop. */
export async function putBack(bench: Bench): Promise<PutBack> {
  const { tuned } = bench;
  const restored = await restoreLatest({ ...bench, signal: new AbortController().signal });
  const versions = (await tuned.versions()).filter(isMeasurementVersion);
  for (const { version } of versions) await tuned.remove(version);
  return [
    ...(restored === undefined ? [] : [`${LATEST} has its ${restored.memoryMb} MB again`]),
    ...(versions.length === 0
      ? []
      : [`removed versions of the measurement: ${versions.map(({ version }) => version).join(", ")}`]),
  ];
}

/** Does nothing where a deployment has replaced what was changed. */
export async function restoreLatest(bench: Bench): Promise<Before | undefined> {
  for (;;) {
    const { description, revisionId } = await whenReady(bench, LATEST);
    const before = beforeMeasurement(description);
    if (before === undefined) return undefined;
    if ((await bench.tuned.configure(before, revisionId)) === "changed") {
      await whenReady(bench, LATEST);
      return before;
    }
  }
}
