import type { AlarmState } from "@wrist-agent/cloudwatch/alarm";

/** `7 errors ALARM`: a state that is set by hand at a minute. */
export type Setting = `${number} ${"errors" | "deploying"} ${AlarmState}`;

/** Minutes from the first to the second one, in which actions are muted. */
export type Muted = readonly [from: number, to: number];

/** What stands in the way of actions, in minutes. */
interface Periods {
  readonly muted: readonly Muted[];
  readonly wait: number;
  readonly extension: number;
}

/** What holds the actions of the composite's last change. */
interface Hold {
  readonly by: "Alarm" | "MuteWindow" | "WaitPeriod" | "ExtensionPeriod";
  /** Minute at which a period is over. */
  readonly until?: number;
}

/** The guide's table of a suppressor, and the mute rules behind it, one minute after the other. */
export class SuppressionTable {
  readonly #ran: string[] = [];
  readonly #given: Periods;
  #state = "OK";
  #isSuppressing = false;
  #hold: Hold | undefined;

  constructor(given: Periods) {
    this.#given = given;
  }

  play(settings: readonly Setting[]): readonly string[] {
    for (let minute = 6; minute <= 200; minute += 1) {
      this.#look(minute);
      for (const setting of settings) {
        const [at, name, state = ""] = setting.split(" ");
        if (Number(at) === minute) this.#set(minute, name === "deploying", state);
      }
    }
    return this.#ran;
  }

  #look(minute: number): void {
    const hold = this.#hold;
    if (hold?.by === "MuteWindow") this.#run(minute, "MuteWindow");
    else if (hold?.until !== undefined && hold.until <= minute) this.#run(minute, hold.by);
  }

  #set(minute: number, isSuppressor: boolean, state: string): void {
    if (!isSuppressor) this.#change(minute, state);
    else if (state === "ALARM") this.#suppress();
    else this.#release(minute);
  }

  #change(minute: number, state: string): void {
    if (state === this.#state) return;
    this.#state = state;
    if (this.#isSuppressing) this.#hold = { by: "Alarm" };
    else this.#wait({ minute, length: this.#given.wait }, "WaitPeriod", "at once");
  }

  #suppress(): void {
    this.#isSuppressing = true;
    if (this.#hold !== undefined && this.#hold.by !== "MuteWindow") this.#hold = { by: "Alarm" };
  }

  #release(minute: number): void {
    this.#isSuppressing = false;
    if (this.#hold?.by !== "Alarm") return;
    this.#wait({ minute, length: this.#given.extension }, "ExtensionPeriod", "ExtensionPeriod");
  }

  #wait(
    { minute, length }: { readonly minute: number; readonly length: number },
    by: "WaitPeriod" | "ExtensionPeriod",
    without: string,
  ): void {
    if (length > 0) this.#hold = { by, until: minute + length };
    else this.#run(minute, without);
  }

  #run(minute: number, by: string): void {
    const isMuted = this.#given.muted.some(([from, to]) => from <= minute && minute < to);
    this.#hold = isMuted ? { by: "MuteWindow" } : undefined;
    if (!isMuted) this.#ran.push(`${minute}m ${this.#state} by ${by}`);
  }
}
