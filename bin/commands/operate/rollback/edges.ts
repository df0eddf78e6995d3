import type { Ask, OnInterrupt } from "../../person.ts";
import type { Deployment, LiveAlias, Serving, VersionState } from "./serving.ts";

/** What is asked of Lambda and CodeDeploy; every answer that is a refusal is thrown as a Failure with its remedy. */
export interface RollbackAws {
  readonly read: (signal: AbortSignal) => Promise<Serving>;
  /** Nothing where Lambda does not tell. */
  readonly stateOf: (version: string, signal: AbortSignal) => Promise<VersionState | undefined>;
  /** Where the alias points now; asked after a change, and so never broken off. */
  readonly alias: () => Promise<LiveAlias>;
  /** All requests to one version, unless the alias moved since `revisionId` was read. */
  readonly move: (version: string, revisionId: string | undefined) => Promise<"moved" | "moved meanwhile">;
  /** Stops a deployment and lets CodeDeploy take it back. */
  readonly stop: (deploymentId: string) => Promise<"stopping" | "over">;
  readonly deployment: (deploymentId: string, signal: AbortSignal) => Promise<Deployment>;
  /** Ends the connections. */
  readonly close: () => void;
}

/** The person and time. */
export interface Surroundings {
  /** Missing without a terminal. */
  readonly ask?: Ask;
  readonly onInterrupt: OnInterrupt;
  /** Rejects when the signal fires. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}
