import { tokenDocumentOf } from "../contract/token.ts";
import type { ReadToken, TokenFault } from "../ssm/read-token.ts";

/** The token to present and where it comes from, or why there is none. */
export type Presented =
  { readonly token: string; readonly from: "read" | "remembered" } | { readonly fault: TokenFault };

/**
 * Reads the token for every try, so that a rotated one is met at once, and remembers it: an outage of SSM is not one of the
 * agent, which goes on with the token that it knows. A parameter that is gone, empty or denied is never made up for.
 */
export class TokenMemory {
  readonly #read: ReadToken;
  #last: string | undefined;

  constructor(read: ReadToken) {
    this.#read = read;
  }

  async present(): Promise<Presented> {
    const reading = await this.#read();
    if ("fault" in reading) return this.#without(reading.fault);
    const token = tokenDocumentOf(reading.value)?.current;
    if (token === undefined) return { fault: "token_empty" };
    this.#last = token;
    return { token, from: "read" };
  }

  #without(fault: TokenFault): Presented {
    if (fault !== "token_unavailable" || this.#last === undefined) return { fault };
    return { token: this.#last, from: "remembered" };
  }
}
