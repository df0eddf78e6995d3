/** A mistake in the configuration that its author can mend; the message says what was found and what to write. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}
