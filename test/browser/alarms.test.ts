import { describe, expect, test } from "vitest";
import type { Mail } from "../../local/server/wire.ts";
import { browserPage } from "../support/browser-page.ts";

const at = browserPage();
const FAILURES = "WristAgent-development-Failures";
const CARD = ".card.selected";

describe("an alarm opened", () => {
  test("shows its points against the threshold, its states, and what was judged in words", async () => {
    await at.open(`#/alarms/${FAILURES}`);
    await at.page.waitForSelector(`${CARD} .alarm-chart canvas`);
    await expect.poll(() => at.page.locator(`${CARD} .alarm-chart`).count()).toBe(2);
    await expect.poll(() => at.page.textContent(`${CARD} .evaluated`)).toContain("3 of 4 requests failed");
    const states = await at.page.getAttribute(`${CARD} .timeline-strip`, "aria-label");
    // A time of yesterday carries its date.
    const time = String.raw`(?:\w{3} \d+ )?\d\d:\d\d`;
    expect(states).toMatch(new RegExp(`^States: OK from ${time} to ${time}; ALARM from ${time} to ${time}$`));
    await expect
      .poll(() => at.page.getAttribute(`${CARD} .alarm-chart [role=img]`, "aria-label"))
      .toContain("failing: last 1");
    expect(at.problems).toEqual([]);
  });

  test("has the states behind the points: the red band is drawn", async () => {
    await at.open(`#/alarms/${FAILURES}`);
    await at.page.waitForSelector(`${CARD} .alarm-chart canvas`);
    const tinted = `(() => {
      const c = document.querySelector(".alarm-chart canvas");
      const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
      let n = 0;
      for (let i = 0; i < d.length; i += 4) if (d[i] > 200 && d[i + 1] < 60 && d[i + 3] > 15 && d[i + 3] < 40) n++;
      return n;
    })()`;
    await expect.poll(() => at.page.evaluate(tinted)).toBeGreaterThan(100);
  });

  test("says its actions, when it was last tested, and why nothing runs", async () => {
    const suppression = "muted by the alarm mute rule nights";
    at.fake.state.alarms = at.fake.state.alarms.map((alarm, i) =>
      i === 0 ? { ...alarm, suppression } : alarm,
    );
    await at.open(`#/alarms/${FAILURES}`);
    const facts = at.page.locator(`${CARD} dl`);
    await expect.poll(() => facts.textContent()).toContain("wrist-agent-development-page");
    const text = await facts.textContent();
    expect(text).toContain("Last testednot within the 30 days");
    expect(text).toContain(`Suppressed${suppression}`);
    await expect.poll(() => at.page.textContent("#state")).toContain("Failures (page, actions muted)");
  });

  test("is set by hand only after it has said what will happen, and then says when it was tested", async () => {
    await at.open("#/alarms/WristAgent-development-Duration");
    await at.page.click(`${CARD} >> text=Set state for a drill`);
    await expect
      .poll(() => at.page.textContent(`${CARD} form.set-state`))
      .toContain("Its actions run as in earnest, for wrist-agent-development-page.");
    expect(at.fake.state.alarms[1]?.state).toBe("OK");
    await at.page.click(`${CARD} >> text=Cancel`);
    await at.page.click(`${CARD} >> text=Set state for a drill`);
    await at.page.fill(`${CARD} input[name=reason]`, "Drill of Monday");
    await at.page.click(`${CARD} >> text=Set the state`);
    await at.page.waitForSelector(`${CARD} dd:has-text('set to ALARM: Drill of Monday')`);
    expect(at.fake.state.alarms[1]?.state).toBe("ALARM");
    expect(at.problems).toEqual([]);
  });

  test("lists its mails with the time from the first failed request", async () => {
    at.fake.state.mails = at.fake.state.mails.map((mail) => ({
      ...mail,
      firstFailedMs: mail.timeMs - 250_000,
    }));
    await at.open(`#/alarms/${FAILURES}`);
    await expect
      .poll(() => at.page.textContent(`${CARD} .fault-to-mail`))
      .toMatch(/^4 min 10 s after the first failed request at /);
    await at.page.click(`${CARD} .alarm-mails a`);
    await at.page.waitForSelector(".mail .fault-to-mail");
  });

  test("leads to the dashboard, the requests and the runbook of this machine, never to a console", async () => {
    const console = "https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2";
    const description = [
      "Three requests failed.",
      "Runbook: docs/runbooks/failures.md",
      `Dashboard: ${console}#dashboards/dashboard/WristAgent-development`,
      `Log: ${console}#logsV2:logs-insights$3FqueryDetail$3D`,
    ].join("\n");
    at.fake.state.alarms = at.fake.state.alarms.map((alarm) => ({ ...alarm, description }));
    await at.open(`#/alarms/${FAILURES}`);
    const links = `[...document.querySelectorAll("${CARD} .alarm-links a")].map((link) => link.hash)`;
    await expect
      .poll(() => at.page.evaluate(links))
      .toEqual([
        "#/docs/runbooks%2Ffailures.md",
        expect.stringMatching(/^#\/dashboards\/WristAgent-development\?from=\d+&to=\d+$/),
        expect.stringMatching(/^#\/requests\?probe=shown&from=\d+&to=\d+$/),
      ]);
    await expect.poll(() => at.page.textContent(`${CARD} .prose`)).toBe("Three requests failed.");
    await at.page.click(`${CARD} >> text=Runbook`);
    await at.page.waitForSelector(".document li:has-text('Read the reason.') strong");
    expect(await at.page.textContent(".document")).not.toContain("made");
    await at.page.click("text=Back");
    await at.page.waitForSelector(CARD);
    expect(at.problems).toEqual([]);
  });

  test("is opened and closed by a click, in the address too, with its range", async () => {
    await at.open("#/alarms");
    await at.page.click(".alarm summary >> nth=2");
    await at.page.waitForSelector(".card.selected .timeline");
    await expect.poll(() => at.page.url()).toMatch(/#\/alarms\/WristAgent-development-\w+$/);
    const asked = at.page.waitForRequest((request) => request.url().includes("range=86400"));
    await at.page.click(".card.selected nav[aria-label='Time range of the alarm'] >> text=1d");
    await asked;
    await expect.poll(() => at.page.url()).toMatch(/\?range=1d$/);
    await at.page.reload();
    await at.page.waitForSelector(".card.selected .timeline");
    await at.page.click(".card.selected summary >> nth=0");
    await at.page.waitForSelector(".card.selected", { state: "detached" });
    await expect.poll(() => at.page.url()).toMatch(/#\/alarms$/);
  });
});

describe("the inbox", () => {
  const mail = (id: string, change: Partial<Mail>): Mail => ({
    id,
    timeMs: at.fake.state.overview.nowMs,
    from: "no-reply@sns.amazonaws.com",
    to: "you@example.com",
    subject: "AWS Notification - Subscription Confirmation",
    body: "",
    topicArn: "arn:aws:sns:us-west-2:123456789012:WristAgent-development-page",
    ...change,
  });
  const firstOk = (name: string): Mail =>
    mail(`ok-${name}`, {
      subject: `OK: "${name}" in US West (Oregon)`,
      alarmName: name,
      body: "- State Change:               INSUFFICIENT_DATA -> OK",
    });

  test("of a first start has nothing unread: confirmations and first OKs stand in groups", async () => {
    at.fake.state.mails = [...["a", "b", "c"].map(firstOk), ...["1", "2"].map((id) => mail(id, {}))];
    await at.open("#/inbox");
    await expect
      .poll(() => at.page.locator(".mail-group summary").allTextContents())
      .toEqual(["First OK: alarms that have data now and were never raised3", "Subscription confirmations2"]);
    await expect.poll(() => at.page.textContent("h2")).toBe("Inbox");
    await expect.poll(() => at.page.locator(".mails a:visible").count()).toBe(0);
    await at.page.click("summary:has-text('First OK')");
    await expect.poll(() => at.page.locator(".mails a:visible").count()).toBe(3);
  });

  test("is searched in every part of a mail, and the search is in the address", async () => {
    at.fake.state.mails = [firstOk("a"), ...at.fake.state.mails];
    await at.open("#/inbox");
    await at.page.fill("input[type=search]", "runbook entered");
    await at.page.waitForSelector(".mail-group", { state: "detached" });
    await expect.poll(() => at.page.locator(".mails a").count()).toBe(1);
    await expect.poll(() => at.page.url()).toContain("q=runbook+entered");
    await at.page.fill("input[type=search]", "nowhere");
    await at.page.waitForSelector("text=No mail matches the search.");
  });

  test("says how urgent a mail is and how long after the fault it came", async () => {
    const [raised] = at.fake.state.mails;
    if (raised === undefined) throw new Error("the demo has no mail");
    const topicArn = "arn:aws:sns:us-west-2:123456789012:wrist-agent-development-page";
    at.fake.state.mails = [{ ...raised, topicArn, firstFailedMs: raised.timeMs - 48_000 }];
    await at.open("#/inbox");
    await expect
      .poll(() => at.page.textContent(".mails a"))
      .toMatch(/^Unread: ALARMFailurespage.*48 s after the first failed/);
  });

  test("opens the runbook of a mail with a tap, on a phone too", async () => {
    const [raised] = at.fake.state.mails;
    if (raised === undefined) throw new Error("the demo has no mail");
    at.fake.state.mails = [
      { ...raised, body: "- Description: \nIt fails.\nRunbook: docs/runbooks/failures.md\n" },
    ];
    await at.page.setViewportSize({ width: 390, height: 844 });
    await at.open("#/inbox/mail-1");
    const button = at.page.locator(".mail .alarm-links a:has-text('Runbook')");
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(24);
    await button.click();
    await at.page.waitForSelector(".document >> text=failures");
    expect(at.problems).toEqual([]);
  });

  test("ends a subscription only after it has asked, and confirms one at once", async () => {
    const arn = "arn:aws:sns:us-west-2:123456789012:page:1-2";
    const link = `https://sns.us-west-2.amazonaws.com/unsubscribe.html?SubscriptionArn=${arn}&Endpoint=a`;
    const call = "aws sns confirm-subscription --topic-arn arn:aws:sns:us-west-2:1:page --token abc";
    at.fake.state.mails = [mail("1", { body: `Text\n--\n${link}` }), mail("2", { body: `Call\n${call}` })];
    await at.open("#/inbox/1");
    expect(await at.page.locator(".mail-body a").count()).toBe(0);
    await at.page.click(".mail >> text=Unsubscribe…");
    expect(at.fake.subscriptionRequests).toEqual([]);
    await at.page.click(".mail >> button:text-is('Unsubscribe')");
    await at.page.waitForSelector(".mail >> text=Unsubscribed.");
    await at.open("#/inbox/2");
    await at.page.click(".mail >> text=Confirm subscription");
    await at.page.waitForSelector(".mail >> text=Confirmed");
    expect(at.fake.subscriptionRequests).toEqual([
      { action: "unsubscribe", subscriptionArn: arn },
      { action: "confirm", topicArn: "arn:aws:sns:us-west-2:1:page", token: "abc" },
    ]);
  });
});
