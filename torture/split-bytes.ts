import { connect, createServer, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

/** Turns of the event loop after which a server in this process has read what was written before. */
const TURNS = 3;

async function letTheServerRead(): Promise<void> {
  for (let count = 0; count < TURNS; count += 1) await turn();
}

/**
 * Sends `bytes` in two parts, the first ending before byte `at`, and gives all that comes back until the
 * server closes.
 */
export async function sendSplit(port: number, bytes: Buffer, at: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const answer = new Promise<string>((resolve, reject) => {
    const parts: Buffer[] = [];
    socket.on("data", (part) => parts.push(part));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(parts).toString("latin1")));
  });
  await new Promise((resolve) => socket.once("connect", resolve));
  await writeSplit(socket, bytes, at);
  return answer;
}

async function writeSplit(socket: Socket, bytes: Buffer, at: number): Promise<void> {
  socket.setNoDelay(true);
  socket.write(bytes.subarray(0, at));
  await letTheServerRead();
  if (!socket.destroyed) socket.write(bytes.subarray(at));
}

/** A port that passes everything on to another and splits what each client sends at one byte. */
export interface SplittingProxy {
  readonly port: number;
  /** Bytes that the client of the last connection sent. */
  readonly sentBytes: () => number;
  stop(): Promise<void>;
}

/** Starts a proxy before `port` that splits the byte stream of every client before byte `at()`. */
export async function startSplittingProxy(port: number, at: () => number): Promise<SplittingProxy> {
  let sent = 0;
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = connect(port, "127.0.0.1");
    sent = 0;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => (client.destroy(), server.destroy()));
    }
    server.pipe(client);
    let order = Promise.resolve();
    client.on("data", (bytes) => {
      const split = Math.min(Math.max(at() - sent, 0), bytes.length);
      sent += bytes.length;
      order = order.then(() => writeSplit(server, bytes, split));
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    port: (proxy.address() as { readonly port: number }).port,
    sentBytes: () => sent,
    stop: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
