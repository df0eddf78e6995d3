import { Failure } from "../../cli/failure.ts";

/** The version that is changed until it is published. */
export const LATEST_VERSION = "$LATEST";

/** `$LATEST`, a version or an alias of the function, as far as a measurement reads it. */
export interface FunctionState {
  readonly version: string;
  readonly memoryMb: number;
  readonly description: string;
  readonly codeSha256: string;
  readonly architecture: "arm64" | "x86_64";
  readonly revisionId: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** `changing` until Lambda has made the last change, or set the version up. */
  readonly progress: "ready" | "changing" | { readonly failed: string };
}

/** What became of one question. */
export type InvokeOutcome =
  | { readonly kind: "answered"; readonly status: number; readonly error: string; readonly log: string }
  | { readonly kind: "failed"; readonly error: string; readonly log: string }
  | { readonly kind: "throttled" };

/** The function whose memory is measured; what its API refuses is thrown as a Failure with its remedy. */
export interface TunedFunction {
  readonly name: string;
  readonly read: (qualifier: string) => Promise<FunctionState>;
  /** Changes `$LATEST`, unless somebody did since `revisionId` was read. */
  readonly configure: (
    wanted: Pick<FunctionState, "memoryMb" | "description">,
    revisionId: string | undefined,
  ) => Promise<"changed" | "changed meanwhile">;
  /** Publishes `$LATEST` and gives the number of the version. */
  readonly publish: (description: string) => Promise<string>;
  readonly versions: () => Promise<readonly Pick<FunctionState, "version" | "description">[]>;
  /** Removes a version; one that is not there is no failure. */
  readonly remove: (version: string) => Promise<void>;
  /** Asks a version; `log` is the end of what the request wrote. */
  readonly ask: (version: string, signal: AbortSignal) => Promise<InvokeOutcome>;
}

/** A function on the bench, time, and whoever watches. */
export interface TuningPorts {
  readonly tuned: TunedFunction;
  /** Rejects when the signal fires. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly progress: <T>(text: string, work: Promise<T>) => Promise<T>;
  /** Fires when the person wants to stop. */
  readonly signal: AbortSignal;
}

/**
 * What a measurement leaves on the function while it lasts, so that a later run can put everything back,
 * whenever the process ended.
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

/**
 * Puts back what a measurement changed and removes its versions, whatever it got to and whoever wants to
 * stop.
 */
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
