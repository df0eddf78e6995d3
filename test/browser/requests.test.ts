import { describe, expect, test } from "vitest";
import type { RequestRow } from "../../local/server/wire.ts";
import { browserPage } from "../support/browser-page.ts";

const at = browserPage();

/** So many requests, of which two in three are the probe's. */
function requests(count: number): readonly RequestRow[] {
  const { nowMs } = at.fake.state.overview;
  return Array.from({ length: count }, (_none, i) => {
    const isProbe = i % 3 !== 0;
    return {
      requestId: `0b6f1c1e-0000-4000-8000-${i.toString(16).padStart(12, "0")}`,
      sequence: count - i,
      timeMs: nowMs - i * 1000,
      method: "POST",
      path: "/",
      status: i === 3 ? 429 : 200,
      latencyMs: 1512,
      coldStart: false,
      line: {
        mode: i % 2 === 0 ? "note" : "event",
        outcome: i === 3 ? "throttled" : "ok",
        client: i % 6 === 0 ? "watch" : "phone",
        CostUsd: 0.0007,
        ModelLatency: 1200,
        TimeToFirstToken: 400,
        durationMs: 1500,
        ...(isProbe && { probe: 1 }),
      },
    };
  });
}

const rows = () => at.page.locator("table.requests tbody tr:not([aria-hidden])");

describe("the list of requests", () => {
  test("hides the probe's unless asked for, and says so in the address", async () => {
    at.fake.state.requests = requests(30);
    await at.open("#/requests");
    await expect.poll(() => rows().count()).toBe(10);
    await at.page.click("label:has-text('probe and deployments')");
    await expect.poll(() => rows().count()).toBe(30);
    await expect.poll(() => at.page.url()).toContain("probe=shown");
  });

  test("has units: seconds, dollars, and the model's part of the time", async () => {
    at.fake.state.requests = requests(1);
    await at.open("#/requests");
    await expect
      .poll(() => rows().first().textContent())
      .toMatch(/POST2001.5 s1.2 s312 msnoteok\$0.0007watchwarm$/);
  });

  test("is narrowed by outcome, client and words, and keeps all of it over a reload", async () => {
    at.fake.state.requests = requests(30);
    await at.open("#/requests");
    await at.page.selectOption(".filters select >> nth=0", "throttled");
    await expect.poll(() => rows().count()).toBe(1);
    await at.page.selectOption(".filters select >> nth=0", "ok");
    await at.page.selectOption(".filters select >> nth=2", "watch");
    await at.page.fill(".filters input[type=search]", "note 000000000006");
    await expect.poll(() => rows().count()).toBe(1);
    await at.page.reload();
    await expect.poll(() => rows().count()).toBe(1);
    await expect.poll(() => at.page.inputValue(".filters input[type=search]")).toBe("note 000000000006");
  });

  test("of a thousand draws only those in view, and the arrow keys go through all of them", async () => {
    at.fake.state.requests = requests(1000).map(({ line: { probe: _none, ...line }, ...row }) => ({
      ...row,
      line,
    }));
    await at.open("#/requests");
    await expect.poll(() => at.page.getAttribute("table.requests", "aria-rowcount")).toBe("1001");
    await expect.poll(() => rows().count()).toBeLessThan(60);
    await at.page.focus(".request-list");
    for (let n = 0; n < 40; n += 1) await at.page.keyboard.press("ArrowDown");
    await at.page.waitForSelector("tr.selected >> visible=true");
    await expect.poll(() => at.page.url()).toContain((39).toString(16).padStart(12, "0"));
  });

  test("shows the last hour above it, minute by minute", async () => {
    at.fake.state.requests = requests(180);
    await at.open("#/requests");
    await expect
      .poll(() => at.page.getAttribute(".hour svg", "aria-label"))
      .toBe("Last hour: 60 requests, 1 failed or refused");
  });
});

describe("a request opened", () => {
  const ID = "0b6f1c1e-0000-4000-8000-000000000003";

  test("shows where its time went, its log lines and EMF line, and the mails that followed", async () => {
    at.fake.state.requests = requests(6);
    const [raised] = at.fake.state.mails;
    if (raised === undefined) throw new Error("the demo has no mail");
    at.fake.state.mails = [{ ...raised, timeMs: at.fake.state.overview.nowMs }];
    const LOGGED = {
      timeMs: at.fake.state.overview.nowMs,
      level: "WARN",
      text: "model call failed outcome=upstream",
      frames: ["at ask (agent-0123456789ab.cjs:52:8892)"],
    };
    at.fake.state.details = {
      [ID]: { lines: [LOGGED] },
    };
    await at.open("#/requests");
    await at.page.click("tr.result-failed a");
    await at.page.waitForSelector(".log-lines:has-text('model call failed outcome=upstream')");
    for (const part of [
      "before the handler",
      "model, to its first token",
      "400 ms",
      "CostUsd",
      "ALARM: ",
      "WARN",
      "cjs:52:8892",
      "npm run cli -- logs 0b6f1c1e",
    ])
      await expect.poll(() => at.page.textContent(".request-card")).toContain(part);
    await at.page.reload();
    await at.page.waitForSelector(".request-card");
    await expect.poll(() => at.page.url()).toContain(ID);
  });

  test("is copied as curl without the token", async () => {
    await at.page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: at.url });
    at.fake.state.requests = requests(6);
    await at.open(`#/requests/${ID}`);
    await at.page.click("text=Copy as curl");
    await at.page.waitForSelector("text=Copied.");
    const copied = await at.page.evaluate<string>("navigator.clipboard.readText()");
    expect(copied).toContain('TOKEN="$(npm run -s cli -- token)"');
    expect(copied).toContain('-H "X-Client-Token: $TOKEN"');
    expect(copied).toContain('"mode":"event"');
  });
});

test("asking shows what the watch would create, and a refusal what it would say", async () => {
  await at.open("#/requests");
  await at.page.fill(".ask input", "dentist friday at two");
  await at.page.selectOption(".ask select", "event");
  await at.page.click(".ask button");
  await at.page.waitForSelector(".watch-kind:text-is('A calendar event on the watch')");
  // In the zone that is shown, as people write it.
  await expect
    .poll(() => at.page.textContent(".watch dl"))
    .toMatch(/^titleDentiststarts\w{3}, Nov 2[78], \d\d:00 .+$/);
  expect(await at.page.getAttribute(".watch time", "title")).toBe("2026-11-27T14:00:00-08:00");
  expect(at.fake.questions).toEqual([{ text: "dentist friday at two", mode: "event" }]);
  await at.page.fill(".ask input", "refuse me");
  await at.page.click(".ask button");
  await at.page.waitForSelector(".watch:has-text('The watch would say: text is too long')");
});

test("a fault ends by its timer, from any section", async () => {
  await at.open("#/setup");
  await at.page.click("summary:has-text('Faults')");
  await at.page.selectOption("form.fault select[name=minutes]", "15");
  await at.page.click("text=Start fault");
  await at.page.waitForSelector(".fault-active:has-text('ends in')");
  expect(at.fake.state.overview.fault.untilMs).toBe(at.fake.state.overview.nowMs + 15 * 60_000);
});

test("a fault may hit one mode, unless it is one of the parameter store, whose readings have none", async () => {
  await at.open("#/setup");
  await at.page.click("summary:has-text('Faults')");
  const mode = at.page.locator("form.fault select[name=mode]");
  await expect
    .poll(() => mode.locator("option").allTextContents())
    .toEqual(["every mode", "note", "reminder", "event"]);
  await mode.selectOption("event");
  await at.page.selectOption("form.fault select[name=kind]", "parameter-slow");
  await expect.poll(() => mode.isDisabled()).toBe(true);
  await at.page.click("text=Start fault");
  await at.page.waitForSelector(".fault-active:has-text('parameter-slow on 100 % of requests.')");
  expect(at.fake.state.overview.fault).toEqual({ kind: "parameter-slow", rate: 1 });
  await at.page.click("summary:has-text('Faults')");
  await at.page.selectOption("form.fault select[name=kind]", "garbage");
  await at.page.click("text=Start fault");
  await at.page.waitForSelector(".fault-active:has-text('garbage on 100 % of requests for event.')");
  expect(at.fake.state.overview.fault).toEqual({ kind: "garbage", rate: 1, mode: "event" });
  expect(at.problems).toEqual([]);
});
