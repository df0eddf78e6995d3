import { createInterface } from "node:readline/promises";

/** Asks the person and gives what they typed; nothing when the signal fires first. */
export type Ask = (question: string, signal: AbortSignal) => Promise<string>;

/** Calls back on Ctrl-C or SIGTERM, until the returned function is called. */
export type OnInterrupt = (interrupt: () => void) => () => void;

/** Asks on the process's terminal; missing where nobody sits at one. */
export function askAtTerminal(): Ask | undefined {
  return process.stdin.isTTY && process.stderr.isTTY ? ask : undefined;
}

/** Whether an answer means yes; everything else is no. */
export function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer.trim());
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
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
