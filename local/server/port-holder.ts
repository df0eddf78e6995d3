import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process that listens on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly command: string;
}

const LISTEN = "0A";

/** Who listens on `port`, as far as Linux tells this user; undefined elsewhere and when it does not. */
export function portHolder(port: number): PortHolder | undefined {
  const inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => listeningInodes(read(path), port));
  if (inodes.length === 0) return undefined;
  const sockets = new Set(inodes.map((inode) => `socket:[${inode}]`));
  const pid = list("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((name) => list(`/proc/${name}/fd`).some((fd) => sockets.has(link(`/proc/${name}/fd/${fd}`))));
  if (pid === undefined) return undefined;
  return { pid: Number(pid), command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim() };
}

/** The socket inodes that listen on `port` in the text of `/proc/net/tcp`. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(suffix) === true && state === LISTEN)
    .flatMap((fields) => fields[9] ?? []);
}

function read(path: string): string {
  return orElse("", () => readFileSync(path, "utf8"));
}

function list(path: string): string[] {
  return orElse([], () => readdirSync(path));
}

function link(path: string): string {
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
