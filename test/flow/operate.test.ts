import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  LambdaClient,
  ListVersionsByFunctionCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { breakerCommand } from "../../bin/commands/breaker.ts";
import { configCommand } from "../../bin/commands/config.ts";
import { rotateTokenCommand } from "../../bin/commands/token.ts";
import { tuneMemoryCommand } from "../../bin/commands/tune-memory.ts";
import { builtProduction } from "../support/built-assembly.ts";
import type { DictationAnswer } from "../support/dictation.ts";
import type { MemoryTerminal } from "../support/memory-terminal.ts";
import { OperatedStage } from "../support/operated-stage.ts";
import { localAws } from "../support/scripted-runtime.ts";
import { signInTo } from "../support/stage-behind-aws.ts";

const MINUTE = 60_000;
const CHOICE = "us.anthropic.claude-haiku-5-5";
const LIMIT_USD = 0.01;
const SPEND = "wrist-agent-production-spend-today";
const PREVIOUS_TOKEN = "wrist-agent-production-previous-token-in-use";
const REPLACED = "This token was replaced on 23 November 2026. Put the new one into the Shortcut.";

let directory: string;

beforeAll(async () => {
  directory = await builtProduction({
    dailySpendUsd: String(LIMIT_USD),
    requestsPerDay: "5",
    monitoringProfile: "full",
    modelChoices: CHOICE,
    // Hours of a clock with a question a minute would be most of the story's time.
    probeMinutes: "0",
  });
  await shortenGrace(join(directory, "cdk.out", "WristAgent-production.template.json"));
});

/** A grace time of an hour in place of three days: three days of minutes would make a long story. */
async function shortenGrace(file: string): Promise<void> {
  const text = await readFile(file, "utf8");
  const shortened = text.replace(/"TOKEN_GRACE_HOURS": ?"72"/, '"TOKEN_GRACE_HOURS": "1"');
  expect(shortened).not.toBe(text);
  await writeFile(file, shortened);
}

afterAll(() => rm(directory, { recursive: true }));

const start = (startMs: number): Promise<OperatedStage> => OperatedStage.start(directory, startMs);

/** A question with another token than that of now. */
const askWith = (stage: OperatedStage, token: string): Promise<DictationAnswer> =>
  stage.ask("water the fern", "note", token);

/** What a command says, wherever it says it. */
async function said(
  stage: OperatedStage,
  make: (terminal: MemoryTerminal) => Command,
  ...args: readonly string[]
): Promise<readonly string[]> {
  const { out, err } = await stage.operate(make, ...args);
  return [...out, ...err];
}

function alarmState({ system }: OperatedStage, alarmName: string): string | undefined {
  return system.alarms().find((alarm) => alarm.alarmName === alarmName)?.state;
}

function spentUsd({ system }: OperatedStage): number {
  const costs = system.requests(1_000).map(({ line }) => Number(line.CostUsd ?? 0));
  return costs.reduce((total, cost) => total + cost, 0);
}

/** Ten requests a minute until one is blocked; how many minutes and dollars beyond the limit that took. */
async function runAway(stage: OperatedStage, spentBeforeUsd: number) {
  let minutesBeyond = 0;
  for (let minute = 0; minute < 40; minute += 1) {
    for (let n = 0; n < 10; n += 1) {
      const answer = await stage.ask();
      if (answer.status === 429)
        return { minutesBeyond, beyondUsd: spentUsd(stage) - spentBeforeUsd - LIMIT_USD, answer };
    }
    if (spentUsd(stage) - spentBeforeUsd >= LIMIT_USD) minutesBeyond += 1;
    await stage.pass(1);
  }
  throw new Error("nothing blocked the runaway loop within 40 minutes");
}

describe("what an operator and the alarms change while the agent runs", () => {
  test("a runaway loop is blocked until midnight, on that day and on the next", async () => {
    const evening = Date.parse("2026-11-24T07:40:20Z");
    const stage = await start(evening);
    const first = await runAway(stage, 0);
    expect(first.answer.body).toEqual({
      error:
        "The day's limit for the model is reached. I answer again from Tuesday 00:00 (America/Los_Angeles).",
    });
    expect(Number(first.answer.headers.get("retry-after"))).toBeLessThanOrEqual(3_600);
    expect(first.minutesBeyond).toBeLessThanOrEqual(3);
    expect(first.beyondUsd).toBeLessThan(0.02);
    expect(alarmState(stage, SPEND)).toBe("ALARM");
    expect(stage.system.mails().filter(({ subject }) => subject.startsWith(`ALARM: "${SPEND}`))).toHaveLength(
      1,
    );
    expect(stage.system.requests(1)[0]?.line).toMatchObject({
      outcome: "blocked",
      SpendBreaker: 1,
      Failure: 0,
    });
    expect((await said(stage, breakerCommand))[0]).toMatch(/^production on this machine: .* is open, until /);

    while ((await stage.ask()).status === 429) await stage.pass(1);
    const midnight = stage.system.overview().nowMs - evening;
    expect(midnight).toBeLessThanOrEqual(21 * MINUTE);
    expect(midnight).toBeGreaterThan(19 * MINUTE);
    expect(alarmState(stage, SPEND)).toBe("ALARM");
    for (const key of ["failing-now", "failing-share", "lambda-errors", "refused-requests"])
      expect([key, alarmState(stage, `wrist-agent-production-${key}`)]).not.toContain("ALARM");

    const second = await runAway(stage, spentUsd(stage));
    expect(second.minutesBeyond).toBeLessThanOrEqual(8);
    expect(second.answer.body.error).toContain("Wednesday 00:00");

    await said(stage, breakerCommand, "close");
    await stage.pass(2);
    expect((await stage.ask()).status).toBe(200);
    await stage.pass(7);
    expect((await stage.ask()).status).toBe(200);
    await stage.stop();
  });

  test("a rotated token works within the minute, the old one for the grace time; model and timeout follow SSM", async () => {
    const stage = await start(Date.parse("2026-11-23T17:00:20Z"));
    const old = stage.system.token;
    expect((await askWith(stage, old)).status).toBe(200);
    const words = await said(stage, rotateTokenCommand);
    const fresh = stage.system.token;
    await stage.pass(1);
    expect(fresh).toMatch(/^[\w-]{43}$/);
    expect(fresh).not.toBe(old);
    expect(words[0]).toBe("production on this machine: the token has changed");
    expect((await said(stage, rotateTokenCommand))[0]).toMatch(
      /^error: the token stays: .* promised to work/,
    );
    expect([(await askWith(stage, fresh)).status, (await askWith(stage, old)).status]).toEqual([200, 200]);
    const mail = stage.system.mails().find(({ subject }) => subject.endsWith("the token has changed"));
    expect(mail).toMatchObject({
      to: "on-call@example.com",
      subject: "Wrist Agent production: the token has changed",
    });
    expect([mail?.body, ...words].join()).not.toMatch(new RegExp(`${old}|${fresh}`));

    await said(stage, configCommand, "set", "model-id", CHOICE);
    await said(stage, configCommand, "set", "timeout", "1");
    const inAws = ["--aws", "--stage", "production", "--region", "us-west-2"];
    signInTo(stage.system.addresses.awsEndpoint);
    expect(await said(stage, configCommand, "get", ...inAws)).toEqual([`model-id  ${CHOICE}`, "timeout   1"]);
    inAws[2] = "staging";
    expect(await said(stage, breakerCommand, "status", ...inAws)).toEqual([
      "error: staging in AWS has no function wrist-agent-staging-breaker: the monitoring stack of a stage with SPEND_BREAKER=true makes it",
    ]);
    await stage.pass(60);
    expect((await askWith(stage, old)).body).toEqual({ error: REPLACED });
    expect((await askWith(stage, fresh)).status).toBe(200);
    expect(stage.system.requests(1)[0]?.line).toMatchObject({ "gen_ai.request.model": CHOICE });

    expect((await said(stage, rotateTokenCommand, "--revoke-previous", "--show")).at(-1)).toBe(
      stage.system.token,
    );
    await stage.pass(6);
    expect((await stage.ask()).status).toBe(200);
    expect(await askWith(stage, fresh)).toMatchObject({ status: 401, body: { error: "Unauthorized" } });
    await stage.stop();
  });

  test("a Shortcut that slept through the grace time is told on the watch, and its owner by mail within the hour", async () => {
    const stage = await start(Date.parse("2026-11-23T17:00:20Z"));
    const old = stage.system.token;
    expect((await askWith(stage, old)).status).toBe(200);
    await said(stage, rotateTokenCommand);
    await stage.pass(70);
    expect((await stage.ask()).status).toBe(200);
    expect(alarmState(stage, PREVIOUS_TOKEN)).toBe("OK");

    expect(await askWith(stage, old)).toMatchObject({ status: 401, body: { error: REPLACED } });
    expect(stage.system.requests(1)[0]?.line).toMatchObject({
      outcome: "unauthorized",
      reason: "token_expired",
      tokenAge: "expired",
      Rejected: 1,
      Failure: 0,
      PreviousToken: 1,
    });
    await stage.pass(52);
    expect(alarmState(stage, PREVIOUS_TOKEN)).toBe("ALARM");
    const mails = stage.system
      .mails()
      .filter(({ subject }) => subject.startsWith(`ALARM: "${PREVIOUS_TOKEN}`));
    expect(mails).toHaveLength(1);
    expect(mails[0]?.body.replaceAll(/\s+/g, " ")).toContain(
      "First: Put the current token into that Shortcut",
    );
    expect(alarmState(stage, "wrist-agent-production-refused-requests")).toBe("OK");
    await stage.stop();
  });

  test("memory is measured in versions of their own, and nothing of it is left", async () => {
    const stage = await start(Date.parse("2026-11-23T17:00:20Z"));
    await stage.ask();
    const client = new LambdaClient(localAws(stage.system));
    const FunctionName = "wrist-agent-production";
    const configuration = async () => {
      const { Versions = [] } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
      return Versions.map(({ Version, MemorySize, Description }) => ({ Version, MemorySize, Description }));
    };
    const before = await configuration();
    const few = ["--cold", "2", "--warm", "1"];
    const [json = "{}"] = await said(stage, tuneMemoryCommand, "--sizes", "128,512", ...few, "--json");
    expect(JSON.parse(json)).toMatchObject({
      function: FunctionName,
      stage: "production",
      isLocal: true,
      sizes: [
        { memoryMb: 128, isCurrent: false, unanswered: 0, memoryUsedMb: expect.any(Number) as number },
        { memoryMb: 512, isCurrent: false, unanswered: 0, waitMs: expect.any(Number) as number },
      ],
    });
    expect(await configuration()).toEqual(before);
    expect(await said(stage, tuneMemoryCommand, "--clean")).toEqual([
      "production on this machine: nothing was left to put back",
    ]);
    await client.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName,
        MemorySize: 3008,
        Description: "as it was [tune-memory: was 256 MB]",
      }),
    );
    expect(await said(stage, tuneMemoryCommand, "--clean")).toEqual([
      "production on this machine: $LATEST has its 256 MB again",
    ]);

    signInTo(stage.system.addresses.awsEndpoint);
    const inAws = ["--aws", "--region", "us-west-2", "--stage"];
    expect(await said(stage, tuneMemoryCommand, ...inAws, "production")).toEqual([
      "error: this is not a terminal, so it cannot ask: pass --yes for 65 questions, at most 0.19 USD",
    ]);
    expect(await said(stage, tuneMemoryCommand, ...inAws, "staging")).toEqual([
      "error: staging in AWS has no function wrist-agent-staging, or not that version: deploy the application stack first, or name its --stage and --region",
    ]);
    const told = await said(
      stage,
      tuneMemoryCommand,
      ...inAws,
      "production",
      "--sizes",
      "256",
      ...few,
      "--yes",
    );
    expect(told.at(-2)).toMatch(/^256 MB: the smallest size that is within 100 ms of the fastest/);
    await stage.pass(2);
    const people = stage.system
      .requests(100)
      .filter(({ line }) => line.verification === undefined && line.probe === undefined);
    expect(people).toHaveLength(1);
    client.destroy();
    await stage.stop();
  });
});
