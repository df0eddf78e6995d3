/**
 * What the token parameter holds: the current token and, during a grace time after a rotation, the previous one.
 *
 * Stored as JSON; a value that is not a JSON object is taken as the bare current token, as the Go original stored it.
 */
export interface TokenDocument {
  readonly current: string;
  /** ISO 8601 instant at which `current` was made; its age is unknown when missing. */
  readonly createdAt?: string;
  readonly previous?: string;
  /** ISO 8601 instant after which `previous` is refused. */
  readonly previousValidUntil?: string;
}

/** Reads the parameter's value; `undefined` when it holds no current token, which closes the agent. */
export function tokenDocumentOf(value: string): TokenDocument | undefined {
  const parsed = jsonObject(value);
  if (parsed === undefined) return value.trim() === "" ? undefined : { current: value.trim() };
  const current = tokenIn(parsed.current);
  const previous = tokenIn(parsed.previous);
  const { previousValidUntil: until, createdAt } = parsed;
  if (current === undefined) return undefined;
  return {
    current,
    ...(typeof createdAt === "string" ? { createdAt } : {}),
    ...(previous === undefined ? {} : { previous }),
    ...(typeof until === "string" ? { previousValidUntil: until } : {}),
  };
}

function jsonObject(value: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : undefined;
  } catch {
    return undefined;
  }
}

function tokenIn(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
