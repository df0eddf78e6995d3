import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type PageServer, startPageServer } from "../../../local/server/page-server.ts";
import { demoState } from "../../support/demo-page.ts";
import { fakePage, type FakePage } from "../../support/fake-page.ts";

const NOW = Date.UTC(2026, 10, 22, 18);
const DRILL = { alarmName: "WristAgent-development-Duration", state: "ALARM", reason: "Drill" };

let page: FakePage;
let server: PageServer;

beforeEach(async () => {
  page = fakePage(demoState(NOW));
  server = await startPageServer({ port: 0, ...page, log: () => undefined });
});
afterEach(() => server.stop());

function post(body: string): Promise<Response> {
  return fetch(`${server.url}/api/alarm-state`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
}

describe("an alarm's state", () => {
  test("is set with its reason", async () => {
    const answer = await post(JSON.stringify(DRILL));
    expect([answer.status, await answer.json()]).toEqual([200, DRILL]);
    expect(page.state.alarms[1]).toMatchObject({ state: "ALARM", stateReason: "Drill" });
    const detail = await fetch(`${server.url}/api/alarm?name=${DRILL.alarmName}`);
    expect(await detail.json()).toMatchObject({ lastSet: { state: "ALARM", reason: "Drill" } });
  });

  test.each([
    ["{}", "body must be a JSON object like"],
    [JSON.stringify({ ...DRILL, reason: 3 }), "body must be a JSON object like"],
    [
      JSON.stringify({ ...DRILL, state: "MELTING" }),
      'state must be one of OK, ALARM, INSUFFICIENT_DATA; got "MELTING"',
    ],
    [JSON.stringify({ ...DRILL, alarmName: "none" }), "no alarm is called none"],
  ])("%s is refused", async (body, reason) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { error: string }).error).toContain(reason);
  });
});
