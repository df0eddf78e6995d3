import type { Socket } from "node:dgram";
import type { SendDatagram } from "./xray-trace.ts";

/** Sends to the daemon at `host:port`; the socket is opened with the first datagram and never keeps the process alive. */
export function xrayDaemon(address: string): SendDatagram {
  const [, host = "127.0.0.1", port = "2000"] = /(?:^|:)([^:\s]+):(\d+)$/.exec(address) ?? [];
  const opened = open();
  return async (text) => {
    const socket = await opened;
    await new Promise<void>((resolve) => socket.send(text, Number(port), host, () => resolve()));
  };
}

/** Loaded only where traced, since every module costs a cold start. */
async function open(): Promise<Socket> {
  const { createSocket } = await import("node:dgram");
  const socket = createSocket("udp4");
  socket.unref();
  socket.on("error", () => undefined);
  return socket;
}
