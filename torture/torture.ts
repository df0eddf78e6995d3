/** What an attack came to; everything but `tried` is 0 as long as the system holds. */
export interface Outcome {
  readonly tried: number;
  /** Answers that no rule allows, each described. */
  readonly wrong: readonly string[];
  /** What was acknowledged and is not there afterwards, each described. */
  readonly lost: readonly string[];
}

/** How much is tried: `1` takes about two minutes for all attacks together. */
export interface Effort {
  readonly factor: number;
}

/**
 * One way in which strangers, bad lines and long weeks come; a file `torture/attacks/<name>.ts` exports it as
 * `attack`.
 */
export interface Attack {
  /** What is sent and what must hold, in one sentence. */
  readonly description: string;
  readonly run: (system: SystemUnderAttack, effort: Effort) => Promise<Outcome>;
}

/** `kill -9`, the same and once more while it starts again, or Ctrl-C. */
export type HowToEnd = "kill" | "kill-twice" | "interrupt";

/** The running system, on loopback, in a process and a data directory of its own. */
export interface SystemUnderAttack {
  readonly addresses: SystemAddresses;
  /** Ends the process, and starts it again on the same data. */
  endAndRestart(how: HowToEnd): Promise<void>;
}

/** Where the system answers; another start has other ports. */
export interface SystemAddresses {
  readonly page: string;
  readonly functionUrl: string;
  readonly awsEndpoint: string;
  readonly token: string;
}
