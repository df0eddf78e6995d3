import type { Ask, OnInterrupt } from "../person.ts";

/** What the CDK CLI said and how it ended. */
export interface CdkResult {
  readonly exitCode: number;
  readonly output: string;
}

/** One call of the CDK CLI; what it writes is shown as it comes. */
export type Cdk = (args: readonly string[], signal: AbortSignal) => Promise<CdkResult>;

/** Who the credentials belong to. */
export interface Caller {
  readonly accountId: string;
  readonly arn: string;
}

/** What is asked of AWS before anything is deployed. */
export interface Account {
  /** Throws a Failure that says what to do when there are no credentials, or bad ones. */
  readonly caller: () => Promise<Caller>;
  /** `unreadable` where the credentials may not read it: then the CDK CLI finds out by itself. */
  readonly bootstrapVersion: (
    region: string,
    parameter: string,
  ) => Promise<number | "missing" | "unreadable">;
}

/** Everything of a deployment that is not this process. */
export interface DeployEdges {
  /** Writes the assembly of a stage to a directory. */
  readonly synthesise: (request: {
    readonly stage: string;
    readonly context: Readonly<Record<string, string>>;
    readonly outDirectory: string;
    readonly signal: AbortSignal;
  }) => Promise<void>;
  readonly cdk: Cdk;
  readonly account: Account;
  /** Asks the person and gives what they typed; missing without a terminal. */
  readonly ask?: Ask;
  /** Calls back on Ctrl-C or SIGTERM, until the returned function is called. */
  readonly onInterrupt: OnInterrupt;
  /** Where the assembly is written, and left for whoever wants to keep or compare it. */
  readonly assembly: string;
}
