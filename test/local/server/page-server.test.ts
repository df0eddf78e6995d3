import { request } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { PortInUseError } from "../../../local/server/listen.ts";
import {
  startPageServer,
  type PageServer,
  type PageServerOptions,
} from "../../../local/server/page-server.ts";
import { fakePage, quietState, type FakePage } from "../../support/fake-page.ts";

const NOW = Date.UTC(2026, 10, 22, 18);
const running: PageServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

async function start(
  options: Partial<PageServerOptions> = {},
): Promise<{ page: FakePage; server: PageServer }> {
  const page = fakePage(quietState(NOW));
  const { api, subscribe, setFault } = page;
  const server = await startPageServer({
    port: 0,
    api,
    subscribe,
    setFault,
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
    const dashboard: PageServerOptions["api"]["dashboard"] = (query) => {
      asked.push(query);
      return { name: query.name, startMs: 0, endMs: 1, widgets: [], notices: [] };
    };
    const { server } = await start({ api: { ...page.api, dashboard } });
    await ask(server, { path: "/api/dashboard?name=on%20call&range=3600" });
    await ask(server, { path: "/api/dashboard?name=cost" });
    expect(asked).toEqual([{ name: "on call", rangeSeconds: 3600 }, { name: "cost" }]);
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
    ["/api/dashboard", 400, "name is missing"],
    ["/api/dashboard?name=x&range=ten", 400, "range must be whole seconds from 60 to 39312000; got ten"],
    ["/api/dashboard?name=x&range=59", 400, "range must be"],
    ["/api/dashboard?name=nowhere", 404, "no dashboard is called nowhere"],
    ["/api/requests?limit=0", 400, "limit must be a whole number from 1 to 1000; got 0"],
    ["/api/requests?limit=-1", 400, "limit must be"],
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
    ["no object", post("null"), 400, "JSON object"],
    ["an unknown kind", post('{"kind":"fire"}'), 400, 'got "fire"'],
    ["no kind", post("{}"), 400, "kind must be one of throttle, slow"],
    ["a rate over 1", post('{"kind":"slow","rate":2}'), 400, "rate must be a number from 0 to 1; got 2"],
    ["a rate in words", post('{"kind":"slow","rate":"half"}'), 400, 'got "half"'],
    ["a body too large", post(`"${"x".repeat(5000)}"`), 413, "over 4096 bytes"],
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
      log: () => undefined,
    });
    running.push(server);
    expect((await ask(server, post('{"kind":"slow"}'))).status).toBe(409);
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
      expect(await events.next()).toEqual({ done: false, value: "event: changed\ndata:\n\n" });
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
