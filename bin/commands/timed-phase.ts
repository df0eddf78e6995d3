import { systemClock } from "../../local/clock.ts";
import type { Clock } from "@wrist-agent/cloudwatch/clock";
import type { Terminal } from "../cli/terminal.ts";

const SECOND_MS = 1000;
/** Nothing is silent for longer, on a terminal, where a spinner turns, and elsewhere. */
const SILENT_SECONDS = 2;
/** How often the time is looked at, seconds: by whole ones of the clock a line could come one late. */
const LOOK_SECONDS = 0.5;

/** Where a phase reports. */
interface PhaseReporting {
  readonly terminal: Terminal;
  /** The system's own when missing. */
  readonly clock?: Clock;
}

/** Works on a phase of the start and says how long it took. Where no terminal shows that it goes on, a line every two seconds does. */
export async function timedPhase<T>(
  { terminal, clock = systemClock() }: PhaseReporting,
  text: string,
  work: Promise<T>,
): Promise<T> {
  const started = clock.now();
  const seconds = (): number => (clock.now() - started) / SECOND_MS;
  let saidAt = SILENT_SECONDS;
  const cancel = clock.every(LOOK_SECONDS * SECOND_MS, () => {
    if (terminal.columns !== undefined || seconds() <= saidAt - LOOK_SECONDS) return;
    terminal.err(`${text}: ${Math.round(seconds())} s so far`);
    saidAt += SILENT_SECONDS;
  });
  try {
    const result = await terminal.progress(text, work);
    terminal.err(`${text}: ${seconds().toFixed(1)} s`);
    return result;
  } finally {
    cancel();
  }
}
