import type { AddressInfo, Server } from "node:net";
import { portHolder } from "./port-holder.ts";
import type { PortHolder } from "./port-holder.ts";

/** The one address that servers of the local runtime bind to. */
export const LOOPBACK = "127.0.0.1";

/** A wanted port, and the option with which the user chooses another. */
export interface WantedPort {
  /** 0 takes any free one. */
  readonly port: number;
  /** As typed: `--url-port`. */
  readonly option: string;
}

/** Somebody else listens on the wanted port. */
export class PortInUseError extends Error {
  readonly code = "PORT_IN_USE";
  readonly port: number;
  readonly option: string;
  readonly holder: PortHolder | undefined;

  constructor({ port, option }: WantedPort, holder: PortHolder | undefined, cause: unknown) {
    const by = holder === undefined ? "an unknown process" : `process ${holder.pid} (${holder.command})`;
    super(
      `port ${port} is in use by ${by}: stop it, or choose another port with ${option} (0 for any free one)`,
      {
        cause,
      },
    );
    this.name = "PortInUseError";
    this.port = port;
    this.option = option;
    this.holder = holder;
  }
}

/** Binds a server to the loopback address alone and resolves with its port. */
export async function listen(server: Server, wanted: WantedPort): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(wanted.port, LOOPBACK, () => {
      server.off("error", reject);
      resolve();
    });
  }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE")
      throw new PortInUseError(wanted, portHolder(wanted.port), error);
    throw error;
  });
  return (server.address() as AddressInfo).port;
}
