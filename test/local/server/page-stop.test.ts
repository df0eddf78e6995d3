import { expect, test } from "vitest";
import { startPageServer } from "../../../local/server/page-server.ts";
import { demoState } from "../../support/demo-page.ts";
import { fakePage } from "../../support/fake-page.ts";

test("a page that still waits when its server stops is cut off, and nothing is reported as a bug", async () => {
  const logged: string[] = [];
  const page = fakePage(demoState(Date.UTC(2026, 10, 22, 18)));
  let stopDrawing: (cause: Error) => void = () => undefined;
  let isAsked: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (isAsked = resolve));
  const drawDashboard = (): Promise<undefined> => {
    isAsked();
    return new Promise((_resolve, reject) => (stopDrawing = reject));
  };
  const server = await startPageServer({
    port: 0,
    ...page,
    api: { ...page.api, drawDashboard },
    log: (message) => logged.push(message),
  });
  const waiting = fetch(`${server.url}/api/dashboard?name=x`);
  await asked;
  await server.stop();
  await expect(waiting).rejects.toThrow("fetch failed");
  stopDrawing(new Error("the local runtime stops"));
  await new Promise((resolve) => setImmediate(resolve));
  expect(logged).toEqual([]);
});
