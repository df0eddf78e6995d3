import { request } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { ManualClock } from "@wrist-agent/cloudwatch/clock";
import { PortInUseError } from "../../../local/server/listen.ts";
import {
  startPageServer,
  type PageServer,
  type PageServerOptions,
} from "../../../local/server/page-server.ts";
import type { ChangeListener, Subscribe } from "../../../local/server/page-api.ts";
import type { DashboardChange, Mail, Overview, Question } from "../../../local/server/wire.ts";
import { demoState } from "../../support/demo-page.ts";
import { fakePage, quietState, type FakePage } from "../../support/fake-page.ts";

const NOW = Date.UTC(2026, 10, 22, 18);
const ALL_PARTS = '["overview","alarms","requests","mails","dashboard"]';

/** A system that tells of the parts that a test names. */
function fakeSubscription(): { subscribe: Subscribe; tell: ChangeListener } {
  let listener: ChangeListener = () => undefined;
  return {
    subscribe: (given) => {
      listener = given;
      return () => undefined;
    },
    tell: (parts) => listener(parts),
  };
}

const running: PageServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(
  options: Partial<PageServerOptions> = {},
): Promise<{ page: FakePage; server: PageServer }> {
  const page = fakePage(quietState(NOW));
  const { api, subscribe, setFault, setAlarmState, changeSubscription, feedMetrics } = page;
  const server = await startPageServer({
    port: 0,
    api,
    subscribe,
    setFault,
    setAlarmState,
    changeSubscription,
    feedMetrics,
    log: () => undefined,
    ...options,
  });
  running.push(server);
  return { page, server };
}

interface Raw {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Ask {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `fetch` may not set Host or Origin, so requests are made by hand. */
function ask(server: PageServer, { path, method = "GET", headers = {}, body = "" }: Ask): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port: server.port, path, method, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

const JSON_TYPE = { "content-type": "application/json" };

describe("the page's files", () => {
  test.each([
    ["/", "text/html; charset=utf-8", "<title>Wrist Agent</title>"],
    ["/main.js", "text/javascript; charset=utf-8", "api/overview"],
    ["/page.css", "text/css; charset=utf-8", ".u-over"],
  ])("%s is served as %s", async (path, contentType, part) => {
    const { server } = await start();
    const answer = await ask(server, { path });
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe(contentType);
    expect(answer.body).toContain(part);
  });

  test("nothing from elsewhere may run in the page", async () => {
    const { server } = await start();
    const { headers, body } = await ask(server, { path: "/" });
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).not.toContain("unsafe");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(body).not.toMatch(/https?:/);
  });

  test("a file that the browser still has is not sent again", async () => {
    const { server } = await start();
    const first = await ask(server, { path: "/main.js" });
    const again = await ask(server, {
      path: "/main.js",
      headers: { "if-none-match": String(first.headers.etag) },
    });
    expect([again.status, again.body]).toEqual([304, ""]);
  });
});

describe("the readable API", () => {
  test.each([
    ["/api/overview", quietState(NOW).overview],
    ["/api/alarms", []],
    ["/api/requests", []],
    ["/api/mails", []],
  ])("%s answers what the system says", async (path, expected) => {
    const { server } = await start();
    const answer = await ask(server, { path });
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(JSON.parse(answer.body)).toEqual(expected);
  });

  test("a dashboard is asked for by name and range", async () => {
    const asked: unknown[] = [];
    const { page } = await start();
    const overview = { ...page.state.overview, dashboards: ["first", "second"] };
    const drawDashboard: PageServerOptions["api"]["drawDashboard"] = (query) => {
      asked.push(query);
      return { frame: "{}", widgets: [] };
    };
    const { server } = await start({ api: { ...page.api, drawDashboard, overview: () => overview } });
    await ask(server, { path: "/api/dashboard?name=on%20call&range=3600" });
    await ask(server, { path: "/api/dashboard?name=cost" });
    await ask(server, { path: "/api/dashboard?name=cost&range=900&end=1795968196665" });
    await ask(server, { path: "/api/dashboard?name=cost&logs=later" });
    await ask(server, { path: "/api/dashboard?range=900" });
    expect(asked).toEqual([
      { name: "on call", rangeSeconds: 3600 },
      { name: "cost" },
      { name: "cost", rangeSeconds: 900, endMs: 1_795_968_196_665 },
      { name: "cost", logs: "later" },
      // Without a name the first of the overview.
      { name: "first", rangeSeconds: 900 },
    ]);
  });

  test("the number of requests is what was asked for, 50 if nothing was", async () => {
    const limits: number[] = [];
    const { page } = await start();
    const requests = (limit: number): [] => {
      limits.push(limit);
      return [];
    };
    const { server } = await start({ api: { ...page.api, requests } });
    await ask(server, { path: "/api/requests" });
    await ask(server, { path: "/api/requests?limit=7" });
    expect(limits).toEqual([50, 7]);
  });

  test("HEAD answers the headers alone", async () => {
    const { server } = await start();
    const answer = await ask(server, { path: "/api/alarms", method: "HEAD" });
    expect([answer.status, answer.body]).toEqual([200, ""]);
  });

  test.each([
    ["/api/dashboard?name=", 400, "name is missing"],
    ["/api/dashboard", 404, "the templates hold no dashboard"],
    ["/api/dashboard?name=x&range=ten", 400, "range must be whole seconds from 60 to 39312000; got ten"],
    ["/api/dashboard?name=x&range=59", 400, "range must be"],
    ["/api/dashboard?name=nowhere", 404, "no dashboard is called nowhere"],
    ["/api/requests?limit=0", 400, "limit must be a whole number from 1 to 1000; got 0"],
    ["/api/requests?limit=-1", 400, "limit must be"],
    ["/api/requests?after=x", 400, "after must be a sequence number; got x"],
    ["/api/alarm", 400, "name is missing: /api/alarm?name="],
    ["/api/alarm?name=x&range=ten", 400, "range must be whole seconds"],
    ["/api/alarm?name=nowhere", 404, "no alarm is called nowhere"],
    ["/api/document?path=../package.md", 400, "path must be a document below docs/"],
    ["/api/document?path=/etc/passwd", 400, "path must be a document below docs/"],
    ["/api/document?path=a/b/c.md", 400, "path must be a document below docs/"],
    ["/api/document?path=runbooks/none.md", 404, "there is no document docs/runbooks/none.md"],
    ["/api/dashboard?name=x&logs=never", 400, "logs can only be later; got never"],
    ["/api/dashboard?name=x&end=soon", 400, "end must be epoch milliseconds; got soon"],
    ["/api/else", 404, "nothing is at /api/else: the page is at /"],
    ["/constructor", 404, "nothing is at /constructor"],
    ["//", 400, "// is no address"],
    ["//evil.example/", 400, "//evil.example/ is no address"],
    ["/%E0%A4%A", 404, "nothing is at /%E0%A4%A"],
    ["/../package.json", 404, "nothing is at /package.json"],
  ])("%s answers %i and says why", async (path, status, reason) => {
    const { server } = await start();
    const answer = await ask(server, { path });
    expect(answer.status).toBe(status);
    expect((JSON.parse(answer.body) as { error: string }).error).toContain(reason);
  });

  test("a write to a readable address is refused with what is allowed", async () => {
    const { server } = await start();
    const answer = await ask(server, { path: "/api/alarms", method: "DELETE" });
    expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD"]);
  });

  test("a bug behind the API answers 500 and is logged with its cause", async () => {
    const logged: unknown[] = [];
    const { page } = await start();
    const alarms = (): never => {
      throw new Error("no such store");
    };
    const { server } = await start({
      api: { ...page.api, alarms },
      log: (message, cause) => logged.push(message, cause),
    });
    expect((await ask(server, { path: "/api/alarms" })).status).toBe(500);
    expect(logged).toEqual(["page: GET /api/alarms failed", new Error("no such store")]);
  });
});

describe("who may ask", () => {
  test.each(["evil.example", "127.0.0.1.evil.example:7700", "not a name", "user@evil.example", "0.0.0.0"])(
    "the host name %j is refused",
    async (host) => {
      const { server } = await start();
      expect((await ask(server, { path: "/api/overview", headers: { host } })).status).toBe(403);
    },
  );

  test.each(["localhost:7700", "127.0.0.1", "[::1]:7700", "LOCALHOST"])(
    "the host name %j is served",
    async (host) => {
      const { server } = await start();
      expect((await ask(server, { path: "/api/overview", headers: { host } })).status).toBe(200);
    },
  );
});

describe("setting a fault", () => {
  const post = (body: string, headers: Readonly<Record<string, string>> = JSON_TYPE): Ask => ({
    path: "/api/fault",
    method: "POST",
    headers,
    body,
  });

  test.each([
    ['{"kind":"throttle","rate":0.5}', { kind: "throttle", rate: 0.5 }],
    ['{"kind":"slow"}', { kind: "slow", rate: 1 }],
    ['{"kind":"off","rate":0}', { kind: "off", rate: 0 }],
    ['{"kind":"error","mode":"research"}', { kind: "error", rate: 1, mode: "research" }],
    ['{"kind":"slow","minutes":15}', { kind: "slow", rate: 1, untilMs: NOW + 15 * 60_000 }],
  ])("%s is passed on and answered", async (body, fault) => {
    const { page, server } = await start();
    const answer = await ask(server, post(body));
    expect(JSON.parse(answer.body)).toEqual(fault);
    expect(page.state.overview.fault).toEqual(fault);
  });

  test("the page itself may set one", async () => {
    const { server } = await start();
    const host = `127.0.0.1:${server.port}`;
    const answer = await ask(
      server,
      post('{"kind":"slow"}', { ...JSON_TYPE, host, origin: `http://${host}` }),
    );
    expect(answer.status).toBe(200);
  });

  test.each<[string, Ask, number, string]>([
    [
      "another site's origin",
      post('{"kind":"slow"}', { ...JSON_TYPE, origin: "http://evil.example" }),
      403,
      "origin",
    ],
    ["an opaque origin", post('{"kind":"slow"}', { ...JSON_TYPE, origin: "null" }), 403, "origin"],
    ["a form's content type", post("kind=slow", { "content-type": "text/plain" }), 415, "text/plain"],
    ["no content type", post('{"kind":"slow"}', {}), 415, "content type"],
    ["broken JSON", post("{"), 400, "JSON object"],
    ["no mode's name", post('{"kind":"slow","mode":"<b>"}'), 400, "mode must be the name of one"],
    ["a mode of SSM", post('{"kind":"parameter-slow","mode":"note"}'), 400, "leave mode out"],
    ["no object", post("null"), 400, "JSON object"],
    ["an unknown kind", post('{"kind":"fire"}'), 400, 'got "fire"'],
    ["no kind", post("{}"), 400, "kind must be one of throttle, slow"],
    ["a rate over 1", post('{"kind":"slow","rate":2}'), 400, "rate must be a number from 0 to 1; got 2"],
    ["a rate in words", post('{"kind":"slow","rate":"half"}'), 400, 'got "half"'],
    ["no minutes at all", post('{"kind":"slow","minutes":0}'), 400, "minutes must be a number above 0"],
    ["minutes beyond a day", post('{"kind":"slow","minutes":1441}'), 400, "at most 1440; got 1441"],
    ["a body too large", post(`"${"x".repeat(70_000)}"`), 413, "over 65536 bytes"],
    ["a GET", { path: "/api/fault" }, 405, "use POST"],
  ])("%s is refused and changes nothing", async (...[, sent, status, reason]) => {
    const { page, server } = await start();
    const answer = await ask(server, sent);
    expect(answer.status).toBe(status);
    expect((JSON.parse(answer.body) as { error: string }).error).toContain(reason);
    expect(page.state.overview.fault.kind).toBe("off");
  });

  test("a real model has no faults to set", async () => {
    const page = fakePage(quietState(NOW));
    const server = await startPageServer({
      port: 0,
      api: page.api,
      subscribe: page.subscribe,
      setAlarmState: page.setAlarmState,
      changeSubscription: page.changeSubscription,
      feedMetrics: page.feedMetrics,
      log: () => undefined,
    });
    running.push(server);
    expect((await ask(server, post('{"kind":"slow"}'))).status).toBe(409);
  });
});

describe("asking from the page", () => {
  const post = (body: string, headers: Readonly<Record<string, string>> = JSON_TYPE): Ask => ({
    path: "/api/ask",
    method: "POST",
    headers,
    body,
  });
  const answered = { status: 200, milliseconds: 12, requestId: "r-1", fields: { title: "Fern" } };

  test("a text and its mode are passed on, and what the agent said comes back", async () => {
    const asked: Question[] = [];
    const { server } = await start({
      ask: (question) => {
        asked.push(question);
        return Promise.resolve(answered);
      },
    });
    const answer = await ask(server, post('{"text":"water the fern","mode":"reminder","token":"x"}'));
    expect(JSON.parse(answer.body)).toEqual(answered);
    await ask(server, post('{"text":""}'));
    expect(asked).toEqual([{ text: "water the fern", mode: "reminder" }, { text: "" }]);
  });

  test.each<[string, Ask, number, string]>([
    [
      "another site",
      post('{"text":"x"}', { ...JSON_TYPE, origin: "http://evil.example" }),
      403,
      "another site",
    ],
    ["a form", post("text=x", { "content-type": "text/plain" }), 415, "application/json"],
    ["no text", post("{}"), 400, "body must be a JSON object"],
    ["a mode that is no text", post('{"text":"x","mode":1}'), 400, "mode must be a text; got 1"],
    ["a GET", { path: "/api/ask" }, 405, "use POST"],
  ])("%s is refused", async (...[, sent, status, reason]) => {
    const { server } = await start({ ask: () => Promise.reject(new Error("asked")) });
    const answer = await ask(server, sent);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(reason)]);
  });

  test("a system that cannot ask says so", async () => {
    const { server } = await start();
    expect((await ask(server, post('{"text":"x"}'))).status).toBe(409);
  });
});

describe("what goes over the wire", () => {
  const accept = (encoding: string): Readonly<Record<string, string>> => ({ "accept-encoding": encoding });

  test.each([
    ["gzip, deflate, br, zstd", "br"],
    ["gzip", "gzip"],
    ["br;q=0, gzip;q=0.5", "gzip"],
    ["identity", undefined],
  ])("the script goes out for %j as %s", async (given, encoding) => {
    const { server } = await start();
    const { headers } = await ask(server, { path: "/main.js", headers: accept(given) });
    expect(headers["content-encoding"]).toBe(encoding);
    expect(headers.vary).toBe("accept-encoding");
  });

  test("script, style and page are under 150 kB together for a browser", async () => {
    const { server } = await start();
    const sizes = await Promise.all(
      ["/", "/main.js", "/page.css"].map(async (path) => {
        const { body } = await ask(server, { path, headers: accept("br") });
        return body.length;
      }),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
  });

  test("a long answer is packed, a short one is not", async () => {
    const { page, server } = await start();
    const get = async (): Promise<Raw> => ask(server, { path: "/api/overview", headers: accept("gzip") });
    expect((await get()).headers["content-encoding"]).toBeUndefined();
    page.state.overview = { ...page.state.overview, notices: ["x".repeat(5000)] };
    const packed = await get();
    expect(packed.headers["content-encoding"]).toBe("gzip");
    const unpacked = (await (await fetch(`${server.url}/api/overview`)).json()) as Overview;
    expect(unpacked.notices).toEqual(page.state.overview.notices);
  });

  test("a reader with a drawing gets the widgets that have changed since, and all of them otherwise", async () => {
    const { page, server } = await start();
    const draw = async (base?: string): Promise<DashboardChange> => {
      const query = base === undefined ? "" : `&base=${base}`;
      return JSON.parse(
        (await ask(server, { path: `/api/dashboard?name=one${query}` })).body,
      ) as DashboardChange;
    };
    const place = { x: 0, y: 0, width: 6, height: 3 };
    const text = (markdown: string) => ({ type: "text", place, markdown, background: "solid" }) as const;
    const view = { name: "one", startMs: 0, endMs: 1, notices: [], widgets: [text("a"), text("b")] };
    page.state.dashboards = [view];
    const first = await draw();
    expect(first).toEqual({
      version: "1",
      view: { name: "one", startMs: 0, endMs: 1, notices: [] },
      widgets: view.widgets,
    });
    page.state.dashboards = [{ ...view, endMs: 2, widgets: [text("a"), text("c")] }];
    expect(await draw(first.version)).toEqual({
      version: "2",
      base: "1",
      view: { name: "one", startMs: 0, endMs: 2, notices: [] },
      widgets: [null, text("c")],
    });
    expect(await draw("forgotten")).toMatchObject({ widgets: [text("a"), text("c")] });
    expect(await draw("forgotten")).not.toHaveProperty("base");
  });

  test("requests and mails are those after what the reader has", async () => {
    const { page, server } = await start();
    Object.assign(page.state, demoState(NOW));
    const [mail] = page.state.mails;
    page.state.mails = [{ ...mail, id: "mail-2" } as Mail, ...page.state.mails];
    const get = async (path: string): Promise<readonly Record<string, unknown>[]> =>
      JSON.parse((await ask(server, { path })).body) as Record<string, unknown>[];
    expect((await get("/api/requests?after=2")).map(({ sequence }) => sequence)).toEqual([4, 3]);
    expect((await get("/api/mails?after=mail-1")).map(({ id }) => id)).toEqual(["mail-2"]);
    expect((await get("/api/mails?after=mail-2")).map(({ id }) => id)).toEqual([]);
    expect((await get("/api/mails?after=gone")).map(({ id }) => id)).toEqual(["mail-2", "mail-1"]);
  });

  test("a request's kept lines are asked for by its id, which must be one", async () => {
    const { page, server } = await start();
    const LINE = { timeMs: NOW, level: "WARN", text: "model call failed", frames: [] };
    page.state.details = { "0b6f1c1e-0000": { lines: [LINE] } };
    const { body } = await ask(server, { path: "/api/request?id=0b6f1c1e-0000" });
    expect(JSON.parse(body)).toEqual({ lines: [LINE] });
    expect((await ask(server, { path: "/api/request?id=%3Cb%3E" })).status).toBe(400);
  });
});

describe("live changes", () => {
  async function listen(server: PageServer): Promise<AsyncIterator<string>> {
    const response = await fetch(`${server.url}/api/events`);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    const decoder = new TextDecoderStream();
    return response.body?.pipeThrough(decoder)[Symbol.asyncIterator]() as AsyncIterator<string>;
  }

  test("every listening page is told of a change, once for changes that come together", async () => {
    const { page, server } = await start();
    const pages = await Promise.all([listen(server), listen(server)]);
    for (const events of pages) expect((await events.next()).value).toContain("retry: 1000");
    page.changed();
    page.changed();
    for (const events of pages)
      expect(await events.next()).toEqual({ done: false, value: `event: changed\ndata: ${ALL_PARTS}\n\n` });
  });

  test("changes go out at most every two seconds, together and by their parts, with heartbeats between", async () => {
    const clock = new ManualClock(NOW);
    const heard = fakeSubscription();
    const { server } = await start({ clock, subscribe: heard.subscribe });
    const events = await listen(server);
    await events.next();
    heard.tell(["requests"]);
    expect((await events.next()).value).toBe('event: changed\ndata: ["requests"]\n\n');
    heard.tell(["mails"]);
    heard.tell(["requests"]);
    heard.tell(["mails"]);
    await clock.advance(1999);
    await clock.advance(1);
    expect((await events.next()).value).toBe(
      `event: changed\ndata: ["mails","requests"]\n\nevent: heartbeat\ndata:${NOW + 2000}\n\n`,
    );
    await clock.advance(4000);
    expect((await events.next()).value).toBe(
      `event: heartbeat\ndata:${NOW + 4000}\n\nevent: heartbeat\ndata:${NOW + 6000}\n\n`,
    );
    heard.tell(["alarms"]);
    expect((await events.next()).value).toBe('event: changed\ndata: ["alarms"]\n\n');
  });

  test("stopping ends open pages and the subscription", async () => {
    const { page, server } = await start();
    const events = await listen(server);
    await events.next();
    await server.stop();
    expect((await events.next().catch(() => ({ done: true }))).done).toBe(true);
    expect(page.listeners()).toBe(0);
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test("HEAD opens no stream", async () => {
    const { server } = await start();
    expect((await ask(server, { path: "/api/events", method: "HEAD" })).body).toBe("");
  });
});

test("a port that is taken is named, with the option that chooses another", async () => {
  const { server } = await start();
  const refused = start({ port: server.port });
  await expect(refused).rejects.toBeInstanceOf(PortInUseError);
  await expect(refused).rejects.toMatchObject({ port: server.port, option: "--port" });
});
