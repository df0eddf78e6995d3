import { isJsonObject } from "./json-object.ts";

/**
 * What the token parameter holds: the current token and, during a grace time after a rotation, the previous one.
 *
 * Stored as JSON; a value that is not a JSON object is taken as the bare current token, as the Go original stored it.
 */
export interface TokenDocument {
  readonly current: string;
  readonly previous?: string;
  /** ISO 8601 instant after which `previous` is refused. */
  readonly previousValidUntil?: string;
  /** ISO 8601 instant at which `current` was made; missing where it was written by hand. */
  readonly createdAt?: string;
  /** False from a rotation until its mail is out; missing where there is nothing to tell. */
  readonly ownerTold?: boolean;
}

/** Reads the parameter's value; `undefined` when it holds no current token, which closes the agent. */
export function tokenDocumentOf(value: string): TokenDocument | undefined {
  const parsed = jsonObject(value);
  if (parsed === undefined) return value.trim() === "" ? undefined : { current: value.trim() };
  const current = tokenIn(parsed.current);
  const previous = tokenIn(parsed.previous);
  const { previousValidUntil, createdAt, ownerTold } = parsed;
  if (current === undefined) return undefined;
  return {
    current,
    ...(previous === undefined ? {} : { previous }),
    ...(typeof previousValidUntil === "string" ? { previousValidUntil } : {}),
    ...(typeof createdAt === "string" ? { createdAt } : {}),
    ...(typeof ownerTold === "boolean" ? { ownerTold } : {}),
  };
}

/** Until when the previous token is accepted, epoch milliseconds; 0 where none is. */
export function graceEndMs({ previous, previousValidUntil }: TokenDocument): number {
  const endMs = Date.parse(previousValidUntil ?? "");
  return previous === undefined || Number.isNaN(endMs) ? 0 : endMs;
}

/** The command that prints the current token, whether the parameter holds a document or a bare one. */
export function readTokenCommand(parameterName: string, region: string): string {
  return (
    `aws ssm get-parameter --with-decryption --region ${region} --name ${parameterName} ` +
    String.raw`--query Parameter.Value --output text | sed 's/.*"current":"\([^"]*\)".*/\1/'`
  );
}

function jsonObject(value: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    // A list is no document, and no token by itself either.
    if (Array.isArray(parsed)) return {};
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function tokenIn(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}
