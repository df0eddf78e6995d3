import pc from "picocolors";
import type { Terminal } from "../../bin/cli/terminal.ts";

/** A terminal that keeps what was written to it, without colours. */
export interface MemoryTerminal extends Terminal {
  readonly written: { readonly out: string[]; readonly err: string[] };
}

/** Makes an empty {@link MemoryTerminal}. */
export function memoryTerminal(): MemoryTerminal {
  const written = { out: [] as string[], err: [] as string[] };
  return {
    written,
    out: (line) => void written.out.push(...line.split("\n")),
    err: (line) => void written.err.push(...line.split("\n")),
    colours: pc.createColors(false),
    progress: (_text, work) => (typeof work === "function" ? work(() => undefined) : work),
  };
}
