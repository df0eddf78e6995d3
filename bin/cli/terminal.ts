import { createInterface } from "node:readline/promises";
import pc from "picocolors";
import yoctoSpinner from "yocto-spinner";

type Colours = ReturnType<typeof pc.createColors>;

/** Where a command writes: results to `out`, everything else to `err`. */
export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** Does nothing where colours are unwanted: no terminal, `NO_COLOR`, a pipe. */
  readonly colours: Colours;
  /**
   * How many characters a line has room for; missing where the output is no terminal: then nothing is cut.
   */
  readonly columns?: number | undefined;
  /** Takes the terminal over to draw in place; missing where the output is none. */
  readonly openScreen?: () => Screen;
  /** Shows that `text` is being worked on until the work ends, on a terminal only. */
  readonly progress: <T>(text: string, work: Promise<T> | ProgressingWork<T>) => Promise<T>;
}

/** Work that says how far it is. */
export type ProgressingWork<T> = (show: (text: string) => void) => Promise<T>;

/** The process's own terminal. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedReader);
  return {
    get columns() {
      return process.stdout.isTTY ? process.stdout.columns : undefined;
    },
    ...(process.stdout.isTTY && { openScreen: () => openScreen(process.stdout) }),
    out: (line) => void process.stdout.write(`${line}\n`),
    err: (line) => void process.stderr.write(`${line}\n`),
    colours: pc.createColors(process.stdout.isTTY ? pc.isColorSupported : false),
    progress: (text, work) => withSpinner(process.stderr, text, work),
  };
}

/** Shows a spinner until the work ends, on a terminal only. */
export async function withSpinner<T>(
  stream: NodeJS.WriteStream,
  text: string,
  work: Promise<T> | ProgressingWork<T>,
): Promise<T> {
  if (!stream.isTTY) return typeof work === "function" ? work(() => undefined) : work;
  // Left to itself the spinner ends the process on Ctrl-C, before a command could say how things stand.
  const handleSignals = process.listenerCount("SIGINT") === 0;
  const spinner = yoctoSpinner({ text, stream, handleSignals }).start();
  const promise = typeof work === "function" ? work((now) => (spinner.text = now)) : work;
  return promise.finally(() => spinner.stop());
}

/** `| head` reads what it wants and leaves: that is no failure of ours. */
function ignoreClosedReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** Which edge the cells of a column line up on. */
export type Align = "left" | "right";

/** Rows as aligned text columns, two blanks apart, without trailing blanks. */
export function alignedColumns(rows: readonly (readonly string[])[], align: readonly Align[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  }
  return rows.map((row) =>
    row
      .map((cell, at) =>
        align[at] === "right" ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** `timeMs` as local date and time, to the second. */
export function localTime(timeMs: number): string {
  const date = new Date(timeMs);
  const pad = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

/** Asks the person and gives what they typed; nothing when the signal fires first. */
export type AskOperator = (question: string, signal: AbortSignal) => Promise<string>;

/** Calls back on Ctrl-C or SIGTERM, until the returned function is called. */
export type OnInterrupt = (interrupt: () => void) => () => void;

/** Asks on the process's terminal; missing where nobody sits at one. */
export function askAtTerminal(): AskOperator | undefined {
  return process.stdin.isTTY && process.stderr.isTTY ? askQuestion : undefined;
}

/** Whether an answer means yes; everything else is no. */
export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}

async function askQuestion(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question, { signal }).catch(() => "");
  } finally {
    lines.close();
  }
}

/** Listens to the process's signals; a second one ends the process at once. */
export function onInterrupt(interrupt: () => void): () => void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  let count = 0;
  const listener = (): void => {
    count += 1;
    if (count > 1) process.exit(1);
    interrupt();
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

/** The whole terminal, drawn again in its place. */
interface Screen {
  /** Shows these lines, from the top; those that do not fit are left out and counted. */
  readonly draw: (lines: readonly string[]) => void;
  /** Gives the terminal back as it was, cursor included. Safe to call twice. */
  readonly close: () => void;
}

/** What a screen is drawn on. */
export interface ScreenStream {
  readonly write: (text: string) => unknown;
  readonly rows?: number | undefined;
}

/** Calls back when the process ends, until the returned function is called. */
export type OnExit = (leave: () => void) => () => void;

const ESC = "\u001b[";
/** The alternate buffer without cursor and line wrap. */
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}?7l`;
const LEAVE = `${ESC}?7h${ESC}?25h${ESC}?1049l`;
const HOME = `${ESC}H`;
const CLEAR_LINE = `${ESC}K`;
const CLEAR_BELOW = `${ESC}J`;

/** Takes the terminal over until it is closed, or the process ends. */
export function openScreen(stream: ScreenStream, onExit: OnExit = onProcessExit): Screen {
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    ignoreExit();
    stream.write(LEAVE);
  };
  const ignoreExit = onExit(close);
  stream.write(ENTER);
  return {
    draw: (lines) => {
      const shown = fittingLines(lines, stream.rows);
      stream.write(`${HOME}${shown.map((line) => `${line}${CLEAR_LINE}`).join("\r\n")}${CLEAR_BELOW}`);
    },
    close,
  };
}

function onProcessExit(leave: () => void): () => void {
  process.once("exit", leave);
  return () => process.off("exit", leave);
}

/** The lines that a terminal of `rows` has room for; its last row says how many are missing. */
function fittingLines(lines: readonly string[], rows: number | undefined): readonly string[] {
  if (rows === undefined || lines.length <= rows) return lines;
  const shown = lines.slice(0, rows - 1);
  return [...shown, `… ${lines.length - shown.length} more lines: make the window higher`];
}
