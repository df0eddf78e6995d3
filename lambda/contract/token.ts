import { isJsonObject } from "@wrist-agent/cloudwatch/json";

/**
 * What the token parameter holds: the current token and, during a grace time after a rotation, the previous
 * one.
 *
 * Stored as JSON; a value that is not a JSON object is taken as the bare current token, as the Go original
 * stored it.
 */
export interface TokenDocument {
  readonly current: string;
  readonly previous?: string;
  /** ISO 8601 instant after which `previous` is refused. */
  readonly previousValidUntil?: string;
  /** ISO 8601 instant at which `current` was made; missing where it was written by hand. */
  readonly createdAt?: string;
  /** False from a rotation until its mail is out; missing where there is nothing to report. */
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

/** Environment variables that the application stack sets and the rotation function reads. */
export const ROTATION_ENVIRONMENT = {
  /** Stage name, for the mail. */
  stage: "STAGE",
  /** Name of the SecureString parameter that holds the token. */
  tokenParameterName: "CLIENT_TOKEN_PARAM_NAME",
  /** How long the agent uses a token before it reads it again, in seconds. */
  tokenTtlSeconds: "TOKEN_CACHE_TTL_SECONDS",
  /** IANA zone of the times in the mail. */
  timeZone: "TIME_ZONE",
  /** Hours for which the previous token is still accepted after a rotation. */
  graceHours: "TOKEN_GRACE_HOURS",
  /** Age at which a scheduled run rotates the token, in days; 0 when only the operator does. */
  rotationDays: "TOKEN_ROTATION_DAYS",
  /** Topic that the owner's mail goes through. */
  ownerTopicArn: "OWNER_TOPIC_ARN",
} as const;

/** What becomes of the present token: it is accepted for the grace time, or refused at once. */
export type Grace = "kept" | "none";

/** What schedule and operator send to the rotation function. */
export interface RotationOrder {
  readonly order: "rotate";
  readonly by: "schedule" | "operator";
  readonly grace: Grace;
}

/** What the rotation function answers; it never holds a token. */
export interface RotationReport {
  readonly parameterName: string;
  readonly region: string;
  readonly isRotated: boolean;
  /** Why the token was left as it is; missing when it was not. */
  readonly reason?: string;
  /** ISO 8601 instant at which the current token was made; missing where nobody wrote it down. */
  readonly createdAt?: string;
  /** ISO 8601 instant until which the previous token is accepted; missing when none is. */
  readonly previousValidUntil?: string;
  /** Why the owner's mail could not be sent; missing when it was, or there was nothing to report. */
  readonly mailFault?: string;
}
