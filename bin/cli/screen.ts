/** The whole terminal, drawn anew in its place. */
export interface Screen {
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
