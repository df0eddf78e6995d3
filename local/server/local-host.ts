const LOCAL_NAMES: readonly string[] = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Why a `Host` header is refused, or undefined for one of this machine.
 *
 * A web page elsewhere can make a browser call a loopback port under a name of its own (DNS rebinding).
 */
export function foreignHost(host: string | undefined): string | undefined {
  const name = host?.toLowerCase().replace(/:\d+$/, "");
  if (name !== undefined && LOCAL_NAMES.includes(name)) return undefined;
  return `host ${JSON.stringify(host ?? "")} is not this machine: use 127.0.0.1 or localhost`;
}
