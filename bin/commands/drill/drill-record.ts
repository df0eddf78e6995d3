import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { replaceOwnFile } from "../../../local/own-file.ts";
import { errorMessage, Failure } from "../../cli/failure.ts";
import type { Target } from "../../cli/target.ts";

/** An action of the alarm, as its history shows it. */
export interface DrilledAction {
  readonly arn: string;
  /** After the alarm was forced, or the fault began. */
  readonly afterMs: number;
  readonly isExecuted: boolean;
}

/** What became of the mail; `afterMs` is missing where the person did not say when. */
export type DrilledMail =
  | { readonly state: "arrived"; readonly afterMs?: number }
  | { readonly state: "did not arrive" }
  | { readonly state: "nobody was asked" };

/** One drill, as it is kept. */
export interface DrillRecord {
  readonly id: string;
  readonly alarm: string;
  readonly region: string;
  readonly kind: "forced" | "real";
  /** ISO 8601. */
  readonly startedAt: string;
  readonly stateBefore: string;
  /** Set once CloudWatch has said that the alarm is forced; without it nobody knows. */
  readonly isForced?: true;
  readonly actions: readonly DrilledAction[];
  readonly mail: DrilledMail;
  /** Who put the state back; missing while nobody has. */
  readonly putBack?: string;
  /** From the fault's end to the mail that says OK; of real drills. */
  readonly okAfterMs?: number;
  /** ISO 8601; missing of one that is running or was killed. */
  readonly endedAt?: string;
  /** Where it was interrupted; missing of one that came to its end. */
  readonly stopped?: string;
}

/** Where drills are kept. */
interface DrillRecords {
  readonly all: () => Promise<readonly DrillRecord[]>;
  /** Writes one, over the record of the same id, at once or not at all. */
  readonly put: (record: DrillRecord) => Promise<void>;
}

/** As many as two years of weekly drills of every alarm leave. */
const MAX_RECORDS = 2_000;

/** The file of a stage: the laptop's drills and those in AWS do not mix. */
export function drillFile(
  dataDirectory: string,
  { stage, isLocal }: Pick<Target, "stage" | "isLocal">,
): string {
  return join(dataDirectory, stage, isLocal ? "drills.json" : "drills-aws.json");
}

/** The records in a file, which is made with the first of them. */
export function drillRecords(file: string): DrillRecords {
  const all = (): Promise<readonly DrillRecord[]> => readRecords(file);
  return {
    all,
    put: async (record) => {
      const kept = (await all()).filter(({ id }) => id !== record.id);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      replaceOwnFile(file, `${JSON.stringify([...kept, record].slice(-MAX_RECORDS), null, 2)}\n`);
    },
  };
}

async function readRecords(file: string): Promise<readonly DrillRecord[]> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Failure(`the record of drills cannot be read: ${errorMessage(error)}`, { cause: error });
  }
  const records = parsed(text);
  if (!Array.isArray(records) || !records.every(isRecord))
    throw new Failure(`${file} is no record of drills: move it away, and the next drill begins a new one`);
  return records;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is DrillRecord {
  return (
    isJsonObject(value) &&
    [value.id, value.alarm, value.startedAt, value.stateBefore].every((text) => typeof text === "string") &&
    Array.isArray(value.actions) &&
    isJsonObject(value.mail)
  );
}

/** An alarm as CloudWatch describes it. */
export interface DrilledAlarm {
  readonly name: string;
  readonly region: string;
  readonly state: string;
  readonly stateReason: string;
  /** ARNs of what is notified when it goes into ALARM; empty where its actions are disabled. */
  readonly actions: readonly string[];
}

/** An item of an alarm's history. */
export interface AlarmHistoryEntry {
  readonly atMs: number;
  readonly type: string;
  readonly summary: string;
}

/** CloudWatch, as far as drills need it. */
export interface DrillAlarms {
  /** Every alarm of the stage, by name. */
  readonly alarms: () => Promise<readonly DrilledAlarm[]>;
  readonly alarm: (alarm: Pick<DrilledAlarm, "name" | "region">) => Promise<DrilledAlarm | undefined>;
  readonly setState: (
    alarm: Pick<DrilledAlarm, "name" | "region">,
    state: string,
    reason: string,
  ) => Promise<void>;
  /** Oldest first. */
  readonly historySince: (
    alarm: Pick<DrilledAlarm, "name" | "region">,
    sinceMs: number,
  ) => Promise<readonly AlarmHistoryEntry[]>;
}

/** Finds out whether the mail of an alarm that went off at `sinceMs` has arrived. */
export type AskForMail = (alarmName: string, sinceMs: number) => Promise<DrilledMail>;

/** Everything of a drill that is not this process. */
export interface DrillPorts {
  readonly cloudWatch: DrillAlarms;
  readonly records: DrillRecords;
  readonly askForMail: AskForMail;
  readonly now: () => number;
  /** Waits, less long when the signal fires. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly newId: () => string;
  readonly say: (line: string) => void;
  /** Fires on Ctrl-C: then the alarm is put back and the drill ends. */
  readonly signal: AbortSignal;
}
