import type { Terminal } from "../../cli/terminal.ts";

/** Hides what a public job's log and summary must not show: mail addresses and the account's number. */
export function masked(text: string): string {
  return text
    .replaceAll(/[^\s"'<>(),:;=]+@[^\s"'<>(),:;=@]+\.[a-z]{2,}/gi, "***@***")
    .replaceAll(/(?<![\w])\d{12}(?![\w])/g, "************");
}

/** A terminal that shows everything masked. */
export function maskedTerminal(terminal: Terminal): Terminal {
  return {
    ...terminal,
    out: (line) => terminal.out(masked(line)),
    err: (line) => terminal.err(masked(line)),
  };
}

/** An error whose message hides the same: it is printed by whoever ends the process. */
export function maskedError(error: unknown): unknown {
  if (error instanceof Error) error.message = masked(error.message);
  return error;
}

/** Masks what comes in pieces, line by line, so that an address is never split; `end` writes what is left. */
export function maskedWriter(write: (text: string) => void): {
  write: (text: string) => void;
  end: () => void;
} {
  let rest = "";
  return {
    write(text) {
      const lines = `${rest}${text}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) write(`${masked(line)}\n`);
    },
    end() {
      if (rest !== "") write(masked(rest));
      rest = "";
    },
  };
}
