/** What the agent's prompt says in lines of `Name: value`. */
export interface PromptLines {
  readonly mode: string;
  /** Epoch milliseconds; undefined when the prompt does not say. */
  readonly nowMs: number | undefined;
  /** IANA zone; undefined when the prompt names none that exists. */
  readonly timeZone: string | undefined;
}

/** Reads the agent's lines from a system prompt; undefined for a prompt of another kind. */
export function promptLines(system: string): PromptLines | undefined {
  const mode = line(system, "Mode");
  if (mode === undefined) return undefined;
  const nowMs = Date.parse(line(system, "Now") ?? "");
  const zone = line(system, "Time zone");
  return {
    mode,
    nowMs: Number.isNaN(nowMs) ? undefined : nowMs,
    timeZone: zone !== undefined && isZone(zone) ? zone : undefined,
  };
}

/** The dictated text of a user message. */
export function dictation(user: string): string {
  const wrapped = /<dictation>([\s\S]*?)<\/dictation>/.exec(user)?.[1] ?? user;
  return wrapped.trim();
}

function line(text: string, name: string): string | undefined {
  return new RegExp(`^${name}:[ \\t]*(\\S.*?)\\s*$`, "m").exec(text)?.[1];
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
