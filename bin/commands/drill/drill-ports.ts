import type { DrilledMail, DrillRecords } from "./drill-record.ts";

/** An alarm as CloudWatch describes it. */
export interface DrilledAlarm {
  readonly name: string;
  readonly region: string;
  readonly state: string;
  readonly stateReason: string;
  /** ARNs of what is told when it goes into ALARM; empty where its actions are disabled. */
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
