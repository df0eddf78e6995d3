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
}
