import { PROBE_HEADER, TOKEN_HEADER } from "../contract/request.ts";
import type { Asking } from "./exchange.ts";

/** A sound body; the agent asks the model less than this for the probe. */
const BODY = JSON.stringify({ text: "ok", mode: "note" });

/** The POST of a Shortcut, with the mark that keeps it out of the users' figures and makes it cheap. */
export function questionTo(url: string, token: string, withinMs: number): Asking {
  return {
    url,
    headers: { "content-type": "application/json", [TOKEN_HEADER]: token, [PROBE_HEADER]: "1" },
    body: BODY,
    withinMs,
  };
}
