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
