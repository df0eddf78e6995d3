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

/** What a browser says of the page that makes a request. */
interface BrowserHeaders {
  readonly origin?: string | undefined;
  readonly "sec-fetch-site"?: string | string[] | undefined;
}

/**
 * Why a request that a web page makes is refused, or undefined for one that no page makes: no client of AWS sends
 * these headers, and a page anywhere can have a browser post a form to a loopback port without asking first.
 */
export function browserRequest(headers: BrowserHeaders): string | undefined {
  const { origin, "sec-fetch-site": site } = headers;
  if (origin !== undefined)
    return `origin ${JSON.stringify(origin)} is a web page: the AWS endpoint answers AWS clients only`;
  if (site === undefined || site === "none") return undefined;
  return `a ${String(site)} web page asks: the AWS endpoint answers AWS clients only`;
}
