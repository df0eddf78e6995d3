import type { CheckLine } from "../../cli/check-lines.ts";
import type { TopicSubscription } from "../../cli/subscriptions.ts";
import type { AskOperator, OnInterrupt, Terminal } from "../../cli/terminal.ts";
import type { ModelCatalog } from "./model-access.ts";
import type { Part } from "./plan.ts";
import type { Account, StageAccount } from "./stage-account.ts";

/** What the CDK CLI said and how it ended. */
export interface CdkResult {
  readonly exitCode: number;
  readonly output: string;
}

/** One call of the CDK CLI; what it writes is shown as it comes. */
export type Cdk = (args: readonly string[], signal: AbortSignal) => Promise<CdkResult>;

/** An answer of the Function URL to one question, or why there was none. */
export type UrlAnswer =
  | { readonly status: number; readonly milliseconds: number; readonly error?: string }
  | { readonly unasked: string };

/** Why a stage was not checked. */
export interface Unverified {
  readonly unverified: string;
}

/** What the checklist says of a stage in one Region. */
export interface RegionChecks {
  readonly region: string;
  readonly lines: readonly CheckLine[] | Unverified;
}

/** Everything of a deployment that is not this process. */
export interface DeployPorts {
  /** Writes the assembly of a stage to a directory. */
  readonly synthesise: (request: {
    readonly stage: string;
    readonly context: Readonly<Record<string, string>>;
    readonly outDirectory: string;
    readonly signal: AbortSignal;
  }) => Promise<void>;
  readonly cdk: Cdk;
  readonly account: Account;
  readonly stage: StageAccount;
  readonly models: ModelCatalog;
  /** Asks a Function URL one question with the token in a parameter. */
  readonly askUrl: (region: string, url: string, tokenParameter: string) => Promise<UrlAnswer>;
  /** Checks a stage in one Region, line by line; a sentence where it cannot be begun. */
  readonly verify: (stage: string, region: string) => Promise<readonly CheckLine[] | Unverified>;
  /** Lets one process at a time deploy a stage to an account; returns what gives that up. */
  readonly lock: (stage: string, accountId: string) => Promise<() => Promise<void>>;
  /** Asks the person and gives what they typed; missing without a terminal. */
  readonly ask?: AskOperator;
  /** Calls back on Ctrl-C or SIGTERM, until the returned function is called. */
  readonly onInterrupt: OnInterrupt;
  /** An empty directory of this deployment alone, and what to do with it at the end. */
  readonly workspace: () => Promise<{ readonly directory: string; readonly close: () => Promise<void> }>;
}

/** Options of `deploy`, after parsing. */
export interface DeployOptions {
  readonly stage: string;
  readonly only: readonly Part[];
  /** The one of several Regions whose stacks are deployed; all when missing. */
  readonly onlyRegion?: string;
  readonly context: Readonly<Record<string, string>>;
  /** Settings of earlier deploys that are not to hold any more, by their names after `-c`. */
  readonly forget?: readonly string[];
  readonly profile?: string;
  readonly yes?: true;
  readonly allowRemoval?: true;
  readonly dryRun?: true;
  /** False with `--no-verify`: nothing is checked at the end. */
  readonly verify?: boolean;
  readonly json?: true;
}

/** One deployment: what it works with, from its options to its end. */
export interface Deployment {
  readonly terminal: Terminal;
  readonly ports: DeployPorts;
  readonly options: DeployOptions;
  readonly signal: AbortSignal;
  /** Where the assembly is. */
  readonly assembly: string;
  /** For people alone: with `--json` it goes to stderr. */
  readonly say: (line: string) => void;
}

/** What was found of a stage after its stacks were deployed. */
export interface AfterDeploy {
  readonly subscriptions: readonly TopicSubscription[];
  readonly urls: readonly { readonly url: string; readonly answer: UrlAnswer }[];
  /** The checklist of each Region; none where something was not deployed or does not answer. */
  readonly checks: readonly RegionChecks[];
}
