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
  /** Why the owner's mail could not be sent; missing when it was, or there was nothing to tell. */
  readonly mailFault?: string;
}
