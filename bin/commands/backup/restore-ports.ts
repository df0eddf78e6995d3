import type { ListedSubscription } from "../../cli/subscriptions.ts";
import type { Target } from "../../cli/target.ts";
import type { AskOperator, Terminal } from "../../cli/terminal.ts";
import type { RestoreJournal } from "./restore-journal.ts";
import type { RestorePlace, StageToRestore } from "./restore-plan.ts";

/** Parts that a restore deploys, as `deploy --only` names them. */
export type RestoredPart = "app" | "monitoring" | "billing";

/** An answer of the Function URL, or why it was not asked. */
export type RestoredUrlAnswer =
  | { readonly status: number; readonly milliseconds: number; readonly error?: string }
  | { readonly unasked: string };

/** Everything of a restore that is not this process; each call may be made again. */
export interface RestorePorts {
  readonly place: () => Promise<RestorePlace>;
  readonly parameter: (
    name: string,
  ) => Promise<{ readonly type: string; readonly value: string } | undefined>;
  readonly putParameter: (parameter: {
    readonly name: string;
    readonly type: "String" | "SecureString";
    readonly value: string;
  }) => Promise<void>;
  readonly deploy: (part: RestoredPart, context: Readonly<Record<string, string>>) => Promise<void>;
  /** Outputs of the application stack by their names. */
  readonly outputs: () => Promise<Readonly<Record<string, string>>>;
  readonly subscriptions: (topic: string, region: string) => Promise<readonly ListedSubscription[]>;
  readonly subscribe: (topic: string, region: string, address: string) => Promise<void>;
  readonly alarmNames: () => Promise<readonly string[]>;
  readonly dashboardNames: () => Promise<readonly string[]>;
  readonly askUrl: (url: string) => Promise<RestoredUrlAnswer>;
}

/** Options of `restore`, after parsing. */
export interface RestoreOptions {
  readonly yes?: true;
  readonly dryRun?: true;
  readonly replaceSecrets?: true;
  readonly intoAccount?: string;
  readonly context: Readonly<Record<string, string>>;
}

/** One restore: what it works with, from its options to its end. */
export interface Restore {
  readonly terminal: Terminal;
  readonly directory: string;
  readonly target: Target;
  readonly stage: StageToRestore;
  readonly options: RestoreOptions;
  readonly ports: RestorePorts;
  readonly journal: (accountId: string, region: string) => Promise<RestoreJournal>;
  /** Text of the stage's file in this checkout. */
  readonly stageFileHere: string | undefined;
  /** Missing without a terminal. */
  readonly ask: AskOperator | undefined;
  readonly signal: AbortSignal;
  /** Rejects when the signal fires. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly say: (line: string) => void;
  /** The command that goes on with it. */
  readonly again: string;
}

/** What a restore leaves the person with. */
export interface RestoreResult {
  readonly did: "restored" | "nothing";
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  readonly steps: readonly string[];
  readonly url?: string;
  /** Addresses that must confirm a mail before alarms reach them. */
  readonly unconfirmed: readonly string[];
  /** What the backup has and the restored stage has not. */
  readonly missing: readonly string[];
}
