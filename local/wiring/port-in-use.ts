import { PortInUseError, type WantedPort } from "../server/listen.ts";
import { portHolder } from "../server/port-holder.ts";

/** An error of listening as the user is told it: by whom the port is held, and which option chooses another. */
export function namedListenError(error: unknown, wanted: WantedPort): unknown {
  const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  return isTaken ? new PortInUseError(wanted, portHolder(wanted.port), error) : error;
}
