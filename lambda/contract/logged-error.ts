/** The name of what was thrown: a message may quote what was asked, a name cannot. */
export function errorName(cause: unknown): string {
  return cause instanceof Error ? cause.name : typeof cause;
}

/** The code that Node gives an error, `ECONNRESET` for example; its name where there is none. */
export function errorCode(cause: unknown): string {
  const { code } = (cause instanceof Error ? cause : {}) as { readonly code?: unknown };
  return typeof code === "string" && /^\w{1,60}$/.test(code) ? code : errorName(cause);
}

/** The stack without its first lines, which repeat the message. */
export function stackFrames(cause: unknown): readonly string[] {
  const lines = cause instanceof Error ? (cause.stack ?? "").split("\n") : [];
  return lines
    .map((line) => line.trim())
    .filter((line) => /^at \S.*[:)]/.test(line))
    .slice(0, 8);
}
