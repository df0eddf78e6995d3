import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import { listen, listeningInodes, PortInUseError } from "../../../local/server/listen.ts";

describe("listening", () => {
  test("binds to the loopback address alone", async () => {
    const server = createServer();
    await listen(server, { port: 0, option: "--port" });
    expect(server.address()).toMatchObject({ address: "127.0.0.1" });
    server.close();
  });

  test("on a port in use says which, by whom, and which option to use", async () => {
    const first = createServer();
    const port = await listen(first, { port: 0, option: "--port" });
    const refused = await listen(createServer(), { port, option: "--url-port" }).catch(
      (error: unknown) => error,
    );
    first.close();
    if (!(refused instanceof PortInUseError)) throw new Error("not refused");
    expect(refused).toMatchObject({ code: "PORT_IN_USE", port, option: "--url-port" });
    expect(refused.message).toMatch(`port ${port} is in use by `);
    expect(refused.message).toContain("choose another port with --url-port (0 for any free one)");
    if (process.platform === "linux") expect(refused.holder?.pid).toBe(process.pid);
  });

  test("says that the process is unknown where the system does not tell", () => {
    expect(new PortInUseError({ port: 7700, option: "--port" }, undefined, undefined).message).toBe(
      "port 7700 is in use by an unknown process: stop it, or choose another port with --port (0 for any free one)",
    );
  });

  test("finds listening sockets in the kernel's table and skips connections", () => {
    const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1E14 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0 100 0
   1: 0100007F:1E14 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 4243 1 0 100 0
   2: 0100007F:1E15 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4244 1 0 100 0
`;
    expect(listeningInodes(table, 7700)).toEqual(["4242"]);
  });
});
