import { afterEach, beforeEach, expect, test } from "vitest";
import { type PageServer, startPageServer } from "../../../local/server/page-server.ts";
import { type FakePage, fakePage, quietState } from "../../support/fake-page.ts";

const NOW = Date.UTC(2026, 10, 23, 12);
const datum = {
  namespace: "AWS/EC2",
  metricName: "CPUUtilization",
  dimensions: { InstanceId: "i-1" },
  timestampMs: NOW,
  values: [95],
};

let page: FakePage;
let server: PageServer;

beforeEach(async () => {
  page = fakePage(quietState(NOW));
  const { api, subscribe, setFault, setAlarmState, changeSubscription, feedMetrics } = page;
  const parts = { api, subscribe, setFault, setAlarmState, changeSubscription, feedMetrics };
  server = await startPageServer({ port: 0, ...parts, log: (message) => void expect.fail(message) });
});
afterEach(() => server.stop());

const post = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(new URL("/api/metrics", server.url), {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

test("data of a Region are handed to the system, in whatever namespace", async () => {
  const response = await post({ region: "us-west-2", data: [datum] });
  expect([response.status, await response.json()]).toEqual([200, { fed: 1 }]);
  expect(page.feeds).toEqual([{ region: "us-west-2", data: [datum] }]);
});

test.each([
  [{ region: "moon-1", data: [datum] }, "Region moon-1 is none that runs here"],
  [{ region: "us-west-2", data: [{ ...datum, values: ["95"] }] }, "body must be a JSON object like"],
  [{ region: "us-west-2", data: [{ ...datum, timestampMs: -1 }] }, "body must be a JSON object like"],
  [{ data: [datum] }, "body must be a JSON object like"],
  ["nonsense", "body must be a JSON object like"],
])("%j is refused", async (body, reason) => {
  const response = await post(body);
  expect(response.status).toBe(400);
  expect(((await response.json()) as { error: string }).error).toContain(reason);
});

test("a page of another site feeds nothing", async () => {
  const response = await post({ region: "us-west-2", data: [datum] }, { origin: "https://evil.example" });
  expect(response.status).toBe(403);
  expect(page.feeds).toEqual([]);
});
