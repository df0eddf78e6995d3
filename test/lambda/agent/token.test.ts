import { SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, test } from "vitest";
import { MAX_STALE_MS, tokenAgeOf, TokenCache } from "../../../lambda/agent/token.ts";
import { tokenDocumentOf } from "../../../lambda/contract/token.ts";
import { ssmTokenSource, type TokenReading } from "../../../lambda/read-token.ts";
import { ssmServer } from "../../support/aws-servers.ts";

const DOCUMENT = {
  current: "new",
  previous: "old",
  previousValidUntil: "2026-11-23T12:00:00Z",
} as const;
const GRACE_END_MS = Date.parse(DOCUMENT.previousValidUntil);

describe("the token's value", () => {
  test.each([
    ["bare", " abc= ", { current: "abc=" }],
    ["a document", JSON.stringify(DOCUMENT), DOCUMENT],
    ["digits, which are JSON but no object", "12345", { current: "12345" }],
    ["a document with no current token", '{"previous":"old"}', undefined],
    ["a current token that is no string", '{"current":5}', undefined],
    ["a list", '["abc"]', undefined],
    ["blank", " \n", undefined],
  ])("%s", (_name, value, expected) => {
    expect(tokenDocumentOf(value)).toEqual(expected);
  });

  test.each([
    ["new", 0, "current"],
    ["old", -1, "previous"],
    ["old", 0, "expired"],
    ["old", 40 * 86_400_000, "expired"],
    ["other", -1, undefined],
    ["", -1, undefined],
  ])("%j at %i ms from the end of grace is %s", (presented, fromEndMs, age) => {
    expect(tokenAgeOf(presented, DOCUMENT, GRACE_END_MS + fromEndMs)).toBe(age);
  });

  test.each([
    ["without an end of its grace time", {}],
    ["with an end that is no instant", { previousValidUntil: "soon" }],
  ])("a previous token %s is expired: it was replaced, and nobody promised it anything", (_how, more) => {
    expect(tokenAgeOf("old", { current: "new", previous: "old", ...more }, GRACE_END_MS)).toBe("expired");
  });

  test("a token that was replaced by itself is the current one", () => {
    expect(tokenAgeOf("new", { ...DOCUMENT, previous: "new" }, GRACE_END_MS)).toBe("current");
  });

  test("where there is no previous token an empty one is not it", () => {
    expect(tokenAgeOf("", { current: "new" }, 0)).toBeUndefined();
    expect(tokenAgeOf("", { current: "new", previousValidUntil: DOCUMENT.previousValidUntil }, 0)).toBe(
      undefined,
    );
  });
});

describe("the cache", () => {
  function cacheOver(
    readings: TokenReading[],
    ttlMs = 1_000,
  ): {
    cache: TokenCache;
    at: { ms: number };
    reads: () => number;
  } {
    const at = { ms: 0 };
    const all = readings.length;
    const read = (): Promise<TokenReading> =>
      Promise.resolve(readings.shift() ?? { fault: "token_unavailable" });
    return { cache: new TokenCache(read, ttlMs, () => at.ms), at, reads: () => all - readings.length };
  }

  test("reads once within the TTL, also when many ask at once", async () => {
    const { cache, reads } = cacheOver([{ value: "a" }, { value: "b" }]);
    await Promise.all([cache.get(), cache.get()]);
    expect(await cache.get()).toEqual({ document: { current: "a" } });
    expect(reads()).toBe(1);
  });

  test("while there is no token, many requests cause one reading a second", async () => {
    const { cache, at, reads } = cacheOver([{ fault: "token_missing" }, { value: "a" }]);
    expect(await Promise.all([cache.get(), cache.get()])).toEqual([
      { fault: "token_missing" },
      { fault: "token_missing" },
    ]);
    at.ms = 999;
    expect(await cache.get()).toEqual({ fault: "token_missing" });
    expect(reads()).toBe(1);
    at.ms = 1_000;
    expect(await cache.get()).toEqual({ document: { current: "a" } });
  });

  test("in use it reads the token again before the TTL ends, and nobody waits for it", async () => {
    const { cache, at, reads } = cacheOver([{ value: "a" }, { value: "b" }]);
    await cache.get();
    at.ms = 799;
    await cache.get();
    expect(reads()).toBe(1);
    at.ms = 800;
    expect(await cache.get()).toEqual({ document: { current: "a" } });
    await new Promise(setImmediate);
    expect(await cache.get()).toEqual({ document: { current: "b" } });
  });

  test("an environment that was idle serves no request with a token that was revoked meanwhile", async () => {
    const { cache, at } = cacheOver([{ value: "revoked" }, { value: "b" }]);
    await cache.get();
    at.ms = 1_000;
    expect(await cache.get()).toEqual({ document: { current: "b" } });
  });

  test.each(["token_missing", "token_denied"] as const)(
    "%s closes a warm environment at once: it is an answer, and no outage",
    async (fault) => {
      const { cache, at } = cacheOver([{ value: "a" }, { fault }]);
      await cache.get();
      at.ms = 1_000;
      expect(await cache.get()).toEqual({ fault });
      expect(await cache.get()).toEqual({ fault });
    },
  );

  test("while SSM cannot be reached the token is believed for an hour, and not a millisecond longer", async () => {
    const { cache, at } = cacheOver([{ value: "a" }]);
    await cache.get();
    for (const ms of [1_000, 20_000, MAX_STALE_MS - 1]) {
      at.ms = ms;
      expect(await cache.get()).toEqual({ document: { current: "a" } });
      await new Promise(setImmediate);
    }
    at.ms = MAX_STALE_MS;
    expect(await cache.get()).toEqual({ fault: "token_unavailable" });
    expect(await cache.recheck()).toEqual({ fault: "token_unavailable" });
  });

  test("after an outage the next reading is believed", async () => {
    const { cache, at } = cacheOver([{ value: "a" }, { fault: "token_unavailable" }, { value: "b" }]);
    await cache.get();
    at.ms = 2 * MAX_STALE_MS;
    expect(await cache.get()).toEqual({ fault: "token_unavailable" });
    expect(await cache.get()).toEqual({ document: { current: "b" } });
  });

  test("a new token that comes while the old one is read again is looked at after that reading", async () => {
    const { cache, at, reads } = cacheOver([{ value: "a" }, { value: "b" }], 300_000);
    await cache.get();
    at.ms = 299_000;
    expect(await cache.get()).toEqual({ document: { current: "a" } });
    expect(await cache.recheck()).toEqual({ document: { current: "b" } });
    expect(reads()).toBe(2);
  });

  test("keeps serving the old token through an outage", async () => {
    const { cache, at } = cacheOver([{ value: "a" }]);
    await cache.get();
    at.ms = 100_000;
    expect(await cache.recheck()).toEqual({ document: { current: "a" } });
  });

  test("a parameter that was emptied closes the agent though a token was cached", async () => {
    const { cache, at } = cacheOver([{ value: "a" }, { value: "" }]);
    await cache.get();
    at.ms = 20_000;
    expect(await cache.recheck()).toEqual({ fault: "token_empty" });
  });

  test("refused tokens cause one reading in ten seconds", async () => {
    const { cache, at, reads } = cacheOver([{ value: "a" }, { value: "b" }, { value: "c" }], 60_000);
    await cache.get();
    at.ms = 9_999;
    await cache.recheck();
    expect(reads()).toBe(1);
    at.ms = 10_000;
    expect(await cache.recheck()).toEqual({ document: { current: "b" } });
    await cache.recheck();
    expect(reads()).toBe(2);
  });
});

describe("SSM through the real client", () => {
  async function readAgainst(status: number, body: object): Promise<[TokenReading, string]> {
    let sent = "";
    const server = await ssmServer((text) => {
      sent = text;
      return { status, body };
    });
    const client = new SSMClient({
      endpoint: server.endpoint,
      region: "us-west-2",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      maxAttempts: 1,
    });
    const reading = await ssmTokenSource(client, "/token", 2_000)();
    client.destroy();
    await server.stop();
    return [reading, sent];
  }

  test("the value is asked for decrypted", async () => {
    const [reading, sent] = await readAgainst(200, { Parameter: { Value: "abc" } });
    expect(reading).toEqual({ value: "abc" });
    expect(JSON.parse(sent)).toEqual({ Name: "/token", WithDecryption: true });
  });

  test.each([
    [400, "ParameterNotFound", "token_missing"],
    [400, "AccessDeniedException", "token_denied"],
    [400, "ThrottlingException", "token_unavailable"],
    [500, "InternalServerError", "token_unavailable"],
  ])("%i %s is %s", async (status, name, fault) => {
    expect((await readAgainst(status, { __type: name, message: "no" }))[0]).toEqual({ fault });
  });

  test("a refused connection is an outage", async () => {
    const server = await ssmServer(() => ({ status: 200, body: {} }));
    await server.stop();
    const client = new SSMClient({
      endpoint: server.endpoint,
      region: "us-west-2",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      maxAttempts: 1,
    });
    expect(await ssmTokenSource(client, "/token", 2_000)()).toEqual({ fault: "token_unavailable" });
  });
});
