import { open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject, parseJsonObject } from "@wrist-agent/cloudwatch/json";
import { errorMessage, Failure } from "../../cli/failure.ts";
import type { ListedSubscription } from "../../cli/subscriptions.ts";
import type { Target } from "../../cli/target.ts";
import type { AskOperator, Terminal } from "../../cli/terminal.ts";
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

/** Which restore a journal is of: the same backup into the same place. */
export interface RestoreIdentity {
  /** Checksum of the backup's manifest. */
  readonly backup: string;
  readonly stage: string;
  readonly accountId: string;
  readonly region: string;
}

/** What a step left for those after it: addresses, names. Never a secret. */
export type StepResult = Readonly<Record<string, string>>;

interface DoneStep {
  readonly id: string;
  readonly doneAt: string;
  readonly result: StepResult;
}

interface JournalFile extends RestoreIdentity {
  readonly format: "wrist-agent-restore";
  readonly version: 1;
  readonly steps: readonly DoneStep[];
  /** Missing until every step is done. */
  readonly finishedAt?: string;
}

/**
 * How far a restore is, on the disk before the next step begins: a kill loses at most the step under way,
 * which is done again.
 */
export class RestoreJournal {
  readonly #file: string;
  readonly #now: () => Date;
  #kept: JournalFile;

  private constructor(file: string, kept: JournalFile, now: () => Date) {
    [this.#file, this.#kept, this.#now] = [file, kept, now];
  }

  /** The journal in the backup's directory; a finished one, and one of another backup, starts over. */
  static async open(directory: string, identity: RestoreIdentity, now: () => Date): Promise<RestoreJournal> {
    const { accountId, region } = identity;
    const file = join(directory, `restore-${accountId}-${region}.json`);
    const before = await readJournal(file);
    const isSame = before?.backup === identity.backup && before.finishedAt === undefined;
    const fresh = { format: "wrist-agent-restore", version: 1, ...identity, steps: [] } as const;
    return new RestoreJournal(file, isSame ? before : fresh, now);
  }

  /** What a step that is done left; nothing for one that is not. */
  resultOf(id: string): StepResult | undefined {
    return this.#kept.steps.find((step) => step.id === id)?.result;
  }

  /** Ids of the steps that an earlier run has done. */
  done(): readonly string[] {
    return this.#kept.steps.map(({ id }) => id);
  }

  async add(id: string, result: StepResult): Promise<void> {
    const step = { id, doneAt: this.#now().toISOString(), result };
    await this.#write({ ...this.#kept, steps: [...this.#kept.steps, step] });
  }

  /** Every step is done: the next restore of this backup begins at its first. */
  async finish(): Promise<void> {
    await this.#write({ ...this.#kept, finishedAt: this.#now().toISOString() });
  }

  async #write(next: JournalFile): Promise<void> {
    const draft = `${this.#file}.new`;
    try {
      const handle = await open(draft, "w", 0o600);
      try {
        await handle.writeFile(`${JSON.stringify(next, undefined, 2)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, this.#file);
    } catch (error) {
      throw new Failure(
        `how far the restore is could not be written to ${this.#file}: ${errorMessage(error)}; copy the backup to where it can be written`,
        { cause: error },
      );
    }
    this.#kept = next;
  }
}

async function readJournal(file: string): Promise<JournalFile | undefined> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Failure(`${file} cannot be read: ${errorMessage(error)}`, { cause: error });
  });
  const parsed = text === undefined ? undefined : parseJsonObject(text);
  if (parsed?.format !== "wrist-agent-restore" || parsed.version !== 1 || !Array.isArray(parsed.steps))
    return undefined;
  const steps = parsed.steps.filter(isDoneStep);
  return { ...(parsed as unknown as JournalFile), steps };
}

function isDoneStep(step: unknown): step is DoneStep {
  return isJsonObject(step) && typeof step.id === "string" && isJsonObject(step.result);
}
