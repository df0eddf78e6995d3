import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { AddressInfo, Server } from "node:net";

/** A process that listens on a port. */
interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

const LISTEN_STATE = "0A";

/** Who listens on `port`, as far as Linux shows this user; undefined elsewhere and when it does not. */
function portHolder(port: number): PortHolder | undefined {
  const inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) =>
    listeningInodes(readProcFile(path), port),
  );
  if (inodes.length === 0) return undefined;
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const pid = listProcDirectory("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((name) =>
      listProcDirectory(`/proc/${name}/fd`).some((fd) => sockets.has(readProcLink(`/proc/${name}/fd/${fd}`))),
    );
  if (pid === undefined) return undefined;
  return { pid: Number(pid), command: readProcFile(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim() };
}

/** The socket inodes that listen on `port` in the text of `/proc/net/tcp`. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) === true && state === LISTEN_STATE)
    .flatMap((fields) => fields[9] ?? []);
}

function readProcFile(path: string): string {
  return orElse("", () => readFileSync(path, "utf8"));
}

function listProcDirectory(path: string): string[] {
  return orElse([], () => readdirSync(path));
}

function readProcLink(path: string): string {
  return orElse("", () => readlinkSync(path));
}

/** Processes end, and others' are closed to this user: both read as nothing. */
function orElse<T>(otherwise: T, attempt: () => T): T {
  try {
    return attempt();
  } catch {
    return otherwise;
  }
}

/** The one address that servers of the local runtime bind to. */
const LOOPBACK = "127.0.0.1";

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
