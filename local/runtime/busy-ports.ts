import { createServer } from "node:http";
import { listen } from "../server/listen.ts";
import type { RuntimeOptions } from "./runtime-options.ts";

const PORT_OPTIONS: Readonly<Record<keyof RuntimeOptions["ports"], string>> = {
  page: "--port",
  url: "--url-port",
  aws: "--aws-port",
};

/** Throws for a wanted port on which somebody listens: whoever starts should not wait for a synthesis to hear it. */
export async function refuseBusyPorts(ports: RuntimeOptions["ports"]): Promise<void> {
  for (const [name, option] of Object.entries(PORT_OPTIONS)) {
    const port = ports[name as keyof RuntimeOptions["ports"]];
    if (port === 0) continue;
    const server = createServer();
    await listen(server, { port, option });
    await new Promise((resolve) => server.close(resolve));
  }
}
