import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenAgeOf } from "../../../lambda/agent/token.ts";
import { tokenDocumentOf, type TokenDocument } from "../../../lambda/contract/token.ts";
import type { OwnerMail } from "../../../lambda/rotation/owner-mail.ts";
import { createRotation, type RotationPorts } from "../../../lambda/rotation/rotation.ts";
import type { StoredToken } from "../../../lambda/rotation/token-parameter.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START_MS = Date.UTC(2026, 10, 23, 17);
const NAME = "/wrist-agent/test/client-token";

const SCHEDULED = { order: "rotate", by: "schedule", grace: "kept" } as const;
const OPERATOR = { ...SCHEDULED, by: "operator" } as const;
const REVOKING = { ...OPERATOR, grace: "none" } as const;

/** A rotation function over a parameter in memory, with everything that it wrote, mailed and answered. */
function rotationOver(stored: StoredToken | undefined, change: Partial<RotationPorts> = {}) {
  const world = {
    stored,
    versions: stored === undefined ? [] : [stored],
    nowMs: START_MS,
    made: 0,
    mails: [] as OwnerMail[],
    answers: [] as string[],
  };
  const logs: string[] = [];
  const write = (value: string): Promise<number> => {
    const version = (world.stored?.version ?? 0) + 1;
    world.stored = { type: "SecureString", value, modifiedMs: world.nowMs, version };
    world.versions.push(world.stored);
    return Promise.resolve(version);
  };
  const run = createRotation({
    facts: {
      stage: "test",
      region: "us-west-2",
      parameterName: NAME,
      timeZone: "Europe/Berlin",
      tokenTtlSeconds: 300,
    },
    rules: { graceMs: 72 * HOUR, rotationMs: 30 * DAY },
    parameter: {
      read: (version) =>
        Promise.resolve(
          version === undefined ? world.stored : world.versions.find((each) => each.version === version),
        ),
      create: async (value) => void (await write(value)),
      replace: write,
    },
    publish: (mail) => Promise.resolve(void world.mails.push(mail)),
    sendResponse: (_url, body) => Promise.resolve(void world.answers.push(body)),
    log: (message, details) => logs.push(JSON.stringify([message, details])),
    now: () => world.nowMs,
    wait: () => Promise.resolve(),
    freshToken: () => `fresh-token-${++world.made}`,
    ...change,
  });
  const document = (): TokenDocument => tokenDocumentOf(world.stored?.value ?? "") ?? { current: "" };
  return { run, world, logs, document };
}

function secret(document: TokenDocument | string): StoredToken {
  const value = typeof document === "string" ? document : JSON.stringify(document);
  return { type: "SecureString", value, modifiedMs: START_MS, version: 1 };
}

const FAILING = (): Promise<never> => Promise.reject(new Error("SNS is not reachable"));

function letsIn(...asked: Parameters<typeof tokenAgeOf>): boolean {
  return ["current", "previous"].includes(tokenAgeOf(...asked) ?? "");
}

describe("a rotation", () => {
  test("keeps the present token beside the new one for the grace time, and mails no secret", async () => {
    const { run, world, document, logs } = rotationOver(secret("bare-old"));
    const report = await run(OPERATOR);
    expect(document()).toEqual({
      current: "fresh-token-1",
      previous: "bare-old",
      previousValidUntil: "2026-11-26T17:00:00.000Z",
      createdAt: "2026-11-23T17:00:00.000Z",
      ownerTold: true,
    });
    expect(report).toEqual({
      parameterName: NAME,
      region: "us-west-2",
      isRotated: true,
      createdAt: "2026-11-23T17:00:00.000Z",
      previousValidUntil: "2026-11-26T17:00:00.000Z",
    });
    const [mail] = world.mails;
    expect(mail?.subject).toBe("Wrist Agent test: the token has changed");
    expect(mail?.message).toContain("The old token works until Thu, 26 Nov 2026, 18:00 (Europe/Berlin).");
    expect(mail?.message).toContain(`--region us-west-2 --name ${NAME} --query Parameter.Value`);
    expect(mail?.message).toContain("x-client-token");
    expect([mail?.message, JSON.stringify(report), ...logs].join()).not.toMatch(/fresh-token|bare-old/);
  });

  test("a second one within the grace time is refused with the promise that it would break", async () => {
    const { run, world, document } = rotationOver(secret("old"));
    await run(OPERATOR);
    world.nowMs += 72 * HOUR - 1;
    const report = await run(OPERATOR);
    expect(report).toMatchObject({ isRotated: false });
    expect(report?.reason).toContain("promised to work until 2026-11-26T17:00:00.000Z");
    expect(document().previous).toBe("old");
    world.nowMs += 1;
    expect(await run(OPERATOR)).toMatchObject({ isRotated: true });
  });

  test("revoking leaves no other token, also within a grace time, and the mail says when it holds", async () => {
    const { run, world, document } = rotationOver(secret("old"));
    await run(OPERATOR);
    expect(await run(REVOKING)).not.toHaveProperty("previousValidUntil");
    expect(Object.keys(document())).toEqual(["current", "createdAt", "ownerTold"]);
    expect(world.mails.at(-1)?.message).toContain("may take it for another 300 seconds");
  });

  test.each([
    ["29 days and a half", 29.5 * DAY, true],
    ["a little less", 29.5 * DAY - 1, false],
  ])("a daily run rotates a token that is %s old: %s ms, %s", async (_name, ageMs, isRotated) => {
    const made = secret({ current: "old", createdAt: new Date(START_MS).toISOString() });
    const { run, world } = rotationOver(made);
    world.nowMs += ageMs;
    expect(await run(SCHEDULED)).toMatchObject({ isRotated });
  });

  test("a token that was written by hand is as old as the parameter", async () => {
    const { run, world } = rotationOver(secret("by hand"));
    expect(await run(SCHEDULED)).toMatchObject({
      isRotated: false,
      reason: "the token is 0 days old and changes at 30",
    });
    world.nowMs += 30 * DAY;
    expect(await run(SCHEDULED)).toMatchObject({ isRotated: true });
  });

  test("whatever runs crash, repeat or overlap, a token that was valid and promised still lets in", async () => {
    const orders = fc.array(fc.constantFrom<object>(SCHEDULED, OPERATOR), { minLength: 1, maxLength: 6 });
    const crashes = fc.array(fc.constantFrom("write", "mail", "nothing"), { minLength: 6, maxLength: 6 });
    const pauses = fc.array(fc.integer({ min: 0, max: 40 * DAY }), { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(orders, crashes, pauses, async (all, crashAt, pause) => {
        let at = 0;
        const { run, world, document } = rotationOver(secret("held"), {
          publish: () => (crashAt[at] === "mail" ? FAILING() : Promise.resolve()),
        });
        for (const order of all) {
          const before = document();
          const held = [before.current, ...(crashAt[at] === "write" ? [] : [before.previous ?? ""])];
          await Promise.allSettled([run(order), run(order)]);
          for (const token of held.filter((each) => letsIn(each, before, world.nowMs)))
            expect(letsIn(token, document(), world.nowMs)).toBe(true);
          world.nowMs += pause[at++] ?? 0;
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a mail that could not go out is sent by the next run, which does not rotate again", async () => {
    let isDown = true;
    const mails: OwnerMail[] = [];
    const { run, document } = rotationOver(secret("old"), {
      publish: (mail) => (isDown ? FAILING() : Promise.resolve(void mails.push(mail))),
    });
    expect(await run(OPERATOR)).toMatchObject({
      isRotated: true,
      mailFault: "the owner could not be notified: SNS is not reachable",
    });
    await expect(run(SCHEDULED)).rejects.toThrow("the owner could not be notified");
    isDown = false;
    expect(await run(SCHEDULED)).toMatchObject({ isRotated: false });
    await run(SCHEDULED);
    expect(mails).toHaveLength(1);
    expect(document().current).toBe("fresh-token-1");
  });

  test("a scheduled run that fails tells the owner and fails; the operator is told by the command", async () => {
    const stored: StoredToken = { type: "String", value: "plain", modifiedMs: 0, version: 1 };
    const { run, world } = rotationOver(stored);
    await expect(run(OPERATOR)).rejects.toThrow("cannot become a SecureString");
    expect(world.mails).toEqual([]);
    await expect(run(SCHEDULED)).rejects.toThrow("is a String");
    expect(world.mails[0]?.message).toContain(`aws ssm delete-parameter --region us-west-2 --name ${NAME}`);
    expect(world.mails[0]?.message).not.toContain("plain");
    expect(world.stored).toBe(stored);
  });

  test("a parameter that somebody removed is made again", async () => {
    const { run, document } = rotationOver(undefined);
    expect(await run(OPERATOR)).toMatchObject({ isRotated: true, reason: "there was no token" });
    expect(document().current).toBe("fresh-token-1");
  });

  test.each([[undefined], [{}], [{ order: "rotate", by: "me", grace: "kept" }], [{ order: "rotate" }]])(
    "%j is no order",
    async (event) => {
      await expect(rotationOver(secret("old")).run(event)).rejects.toThrow("the event is no order");
    },
  );
});

describe("CloudFormation's resource", () => {
  const request = (RequestType: string, more: object = {}): object => ({
    RequestType,
    ResponseURL: "https://answers.example/",
    StackId: "stack",
    RequestId: "request",
    LogicalResourceId: "Token",
    ...more,
  });

  const answered = async (over: ReturnType<typeof rotationOver>, event: object): Promise<unknown> => {
    await over.run(event);
    return JSON.parse(over.world.answers.at(-1) ?? "{}") as unknown;
  };

  test("a first deploy makes the token and answers without it", async () => {
    const over = rotationOver(undefined);
    expect(await answered(over, request("Create"))).toEqual({
      Status: "SUCCESS",
      Reason: "done",
      PhysicalResourceId: NAME,
      StackId: "stack",
      RequestId: "request",
      LogicalResourceId: "Token",
      Data: {},
    });
    expect(over.document()).toEqual({ current: "fresh-token-1", createdAt: "2026-11-23T17:00:00.000Z" });
    expect([...over.world.answers, ...over.logs].join()).not.toContain("fresh-token");
    expect(over.world.mails).toEqual([]);
  });

  test.each(["Create", "Update", "Delete"])("%s leaves a token alone that is there", async (type) => {
    const stored = secret("mine");
    const over = rotationOver(stored);
    expect(await answered(over, request(type))).toMatchObject({
      Status: "SUCCESS",
      PhysicalResourceId: NAME,
    });
    expect(over.world.stored).toBe(stored);
  });

  test("an update that names another parameter makes its token, and the old one's Delete keeps its id", async () => {
    const over = rotationOver(undefined);
    expect(await answered(over, request("Update", { PhysicalResourceId: "/old" }))).toMatchObject({
      Status: "SUCCESS",
      PhysicalResourceId: NAME,
    });
    expect(over.document().current).toBe("fresh-token-1");
    expect(await answered(over, request("Delete", { PhysicalResourceId: "/old" }))).toMatchObject({
      PhysicalResourceId: "/old",
    });
  });

  test.each([
    ["String", "plain", "cannot become a SecureString"],
    ["StringList", "a,b", "is a StringList"],
    ["SecureString", ' {"previous":"x"}', "holds no token"],
  ])("a %s of %j fails the deploy with what to do", async (type, value, reason) => {
    const over = rotationOver({ type, value, modifiedMs: 0, version: 1 });
    const answer = await answered(over, request("Create"));
    expect(answer).toMatchObject({ Status: "FAILED", PhysicalResourceId: NAME });
    expect(JSON.stringify(answer)).toContain(reason);
    expect(JSON.stringify(answer)).toContain("aws ssm delete-parameter");
  });

  test("a role that is not known everywhere yet is waited for; another refusal is not", async () => {
    let refusals = 3;
    const refusing = (name: string) => () =>
      refusals-- > 0
        ? Promise.reject(Object.assign(new Error("not authorized"), { name }))
        : Promise.resolve(secret("mine"));
    const ports = (name: string): Partial<RotationPorts> => ({
      parameter: { read: refusing(name), create: FAILING, replace: FAILING },
    });
    const young = rotationOver(undefined, ports("AccessDeniedException"));
    expect(await answered(young, request("Create"))).toMatchObject({ Status: "SUCCESS" });
    refusals = 1;
    const other = rotationOver(undefined, ports("InvalidKeyId"));
    expect(await answered(other, request("Create"))).toMatchObject({
      Status: "FAILED",
      Reason: "not authorized",
    });
  });

  test("an answer that is not taken is sent again, and at last the run fails", async () => {
    let sent = 0;
    const over = rotationOver(undefined, { sendResponse: () => (sent++, FAILING()) });
    await expect(over.run(request("Create"))).rejects.toThrow("SNS is not reachable");
    expect(sent).toBe(5);
  });
});
