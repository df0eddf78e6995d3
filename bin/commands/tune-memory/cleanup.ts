import { Failure } from "../../cli/failure.ts";
import { type FunctionState, LATEST_VERSION, type TuningPorts } from "./tuned-function.ts";

/**
 * What a measurement leaves on the function while it lasts, so that a later run can put everything back, whenever the process ended.
 *
 * `$LATEST` says what it was, and each version that it is not meant to stay.
 */
export interface OriginalConfiguration {
  readonly memoryMb: number;
  readonly description: string;
}

const MEASUREMENT_MARK = /^(?<description>.*) \[tune-memory: was (?<memory>\d+) MB\]$/s;
const MEASUREMENT_VERSION = "made by tune-memory";

/** Longest description that Lambda keeps. */
const MAX_DESCRIPTION_LENGTH = 256;

/** The description of `$LATEST` while its memory is changed; `undefined` where there is no room for it. */
export function markedDescription({ description, memoryMb }: OriginalConfiguration): string | undefined {
  const marked = `${description} [tune-memory: was ${memoryMb} MB]`;
  return marked.length > MAX_DESCRIPTION_LENGTH ? undefined : marked;
}

/** What `$LATEST` was before a measurement that did not end; `undefined` when none is under way. */
export function originalConfiguration(description: string): OriginalConfiguration | undefined {
  const { description: was = "", memory } = MEASUREMENT_MARK.exec(description)?.groups ?? {};
  return memory === undefined ? undefined : { description: was, memoryMb: Number(memory) };
}

/** The description of a version that is removed after its measurement. */
export function measurementDescription(memoryMb: number): string {
  return `${MEASUREMENT_VERSION} to measure ${memoryMb} MB; may be deleted`;
}

/** Whether a version was made for a measurement. */
export function isMeasurementVersion({ description }: { readonly description: string }): boolean {
  return description.startsWith(MEASUREMENT_VERSION);
}

const POLL_MS = 1_000;

/** Lambda makes a change of memory within seconds; in a VPC it may take a minute or two. */
const READY_TIMEOUT_MS = 300_000;

/** What was put back, in words; nothing when nothing was left. */
type RestoredLines = readonly string[];

/** Waits until Lambda has made the last change of a version. */
export async function awaitReady(
  { tuned, wait, signal }: TuningPorts,
  qualifier: string,
): Promise<FunctionState> {
  for (let waitedMs = 0; waitedMs <= READY_TIMEOUT_MS; waitedMs += POLL_MS) {
    const state = await tuned.read(qualifier);
    if (state.progress === "ready") return state;
    if (state.progress !== "changing")
      throw new Failure(`Lambda could not set up ${tuned.name}:${qualifier}: ${state.progress.failed}`);
    await wait(POLL_MS, signal);
  }
  throw new Failure(
    `${tuned.name}:${qualifier} is still being changed after ${READY_TIMEOUT_MS / 60_000} minutes: try again later`,
  );
}

/** Puts back what a measurement changed and removes its versions, whatever it got to and whoever wants to stop. */
export async function restoreFunction(bench: TuningPorts): Promise<RestoredLines> {
  const { tuned } = bench;
  const restored = await restoreLatest({ ...bench, signal: new AbortController().signal });
  const versions = (await tuned.versions()).filter(isMeasurementVersion);
  for (const { version } of versions) await tuned.remove(version);
  return [
    ...(restored === undefined ? [] : [`${LATEST_VERSION} has its ${restored.memoryMb} MB again`]),
    ...(versions.length === 0
      ? []
      : [`removed versions of the measurement: ${versions.map(({ version }) => version).join(", ")}`]),
  ];
}

/** Does nothing where a deployment has replaced what was changed. */
export async function restoreLatest(bench: TuningPorts): Promise<OriginalConfiguration | undefined> {
  for (;;) {
    const { description, revisionId } = await awaitReady(bench, LATEST_VERSION);
    const before = originalConfiguration(description);
    if (before === undefined) return undefined;
    if ((await bench.tuned.configure(before, revisionId)) === "changed") {
      await awaitReady(bench, LATEST_VERSION);
      return before;
    }
  }
}
